import { isX402Error, withResponse, type X402Error } from '../errors/x402-error.js'
import { announceCreated, announceSelected } from '../hooks/run.js'
import { payerOf } from '../payment/scheme.js'
import { abortable } from './abortable.js'
import { askAfresh, isAged } from './ask-afresh.js'
import { askAgain } from './ask-again.js'
import { assertReplayable } from './assert-replayable.js'
import { assertOwnResource, assertSecure } from './assert-trusted.js'
import { authorize, type Earlier, OPEN } from './authorize.js'
import { createAbortError } from './create-abort-error.js'
import { createKeyReusedError, createUnderWayError } from './create-under-way-error.js'
import { toPaidTerms } from './payment.js'
import type { Exchange, Joined, Ports } from './ports.js'
import { present } from './present.js'
import { type Reading, readChallenge } from './read-challenge.js'
import { releaseUnsent } from './release-unsent.js'
import { resume } from './resume.js'
import { select } from './select.js'
import { sign } from './sign.js'
import type { Authorized, Call, Challenge, Selected, Signed } from './steps.js'

/**
 * Pays one 402, in this order: read it; look for a payment that waits to be presented again; else select an offer, check the
 * limits and reserve, sign; then present it and read the receipt.
 *
 * @returns The seller's answer with its payment beside it; a 402 that isn't x402 comes back untouched.
 * @throws The error of the step that refused; its `money` tells where the money is.
 */
export async function pay<Native extends object>(exchange: Exchange<Native>, ports: Ports): Promise<Native> {
  try {
    const reading = await showChallenge(exchange, () => readChallenge(exchange, ports))
    if (reading === undefined) return exchange.answer.native
    if (!isAged(exchange)) return await payChallenge(reading, exchange, ports)
    const afresh = await showChallenge(exchange, () => askAfresh(exchange, reading.call))
    const fresh =
      afresh.answer.status === 402 ? await showChallenge(afresh, () => readChallenge(afresh, ports)) : undefined
    return fresh === undefined ? afresh.answer.native : await payChallenge(fresh, afresh, ports)
  } catch (error) {
    if (isX402Error(error)) announceRefused(error, ports)
    throw error
  }
}

async function payChallenge<Native extends object>(
  reading: Reading,
  exchange: Exchange<Native>,
  ports: Ports,
): Promise<Native> {
  // Before anything is joined: the name of a request whose body can't be read twice says nothing of the body.
  await showChallenge(exchange, async () => {
    assertSecure(reading.call, ports)
    assertReplayable(exchange, reading.call)
  })
  return joinOrStart(reading.call, exchange, ports, () => payReading(reading, exchange, ports))
}

/** One key of the caller's is one purchase, also while it is under way. */
async function joinOrStart<Native extends object>(
  call: Call,
  exchange: Exchange<Native>,
  { flights }: Ports,
  start: () => Promise<Native>,
): Promise<Native> {
  if (call.key === undefined) return start()
  const { exact: purchase, coarse: request } = await call.names()
  const flight = { purchase, request, key: call.key, exchange }
  while (true) {
    const joined = flights.join(flight)
    if (joined === undefined) return flights.run(flight, start)
    if (!('answer' in joined)) throw withResponse(createRefusedJoin(joined, call), exchange.answer.native)
    exchange.discard(exchange.answer.native)
    try {
      return (await abortable(joined.answer, call.signal)) as Native // only answers of the same door are joined
    } catch (error) {
      if (call.signal?.aborted) throw createAbortError(call, 'untouched')
      // The other gave up; what it paid for waits to be presented by whoever still wants it.
      if (!isX402Error(error) || error.code !== 'ABORTED') throw error
    }
  }
}

function createRefusedJoin(joined: Exclude<Joined, { answer: unknown }>, call: Call): X402Error {
  return 'money' in joined ? createUnderWayError(call, joined) : createKeyReusedError(call, undefined)
}

/** A payment to present, or an answer that costs nothing after all. */
type Obtained<Native> = { readonly signed: Signed; readonly isResumed: boolean } | { readonly free: Native }

async function payReading<Native extends object>(
  reading: Reading,
  exchange: Exchange<Native>,
  ports: Ports,
): Promise<Native> {
  const obtained = await showChallenge(exchange, () => obtain(reading, exchange, ports))
  // Nobody reads the 402 any more, and unread it would hold its connection.
  exchange.discard(exchange.answer.native)
  if ('free' in obtained) return obtained.free
  return present(obtained.signed, exchange, ports, obtained.isResumed)
}

/** Until something is presented, the 402 is the answer to the call: it is shown with whatever is thrown. */
async function showChallenge<Native, T>(exchange: Exchange<Native>, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw withResponse(error, exchange.answer.native)
  }
}

/** How often what is open of a purchase is looked for once more, since it became open between two steps of one call. */
const MAX_TURNS = 3

async function obtain<Native>(reading: Reading, exchange: Exchange<Native>, ports: Ports): Promise<Obtained<Native>> {
  const { call, challenge } = reading
  let wasAsked = false
  for (let turns = 1; turns <= MAX_TURNS; turns++) {
    const resumed = await resume(call, challenge, ports)
    if (resumed.signed !== undefined) return { signed: resumed.signed, isResumed: true }
    if (challenge === undefined) throw reading.fault
    const free = wasAsked ? undefined : await askAgain(challenge, exchange, ports)
    if (free !== undefined) return { free: free.native }
    wasAsked = true
    const signed = await approveAndSign(challenge, resumed, exchange, ports)
    if (signed !== OPEN) return { signed, isResumed: false }
  }
  throw createUnderWayError(call, { money: 'in-doubt' })
}

/** The limits come first and the 402's body is read only while the payment is signed: a refused 402 stays readable. */
async function approveAndSign(
  challenge: Challenge,
  earlier: Earlier,
  exchange: Exchange,
  ports: Ports,
): Promise<Signed | typeof OPEN> {
  const authorized = await approve(challenge, earlier, ports)
  if (authorized === OPEN) return OPEN
  const signing = signOrRelease(authorized, ports)
  // What goes wrong with the 402's body is no matter: it is read for the connection's sake.
  const drained = exchange.drain(signing).catch(() => undefined)
  try {
    await signing
  } finally {
    await drained
  }
  const signed = await signing
  if (!signed.call.signal?.aborted) return signed
  await releaseUnsent({ id: authorized.id, state: 'reserved' }, ports)
  throw createAbortError(signed.call, 'released')
}

/**
 * Selects an offer, asks the hooks and whoever approves, checks the limits, and reserves.
 *
 * @returns {@link OPEN} when a payment of the same purchase has become open meanwhile.
 * @throws The error of the step that refused; nothing was signed.
 */
export async function approve(challenge: Challenge, earlier: Earlier, ports: Ports): Promise<Authorized | typeof OPEN> {
  const { call, envelope } = challenge
  ports.emit('challenge', () => ({
    resource: call.resource,
    x402Version: envelope.x402Version,
    offers: envelope.accepts.length,
  }))
  const selected = await select(challenge, ports)
  const terms = toTerms(selected)
  ports.emit('considered', () => ({ resource: call.resource, terms, considered: selected.considered() }))
  assertOwnResource(selected, ports)
  await announceSelected(selected, ports)
  const authorized = await authorize(selected, earlier, ports)
  if (authorized === OPEN) return OPEN
  ports.emit('approved', () => ({ payment: authorized.id, terms }))
  return authorized
}

/**
 * Signs; what was reserved for a payment that never came to be is released.
 *
 * @throws {@link SigningError}; nothing left the process.
 */
export async function signOrRelease(authorized: Authorized, ports: Ports): Promise<Signed> {
  try {
    const signed = await sign(authorized, ports)
    await announceCreated(authorized.selected, signed, ports)
    ports.emit('signed', () => ({ payment: signed.id, validUntilSeconds: signed.validUntilSeconds }))
    return signed
  } catch (error) {
    await releaseUnsent({ id: authorized.id, state: 'reserved' }, ports)
    throw error
  }
}

function toTerms({ challenge, offer, registration }: Selected) {
  return toPaidTerms(challenge.call.resource, offer.requirements, payerOf(registration.scheme))
}

function announceRefused({ code, money, shortMessage }: X402Error, ports: Ports): void {
  ports.emit('refused', () => ({ code, money, because: shortMessage }))
}
