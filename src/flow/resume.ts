import { type Claim, type Claimant, overAtSeconds } from '../payment/purchase.js'
import { isSameJson } from '../protocol/json.js'
import { createAbortError } from './create-abort-error.js'
import { createUnderWayError } from './create-under-way-error.js'
import { DeliveryError } from './delivery-error.js'
import { isAskedAbout, mayPresent } from './may-present.js'
import { moneyOf } from './money-of.js'
import { createForeignError, createKeyReusedError, createPaidError, createTermsChangedError } from './paid-errors.js'
import type { LedgerRecord, Ports } from './ports.js'
import { type Call, type Challenge, type Signed, sealSigned } from './steps.js'

/** What is left to do for a call once it is known what was paid already. */
export type Resumed =
  /** This payment is presented, and none is made. */
  | { readonly signed: Signed }
  /** A new payment may be made. In place of `earlier`, whose purchase is over, or, with `isPerhaps`, only if somebody approves that. */
  | { readonly signed: undefined; readonly earlier: readonly LedgerRecord[]; readonly isPerhaps: boolean }

/** How often a payment is looked at again that another call is presenting, and how long is waited between, in milliseconds: five seconds. */
const MAX_LOOKS = 50
const LOOK_PAUSE_MS = 100

/**
 * Finds the payment of this purchase that left and brought no delivery, so that the **same** payload is presented again.
 *
 * Presenting is spending: the limits that don't depend on what was spent before are asked, and so is whoever approves. What they refuse stays
 * open.
 *
 * @param call - What is bought.
 * @param challenge - The 402 that asks now; `undefined` when it can't be read, which doesn't matter where a payment waits.
 * @returns The payment to present, or that a new one may be made.
 * @throws {@link DeliveryError} or {@link PaymentRejectedError} when one was made that can neither be presented again nor proven unspent, when
 * one like it is somebody else's, when another call presents it, or when the ledger can't say whether one was; this call signed nothing.
 */
export async function resume(call: Call, challenge: Challenge | undefined, ports: Ports): Promise<Resumed> {
  for (let looks = 1; ; looks++) {
    const claimant = await toClaimant(call, ports)
    const claim = await claimOpen(claimant, call, ports)
    if (claim.is === 'nothing') return { signed: undefined, earlier: claim.over, isPerhaps: false }
    await assertSameRequest(claim, claimant, call, ports)
    if (claim.is === 'yours') return presentOrRefuse(claim.record, call, challenge, ports)
    if (claim.is !== 'claimed' || looks === MAX_LOOKS) throw createSomebodysError(claim, call, ports)
    await ports.wait(LOOK_PAUSE_MS, call.signal)
    if (call.signal?.aborted) throw createAbortError(call, 'untouched')
  }
}

type Found = Exclude<Claim, { is: 'nothing' }>

/** A key names one request: another one under it is neither paid nor given what that one bought. */
async function assertSameRequest(claim: Found, { coarse }: Claimant, call: Call, ports: Ports): Promise<void> {
  if (call.key === undefined || claim.record.coarse === coarse) return
  if (claim.is === 'yours') await endClaim(claim.record, ports)
  throw createKeyReusedError(call, claim.record.id)
}

function createSomebodysError({ is, record }: Found, call: Call, ports: Ports): DeliveryError {
  if (is === 'foreign') return createForeignError(call, record, ports)
  return createUnderWayError(call, { money: moneyOf(record.state), payment: record.id })
}

/**
 * Takes a payment again that this very call has presented, to send it once more: nobody is asked, since it was just approved.
 *
 * @returns `undefined` when it is no longer this call's to send.
 */
export async function takeAgain(signed: Signed, ports: Ports): Promise<Signed | undefined> {
  const { call } = signed
  const claim = await claimOpen(await toClaimant(call, ports), call, ports)
  if (claim.is !== 'yours') return undefined
  if (claim.record.id === signed.id && claim.record.presentation !== undefined) return toSigned(claim.record, call)
  await endClaim(claim.record, ports)
  return undefined
}

/** Who asks, for `claim` and for `reserve`. */
export async function toClaimant(call: Call, ports: Ports): Promise<Claimant> {
  const { exact, coarse } = await call.names()
  return {
    purchase: exact,
    coarse,
    isKeyed: call.key !== undefined,
    payers: ports.schemes.payers(),
    nowSeconds: ports.clock.nowSeconds(),
    buysOver: ports.resign === 'when-over',
  }
}

/** What can't be looked up may wait to be presented again: then nothing new is signed. */
async function claimOpen(claimant: Claimant, call: Call, ports: Ports): Promise<Claim> {
  try {
    return await ports.ledger.claim(claimant)
  } catch (cause) {
    throw new DeliveryError('Refused to pay: the ledger could not say whether this was paid already.', {
      code: 'LEDGER_UNAVAILABLE',
      money: 'untouched',
      facts: { resource: call.resource },
      hint: 'See the cause; nothing is signed while the ledger can’t be read.',
      cause,
    })
  }
}

async function presentOrRefuse(
  record: LedgerRecord,
  call: Call,
  challenge: Challenge | undefined,
  ports: Ports,
): Promise<Resumed> {
  const { presentation, validUntilSeconds } = record
  const isPast = validUntilSeconds !== undefined && validUntilSeconds <= ports.clock.nowSeconds()
  if (presentation === undefined || record.origin !== call.origin || isPast) {
    if (await isProvenUnspent(record, ports)) return { signed: undefined, earlier: [], isPerhaps: false }
    const ended = await endClaim(record, ports)
    if (isPast && challenge !== undefined && isAskedAbout(record, call, ports)) {
      return { signed: undefined, earlier: [ended], isPerhaps: true }
    }
    throw createPaidError(call, ended, overAtSeconds(record, ports.resign === 'when-over'))
  }
  if (challenge !== undefined && !isStillOffered(record, challenge)) {
    if (await isProvenUnspent(record, ports)) return { signed: undefined, earlier: [], isPerhaps: false }
    throw createTermsChangedError(call, await endClaim(record, ports))
  }
  try {
    await mayPresent(record, call, challenge, ports)
  } catch (error) {
    await endClaim(record, ports)
    throw error
  }
  return { signed: toSigned(record, call) }
}

function toSigned(record: LedgerRecord, call: Call): Signed {
  const { id, state, presentation, validUntilSeconds, nonce, payer, status } = record
  if (presentation === undefined) throw new TypeError('pay402: a payment without its signature is not presented')
  return sealSigned({ id, state, call, presentation, validUntilSeconds, nonce, payer, answeredBefore: status })
}

/** Whether the seller still makes the offer that was paid, key for key. */
function isStillOffered({ presentation }: LedgerRecord, { envelope }: Challenge): boolean {
  return envelope.accepts.some((entry) => isSameJson(entry, presentation?.entry))
}

/** Whether the caller allows a new payment in place of this one, and the chain proves that it never will be spent. */
async function isProvenUnspent({ id }: LedgerRecord, { resign, proveReleased }: Ports): Promise<boolean> {
  return resign !== 'never' && (await proveReleased(id))
}

/** Lets others present the payment again, and returns it as it is now. The chain may have settled it meanwhile, so either state is right. */
async function endClaim(record: LedgerRecord, { ledger }: Ports): Promise<LedgerRecord> {
  try {
    await ledger.move(record.id, ['sent'], 'sent', {})
    return { ...record, claimed: false, state: 'sent' }
  } catch {
    await ledger.move(record.id, ['settled'], 'settled', {})
    return { ...record, claimed: false, state: 'settled' }
  }
}
