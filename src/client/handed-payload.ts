import { bytesToHex } from '@noble/hashes/utils.js'
import { assertOptions } from '../errors/options.js'
import { assertSecure } from '../flow/assert-trusted.js'
import { type Earlier, OPEN } from '../flow/authorize.js'
import { createCall } from '../flow/create-call.js'
import { createUnderWayError } from '../flow/create-under-way-error.js'
import { recordAsSent } from '../flow/deliver.js'
import { noteOutcome, toSentState } from '../flow/note-outcome.js'
import { approve, signOrRelease } from '../flow/pay.js'
import type { CallOptions, Ports } from '../flow/ports.js'
import { readPaymentRequired } from '../flow/read-challenge.js'
import { resume } from '../flow/resume.js'
import type { Call, Challenge, Signed } from '../flow/steps.js'
import type { PaymentRequired } from '../wire/challenge.js'
import type { PaymentPayload } from '../wire/payload.js'

/** How `createPaymentPayload` is told what it pays for. */
export type CreatePaymentPayloadOptions = Pick<CallOptions, 'purchase' | 'tags' | 'max' | 'approve'> & {
  /**
   * The address that asked. Without it the host is unknown, no matter what the seller says in `resource.url`: the payment is refused
   * (`HOST_UNKNOWN`) by a restricted client and where `hosts`, `perHost` or `pinPayTo` are set, and listed without a host elsewhere.
   *
   * @default unknown
   */
  url?: string | undefined
  /** The method of the request that got the 402. @default 'GET' */
  method?: string | undefined
  /** Ends the wait for the signer, not what it signs. @default none */
  signal?: AbortSignal | undefined
}

/**
 * Signs a payment for a 402 that the caller read, and hands it out: from then on it counts as sent. Where a payment of the
 * same purchase is open, that one is handed out again.
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
    purchases: ports.purchases,
    // What nobody named, neither by an address nor by a key, is a purchase of its own; under a key it is what the seller calls it.
    ...(url === undefined && {
      digestBody: async () =>
        options.purchase === undefined ? bytesToHex(ports.random(16)) : String(required?.resource?.url),
    }),
  })
  assertSecure(call, ports)
  const challenge = readPaymentRequired(required, call)
  const resumed = await resume(call, challenge, ports)
  const signed = resumed.signed ?? (await approveAndSign(call, challenge, resumed, ports))
  await recordAsSent(signed, ports)
  // Nobody tells what became of it; under a key it may be asked for again, and is the same payment then.
  if (call.key !== undefined) await noteOutcome(signed, toSentState(signed), { delivery: 'lost' }, ports)
  return structuredClone(signed.presentation.payload)
}

/** What became open between two steps is another call's. */
async function approveAndSign(call: Call, challenge: Challenge, earlier: Earlier, ports: Ports): Promise<Signed> {
  const authorized = await approve(challenge, earlier, ports)
  if (authorized === OPEN) throw createUnderWayError(call, { money: 'in-doubt' })
  return signOrRelease(authorized, ports)
}
