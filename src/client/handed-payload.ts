import { bytesToHex } from '@noble/hashes/utils.js'
import { PURCHASE_UNDER_WAY } from '../errors/catalogue/delivery.js'
import { fail } from '../errors/fail.js'
import { assertOptions } from '../errors/options.js'
import { type Earlier, OPEN } from '../flow/authorize.js'
import { noteOutcome } from '../flow/note.js'
import { reserveOffer, signOrRelease } from '../flow/pay.js'
import { noteSent } from '../flow/present.js'
import { readPaymentRequired } from '../flow/read.js'
import { resume } from '../flow/resume.js'
import { assertSecure } from '../flow/trust.js'
import { type Call, createCall } from '../payment/call.js'
import type { CallOptions } from '../payment/exchange.js'
import type { Ports } from '../payment/ports.js'
import type { Challenge, Signed } from '../payment/steps.js'
import type { PaymentRequired } from '../wire/challenge.js'
import { copyJson } from '../wire/json.js'
import type { PaymentPayload } from '../wire/payload.js'

/** How `createPaymentPayload` is told what it pays for. */
export type CreatePaymentPayloadOptions = Pick<CallOptions, 'purchase' | 'tags' | 'max' | 'approve'> & {
  /**
   * The address that asked. Without it the host is unknown, no matter what the seller says in `resource.url`: the payment is refused
   * (`HOST_UNKNOWN`) by a restricted client and where `hosts`, `perHost`, `perResource` or `pinPayTo` are set, and listed without a host elsewhere.
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
    method: method.toUpperCase(), // as doors write it, so that a payment which they lost is found
    url,
    signal,
    options,
    limits: ports.limitsFor(options),
    purchases: ports.purchases,
    // What nobody named, neither by an address nor by a key, is a purchase of its own; under a key it is what the seller calls it.
    ...(url === undefined && {
      digestBody: () =>
        options.purchase === undefined ? bytesToHex(ports.random(16)) : String(required?.resource?.url),
    }),
  })
  assertSecure(call, ports)
  const challenge = readPaymentRequired(required, call)
  const resumed = await resume(call, challenge, ports)
  const signed = resumed.signed ?? (await approveAndSign(call, challenge, resumed, ports))
  const { payment, presentation } = await noteSent(signed, ports)
  // What became of it may never be told; under a key it may be asked for again, and is the same payment then.
  if (call.key !== undefined) await noteOutcome(payment, { type: 'lost' }, ports)
  return copyJson(presentation.payload)
}

/** What became open between two steps is another call's. */
async function approveAndSign(call: Call, challenge: Challenge, earlier: Earlier, ports: Ports): Promise<Signed> {
  const reserved = await reserveOffer(challenge, earlier, ports)
  if (reserved === OPEN) throw fail(PURCHASE_UNDER_WAY, { money: 'in-doubt', facts: { resource: call.resource } })
  return signOrRelease(reserved.authorized, reserved.hooks, ports)
}
