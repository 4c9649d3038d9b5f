import { bytesToHex } from '@noble/hashes/utils.js'
import { URL_WITHOUT_ORIGIN } from '../../errors/catalogue/challenge.js'
import { PURCHASE_UNDER_WAY } from '../../errors/catalogue/delivery.js'
import { fail } from '../../errors/fail.js'
import { assertOptions } from '../../errors/options.js'
import type { MoneyState } from '../../errors/x402-error.js'
import { type Earlier, isInTheWay } from '../../flow/authorize.js'
import { loadDrainedError } from '../../flow/flight/drained.js'
import { noteOutcome } from '../../flow/note.js'
import { toInFlight } from '../../flow/pay.js'
import { noteSent } from '../../flow/present.js'
import { readPaymentRequired } from '../../flow/read.js'
import { reserveOffer, signOrRelease } from '../../flow/reserve/reserved-offer.js'
import { resume } from '../../flow/resume.js'
import { assertSecure } from '../../flow/trust.js'
import { abortable, createAbortError } from '../../payment/abort.js'
import { type Call, createCall } from '../../payment/call.js'
import type { CallOptions } from '../../payment/exchange.js'
import type { KeyedCall } from '../../payment/flight/flight.js'
import type { Ledger } from '../../payment/ledger.js'
import { loadPart } from '../../payment/part.js'
import type { Payment } from '../../payment/payment.js'
import type { Ports } from '../../payment/ports.js'
import type { Challenge, Signed } from '../../payment/steps.js'
import type { Terms } from '../../payment/terms.js'
import type { PaymentRequired } from '../../wire/challenge.js'
import { isSameJson } from '../../wire/json.js'

/** How `createPaymentPayload` is told what it pays for. */
export type CreatePaymentPayloadOptions = Pick<CallOptions, 'purchase' | 'tags' | 'max' | 'approve' | 'proposal'> & {
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

const HAND_OUT_OPTIONS = ['url', 'method', 'signal', 'purchase', 'tags', 'max', 'approve', 'proposal']

/**
 * Signs a payment for a 402 that the caller read, and hands it out: from then on it counts as sent. Where a payment of the
 * same purchase is open, that one is handed out again.
 *
 * @param begun - The call since it began, under a key.
 * @param where - What the caller called, as errors name it.
 * @throws The error of the step that refused; its `money` tells where the money is.
 */
export async function handOutPayment(
  required: PaymentRequired,
  { url, method = 'GET', signal, ...options }: CreatePaymentPayloadOptions,
  ports: Ports,
  begun: KeyedCall | undefined,
  where: string,
): Promise<Signed> {
  assertOptions(options, where, HAND_OUT_OPTIONS)
  const call = createCall({
    method: String(method).toUpperCase(), // as doors write it, so that a payment which they lost is found
    url,
    signal,
    options,
    limits: ports.limitsFor(options),
    purchases: ports.purchases,
    // What no one named, neither by an address nor by a key, is a purchase of its own; under a key it is what the seller calls it.
    ...(url === undefined && {
      digestBody: () =>
        options.purchase === undefined ? bytesToHex(ports.random(16)) : String(required?.resource?.url),
    }),
  })
  if (ports.underWay.isDraining) throw await loadDrainedError(call)
  ports.underWay.count(1)
  try {
    return await handOutCall(call, required, ports, begun)
  } finally {
    ports.underWay.count(-1)
  }
}

async function handOutCall(
  call: Call,
  required: PaymentRequired,
  ports: Ports,
  begun: KeyedCall | undefined,
): Promise<Signed> {
  // Two hosts would have one name, and no spelling of either would be settled.
  if (call.url?.origin === 'null') throw fail(URL_WITHOUT_ORIGIN)
  assertSecure(call, ports)
  const challenge = readPaymentRequired(required, call)
  const isShared = call.key === undefined && call.url !== undefined && toInFlight(call, ports) !== 'separate'
  return letGo(await (isShared ? share(call, challenge, ports) : handOut(call, challenge, ports, begun)), ports)
}

/** What was handed out without a key in this process, and of which its sender said nothing yet, by ledger. */
const untold = new WeakMap<Ledger, Set<string>>()

/** How many are remembered; then the oldest isn't, and is in flight as long as this process lives. */
const MAX_UNTOLD = 10_000

/**
 * Lets go of a payment that was just handed out: what became of it may never be told. Under a key it may be asked for again at once, and is the
 * same payment then.
 *
 * @returns The payment, as it was when it left.
 */
export async function letGo(signed: Signed, ports: Ports): Promise<Signed> {
  const { payment } = signed
  noteHandedOut(payment, ports)
  if (payment.call.isKeyed) {
    await noteOutcome(payment, { type: 'lost' }, ports)
    return signed
  }
  const ids = untold.get(ports.ledger) ?? new Set<string>()
  untold.set(ports.ledger, ids.add(payment.id))
  const [oldest] = ids
  if (ids.size > MAX_UNTOLD && oldest !== undefined) ids.delete(oldest)
  return signed
}

/** Most payments that are remembered as handed out, for a drain: some senders never tell what came of theirs. */
const MAX_HANDED_OUT = 10_000

/** Whoever sends it says what came of it: a client that is drained waits for that. */
function noteHandedOut(payment: Payment, { underWay }: Ports): void {
  const { payments, handedOut } = underWay
  payments.delete(payment.id)
  handedOut.set(payment.id, { payment, by: underWay })
  const [oldest] = handedOut.keys()
  if (handedOut.size > MAX_HANDED_OUT && oldest !== undefined) handedOut.delete(oldest)
}

/** Notes that something was told of a payment that may have been handed out. */
export function noteTold(id: string, { underWay }: Ports): void {
  if (underWay.handedOut.delete(id)) underWay.count(0)
}

/**
 * Notes that the sender of a payment says what became of it.
 *
 * @returns Whether it was handed out here and nothing was told of it before.
 */
export function isFirstTold({ id }: Payment, { ledger }: Ports): boolean {
  return untold.get(ledger)?.delete(id) === true
}

async function handOut(call: Call, challenge: Challenge, ports: Ports, begun?: KeyedCall): Promise<Signed> {
  const resumed = await resume(call, challenge, ports)
  if (begun !== undefined && resumed.signed === undefined) {
    const { purchase } = await call.names()
    const money = ports.flights.boughtSince(begun, purchase)
    if (money !== undefined) throw createUnderWay(call, money)
  }
  return noteSent(resumed.signed ?? (await approveAndSign(call, challenge, resumed, ports)), ports)
}

/** What is being handed out without a key, by client and by purchase. */
const underWay = new WeakMap<Ports, Map<string, Promise<Signed>>>()

/**
 * Hands out one payment to a tool that is asked again while it is made. The limits of each call are asked, and what another 402 asks for isn't
 * paid with it.
 */
async function share(call: Call, challenge: Challenge, ports: Ports): Promise<Signed> {
  const { purchase } = await call.names()
  const all = underWay.get(ports) ?? new Map<string, Promise<Signed>>()
  underWay.set(ports, all)
  for (let making = all.get(purchase); making !== undefined; making = all.get(purchase)) {
    if (toInFlight(call, ports) === 'refuse') throw createUnderWay(call)
    const { assertJoinable } = await loadPart(import('../../flow/flight/joined-limits.js'))
    const agreed = await assertJoinable({ call, challenge }, ports)
    const signed = await abortable(making, call.signal).catch(() => undefined)
    if (call.signal?.aborted) throw createAbortError(call, 'untouched')
    if (signed === undefined) continue
    if (agreed === undefined || !isSameJson(toWords(agreed), toWords(signed.payment.terms))) throw createUnderWay(call)
    return signed
  }
  const making = handOut(call, challenge, ports)
  all.set(purchase, making)
  try {
    return await making
  } finally {
    all.delete(purchase)
  }
}

function toWords({ scheme, network, asset, payTo, amount }: Terms): readonly string[] {
  return [scheme, network, asset, payTo, String(amount)]
}

function createUnderWay({ resource }: Call, money: MoneyState = 'in-doubt'): Error {
  return fail(PURCHASE_UNDER_WAY, { money, facts: { resource } })
}

/** What became open between two steps is another call's. */
async function approveAndSign(call: Call, challenge: Challenge, earlier: Earlier, ports: Ports): Promise<Signed> {
  const reserved = await reserveOffer(challenge, earlier, ports)
  if (isInTheWay(reserved)) throw createUnderWay(call)
  return signOrRelease(reserved.authorized, reserved.hooks, ports)
}
