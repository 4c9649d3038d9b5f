import { PURCHASE_UNDER_WAY } from '../errors/catalogue/delivery.js'
import { fail } from '../errors/fail.js'
import { isX402Error, withResponse, type X402Error } from '../errors/x402-error.js'
import { createAbortError } from '../payment/abort.js'
import { type Call, showCall } from '../payment/call.js'
import { isPromise } from '../payment/digest.js'
import type { Exchange, InFlight, PayableRequest } from '../payment/exchange.js'
import { isRepeat } from '../payment/job/repeats.js'
import { readForOwner } from '../payment/limits.js'
import { loadPart } from '../payment/part.js'
import { moneyOf, type Payment } from '../payment/payment.js'
import type { HookRunner, Ports } from '../payment/ports.js'
import type { Challenge, Signed } from '../payment/steps.js'
import type { Envelope } from '../wire/challenge.js'
import type { JsonObject } from '../wire/json.js'
import { isInTheWay } from './authorize.js'
import { endClaim } from './earlier/claimed.js'
import { loadDrainedError } from './flight/drained.js'
import { joinOrStart } from './flight/joined-call.js'
import { releaseUnsent } from './note.js'
import { present } from './present.js'
import { hasSchema, type ReadChallenge, read } from './read.js'
import { type ReservedOffer, reserveOffer, signOrRelease } from './reserve/reserved-offer.js'
import { resume } from './resume.js'
import { assertExchange, assertSecure } from './trust.js'

/** What a call has come to. */
export type Progress = {
  /** The 402 at hand. Until a payment is presented it is the response to the call, so every error carries it; a prepaid call has none. */
  answered: Pick<Exchange<object>, 'native' | 'whole' | 'drain' | 'letGo'> | undefined
  /** A payment was presented: only from then on others wait for what comes. */
  hasLeft: boolean
  /** The entry of `accepts` that it pays. */
  entry?: JsonObject | undefined
  /** The 402 that a payment was answered with last, and that payment. */
  rejected?: Rejection | undefined
}

/** A payment that was answered with a 402. */
export type Rejection = {
  readonly asked: Envelope
  readonly payment: Payment
  /** The seller says that it may still take the payment, or has. */
  readonly isPending: boolean
}

/**
 * Pays one 402, in this order: read it; look for a payment that waits to be presented again; otherwise select an offer, check the
 * limits, reserve and sign; then present the payment and judge the response.
 *
 * @param exchange - The request and its 402.
 * @param ports - The client's own.
 * @param tell - Told of the 402 once it was read, and shown how the call goes.
 * @returns The seller's response, with its payment attached; a 402 that isn't x402 comes back untouched.
 * @throws The error of the step that refused; its `money` says where the money is.
 */
export async function pay<Native extends object>(
  exchange: Exchange<Native>,
  ports: Ports,
  tell?: (challenged: ReadChallenge, progress: Progress) => void,
): Promise<Native> {
  assertExchange(exchange)
  const progress: Progress = { answered: exchange, hasLeft: false }
  try {
    // Nothing else of the client: whoever has a restricted one could make an exchange of its own.
    const reading = exchange.read({ trust: ports.trust, warn: ports.warn })
    const asked = isPromise(reading) ? await reading : reading
    if ('free' in asked) return asked.free
    progress.answered = asked.exchange
    const challenged = read(asked.exchange, asked, ports)
    tell?.(challenged, progress)
    return await payOnce(challenged, asked.exchange, ports, progress)
  } catch (error) {
    throw tellRefused(error, progress, ports)
  }
}

/** Adds the 402 to the error of a call that ends without a response, and tells the listeners. */
export function tellRefused(error: unknown, { answered }: Progress, { emit }: Pick<Ports, 'emit'>): unknown {
  if (answered !== undefined) withResponse(error, answered.whole?.() ?? answered.native)
  if (isX402Error(error)) emit('refused', () => toRefused(error))
  return error
}

/**
 * Pays what a call costs, as it was read or recalled, unless an equal call in flight does.
 *
 * @param payNow - Pays it if no one else does.
 * @throws As {@link pay}; `progress` says whether a payment has left.
 */
export async function payOnce<Native extends object>(
  challenged: ReadChallenge,
  request: PayableRequest<Native>,
  ports: Ports,
  progress: Progress,
  payNow = payChallenge<Native>,
): Promise<Native> {
  const { call } = challenged
  if (ports.underWay.isDraining && !isRepeat(request.options)) throw await loadDrainedError(call)
  ports.underWay.count(1)
  try {
    assertSecure(call, ports)
    // Before anything is joined: the name of a request whose body can't be read twice doesn't cover the body.
    request.assertRepeatable(showCall(call))
    const inFlight = toInFlight(call, ports)
    if (inFlight !== 'separate') {
      const start = (reading: ReadChallenge) => payNow(reading, request, ports, progress)
      return await joinOrStart({ challenged, inFlight, request, start, progress }, ports)
    }
    const naming = call.names()
    const leave = ports.flights.enter((isPromise(naming) ? await naming : naming).purchase)
    try {
      return await payNow(challenged, request, ports, progress)
    } finally {
      leave()
    }
  } finally {
    ports.underWay.count(-1)
  }
}

/** What becomes of a call while an equal one is in flight. A tool that is asked again when a timer fires would buy twice, so restricted clients join. */
export function toInFlight(
  { inFlight }: Pick<Call, 'inFlight'>,
  ports: Pick<Ports, 'inFlight' | 'isRestricted'>,
): InFlight {
  return inFlight ?? ports.inFlight ?? (ports.isRestricted ? 'join' : 'separate')
}

/** How many times a call looks for an open payment, since one may become open between two of its steps. */
const MAX_TURNS = 3

/** Pays what a call costs: with an open payment of the same purchase, else with a new one. */
export async function payChallenge<Native extends object>(
  reading: ReadChallenge,
  request: PayableRequest<Native>,
  ports: Ports,
  progress: Progress,
): Promise<Native> {
  const { call, challenge } = reading
  let wasAsked = false
  let before: Payment | undefined
  for (let turns = 1; turns <= MAX_TURNS; turns++) {
    const resumed = await resume(call, challenge, ports, before)
    if (resumed.signed !== undefined) {
      const hooks = await loadHooksFor(resumed.signed, ports)
      await assertWanted(resumed.signed, ports)
      return presentNow(resumed.signed, request, ports, progress, hooks)
    }
    if (challenge === undefined) throw reading.fault
    const own = wasAsked ? undefined : ports.loadHooks()
    const free = own && (await askHooks(challenge, request, await own))
    if (free !== undefined) {
      progress.answered?.letGo()
      progress.answered = undefined
      return free.native
    }
    wasAsked = true
    if (hasSchema(challenge)) {
      const { assertFits } = await loadPart(import('./seller-schema/misfit.js'))
      await assertFits(challenge, request, ports)
    }
    const reserved = await reserveOffer(challenge, resumed, ports)
    if (!isInTheWay(reserved)) {
      const signed = await signAndDrain(reserved, request, ports, progress)
      return presentNow(signed, request, ports, progress, reserved.hooks)
    }
    before = reserved.inTheWay
  }
  throw fail(PURCHASE_UNDER_WAY, { money: 'in-doubt', facts: { resource: call.resource } })
}

/** A seller may recognize the caller by the headers of a hook, and ask for nothing. */
async function askHooks<Native>(
  challenge: Challenge,
  request: PayableRequest<Native>,
  hooks: HookRunner,
): Promise<{ readonly native: Native } | undefined> {
  const headers = await hooks.askHeaders(challenge)
  const asked = headers && (await request.askAgain(showCall(challenge.call), headers))
  return asked && { native: asked.free }
}

/** Loads what shows the response to hooks. If that fails, others may present the payment. */
async function loadHooksFor({ payment }: Signed, ports: Ports): Promise<HookRunner | undefined> {
  const { terms, payer } = payment
  const { scheme, network } = terms
  const registration = ports.schemes.find({ scheme, network, x402Version: 2, spoken: undefined, payer })
  try {
    return await ports.loadHooks(registration?.scheme)
  } catch (error) {
    await endClaim(payment, ports)
    throw error
  }
}

/**
 * Asserts that an earlier payment is still wanted. A call that was aborted in the meantime sends nothing, and the payment stays as it is.
 *
 * @throws {@link SigningError} `ABORTED`; others may present it.
 */
async function assertWanted({ call, payment }: Signed, ports: Ports): Promise<void> {
  if (!call.signal?.aborted) return
  await endClaim(payment, ports)
  throw createAbortError(call, moneyOf(payment))
}

/** Presents what was signed: from here on the call has no 402 of its own. */
export function presentNow<Native extends object>(
  signed: Signed,
  request: PayableRequest<Native>,
  ports: Ports,
  progress: Progress,
  hooks: HookRunner | undefined,
): Promise<Native> {
  letGo(progress.answered)
  progress.answered = undefined
  progress.hasLeft = true
  progress.entry = signed.presentation.entry
  return present(signed, { request, hooks, ports, isResumed: signed.signature === undefined, progress })
}

/** Discards the 402. Where that fails its connection stays, which is no reason to leave a signed payment where it is. */
function letGo(answered: Progress['answered']): void {
  try {
    answered?.letGo()
  } catch {
    return
  }
}

/** The limits come first and the 402's body is read only while the payment is signed: a refused 402 stays readable. */
export async function signAndDrain(
  { authorized, hooks }: ReservedOffer,
  request: PayableRequest,
  ports: Ports,
  { answered }: Progress,
): Promise<Signed> {
  const signing = signOrRelease(authorized, hooks, ports)
  // What was signed isn't told: it leads to the limits.
  const drained = answered && drain(answered, signing.then(tellNothing, tellNothing))
  let signed: Signed
  try {
    signed = await signing
  } finally {
    await drained
  }
  const end = signed.call.signal?.aborted ? createAbortError(signed.call, 'released') : request.findMove?.(signed.call)
  if (end === undefined) return signed
  await releaseUnsent(signed, ports)
  throw end
}

/** A failure to read the 402's body doesn't matter: it is read only to free the connection. */
function drain(answered: Pick<Exchange, 'drain'>, signing: Promise<void>): Promise<void> | undefined {
  try {
    return answered.drain(signing).catch(tellNothing)
  } catch {
    return undefined
  }
}

const tellNothing = (): void => undefined

function toRefused(error: X402Error) {
  const { code, money, shortMessage, facts } = error
  return {
    code,
    money,
    because: readForOwner(error) ?? shortMessage,
    resource: facts['resource'],
    payment: facts['payment'],
  }
}
