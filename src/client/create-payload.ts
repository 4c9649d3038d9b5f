import { bytesToHex } from '@noble/hashes/utils.js'
import { assertOptions } from '../assert-options.js'
import { assertSecure } from '../flow/assert-trusted.js'
import { createCall } from '../flow/create-call.js'
import { recordAsSent } from '../flow/deliver.js'
import { noteOutcome, toSentState } from '../flow/note-outcome.js'
import { approve, signOrRelease } from '../flow/pay.js'
import type { CallOptions, Ports } from '../flow/ports.js'
import { readPaymentRequired } from '../flow/read-challenge.js'
import { resume } from '../flow/resume.js'
import type { PaymentRequired } from '../protocol/challenge.js'
import type { PaymentPayload } from '../protocol/payload.js'

/** How `createPaymentPayload` is told what it pays for. */
export type CreatePaymentPayloadOptions = Pick<CallOptions, 'purchase' | 'tags' | 'max' | 'approve'> & {
  /**
   * The address that asked. Without it the host is unknown, whatever the seller says in `resource.url`: the payment is refused
   * (`HOST_UNKNOWN`) by a restricted client and where `hosts`, `perHost` or `pinPayee` are set, and listed without a host elsewhere.
   *
   * @default unknown
   */
  url?: string | undefined
  /** The method of the request that was answered with the 402. @default 'GET' */
  method?: string | undefined
  /** Ends the wait for the signer, not what it signs. @default none */
  signal?: AbortSignal | undefined
}

/**
 * Signs a payment for a 402 that the caller read, and hands it out: from then on it counts as sent. Under a key that was used before,
 * the same payment is handed out again.
 *
 * @throws The error of the step that refused; its `money` tells where the money is.
 */
export async function createPayload(
  required: PaymentRequired,
  { url, method = 'GET', signal, ...options }: CreatePaymentPayloadOptions,
  ports: Ports,
): Promise<PaymentPayload> {
  assertOptions(options, 'createPaymentPayload', ['url', 'method', 'signal', 'purchase', 'tags', 'max', 'approve'])
  const call = createCall({
    method,
    url,
    signal,
    options,
    limits: ports.limitsFor(options),
    // What nobody named, neither by an address nor by a key, is a purchase of its own.
    ...(url === undefined && { digestBody: async () => bytesToHex(ports.random(16)) }),
  })
  assertSecure(call, ports)
  const challenge = readPaymentRequired(required, call)
  const waiting = call.key !== undefined ? await resume(call, challenge, ports) : undefined
  const signed = waiting ?? (await signOrRelease(await approve(challenge, ports), ports))
  await recordAsSent(signed, ports)
  // Nobody tells what became of it; under a key it may be asked for again, and is the same payment then.
  if (call.key !== undefined) await noteOutcome(signed, toSentState(signed), { delivery: 'lost' }, ports)
  return structuredClone(signed.presentation.payload)
}
