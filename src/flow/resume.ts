import { LEDGER_UNAVAILABLE_TO_CLAIM, PURCHASE_UNDER_WAY } from '../errors/catalogue/delivery.js'
import { fail } from '../errors/fail.js'
import { isX402Error } from '../errors/x402-error.js'
import { createAbortError } from '../payment/abort.js'
import type { Call } from '../payment/call.js'
import { isPromise } from '../payment/digest.js'
import { FREEZE } from '../payment/ledger.js'
import { loadPart } from '../payment/part.js'
import { moneyOf, type Payment } from '../payment/payment.js'
import type { Ports } from '../payment/ports.js'
import type { Claim, Claimant, PurchaseNames } from '../payment/purchase.js'
import type { Challenge, Signed } from '../payment/steps.js'
import { toAsker } from './authorize.js'
import { endClaim, type Known, LOOK_AGAIN, type Resumed, toSigned } from './earlier/claimed.js'
import { catchUp, isLostClaim, rememberClaim } from './note.js'
import { isAllowed, judgeOffer } from './offer.js'

/** How many times to look at a payment that another call is presenting, and the pause between looks, in milliseconds: five seconds in all. */
const MAX_LOOKS = 50
const LOOK_PAUSE_MS = 100

/**
 * Finds the payment of this purchase that left and delivered nothing, so that the **same** payload is presented again.
 *
 * Presenting is spending, so the limits that don't depend on what was spent before are asked, and so is everyone who approves. A payment that
 * they refuse stays open.
 *
 * @param call - What is bought.
 * @param challenge - The 402 that asks now; `undefined` when it can't be read, which doesn't matter if a payment waits.
 * @param before - What was in the way when this call wanted to reserve.
 * @returns The payment to present, or that a new one may be made.
 * @throws {@link DeliveryError} or {@link PaymentRejectedError} when an earlier payment can neither be presented again nor proven unspent, when
 * it may be someone else's, when another call is presenting it, or when the ledger can't say whether there is one; {@link LimitError} when it
 * may not be presented. This call signed nothing.
 */
export function resume(call: Call, challenge: Challenge | undefined, ports: Ports, before?: Payment): Promise<Resumed> {
  if (!ports.isRestricted || challenge === undefined) return look(call, challenge, ports, before)
  const lookUnless = (isRefused: boolean) => (isRefused ? lookOnly(call, ports) : look(call, challenge, ports, before))
  // Without a wait where there is none: of a limit that it shares with its owner, it shall get no less.
  const preparing = ports.schemes.prepare?.()
  return preparing === undefined
    ? lookUnless(isRefusedOutright(challenge, ports))
    : preparing.then(() => lookUnless(isRefusedOutright(challenge, ports)))
}

/** Looks and takes nothing: as someone who has no account. The refusal of an offer says all the same where the money of an earlier payment is. */
async function lookOnly(call: Call, ports: Ports): Promise<Resumed> {
  const names = await call.names()
  const claimant = { ...toClaimant(call, names, ports), payers: [] }
  const claim = await claimOpen(claimant, call, ports).catch((cause: unknown) => {
    throw toUnclaimed(cause, claimant, call, ports)
  })
  if (claim.is === 'yours') await endClaim(claim.payment, ports) // of a scheme that doesn't say who pays
  if (claim.is === 'foreign') {
    const { assertAffordable } = await loadRest(claim, ports)
    assertAffordable(claim.payment, names, call, ports)
  }
  return toNew([], undefined)
}

async function look(
  call: Call,
  challenge: Challenge | undefined,
  ports: Ports,
  before: Payment | undefined,
): Promise<Resumed> {
  let known: Known | undefined
  let waitedFor = before
  for (let looks = 1; ; looks++) {
    const naming = call.names()
    const claimant = toClaimant(call, isPromise(naming) ? await naming : naming, ports, known)
    let claim: Claim
    try {
      claim = await claimOpen(claimant, call, ports)
    } catch (cause) {
      throw toUnclaimed(cause, claimant, call, ports)
    }
    if (claim.is === 'nothing') return unlessBought(toNew(claim.over, known), waitedFor, call, ports)
    known ??= { agreed: new Set(), past: [] }
    const isLastLook = looks >= MAX_LOOKS
    if (isLastLook && (await freeLost(claim, ports))) continue
    const { resumeFound } = await loadRest(claim, ports)
    const resumed = await resumeFound({ claim, claimant, isLastLook, known }, call, challenge, ports)
    if (resumed === LOOK_AGAIN) continue
    if (resumed !== undefined) return resumed
    waitedFor = claim.payment
    await pause(call, waitedFor, ports)
  }
}

/**
 * Lets a keyed call buy unless what it waited for was bought: a key names one purchase, and those who ask for it at once don't buy it one after
 * the other.
 */
function unlessBought(
  resumed: Resumed,
  waitedFor: Payment | undefined,
  call: Call,
  ports: Ports,
): Resumed | Promise<Resumed> {
  if (call.key === undefined || waitedFor === undefined) return resumed
  return assertNotBought(waitedFor, call, ports).then(() => resumed)
}

async function assertNotBought({ id, atSeconds }: Payment, call: Call, { ledger }: Ports): Promise<void> {
  let found: Payment | undefined
  try {
    for await (const payment of ledger.list({ from: atSeconds, to: atSeconds + 1 })) {
      if (payment.id === id) found = payment
    }
  } catch (cause) {
    throw createUnclaimed(cause, call)
  }
  if (found?.delivery !== 'delivered' || found.state === 'released') return
  throw fail(PURCHASE_UNDER_WAY, { money: moneyOf(found), facts: { resource: call.resource, payment: id } })
}

async function pause(call: Call, payment: Payment, { wait }: Ports): Promise<void> {
  await wait(LOOK_PAUSE_MS, call.signal)
  if (call.signal?.aborted) throw createAbortError(call, moneyOf(payment))
}

/** Ends a claim whose reply was lost: no one presents that payment. */
async function freeLost({ is, payment }: Exclude<Claim, { is: 'nothing' }>, ports: Ports): Promise<boolean> {
  if (is !== 'claimed' || !isLostClaim(payment, ports)) return false
  await endClaim(payment, ports)
  return true
}

/** A new payment may be made: in place of those whose purchase is over and, if someone agrees to that, of those that can't be presented anymore. */
function toNew(over: readonly Payment[], known: Known | undefined): Resumed {
  const past = known?.past ?? []
  return past.length === 0
    ? { signed: undefined, payments: over, isPerhaps: false }
    : { signed: undefined, payments: [...past, ...over], isPerhaps: true }
}

/**
 * Whether a restricted client's own limits refuse each offer, however little was spent. Then it can present nothing either, and doesn't take what
 * waits to be presented out of its owner's reach, not even for a moment.
 */
function isRefusedOutright(challenge: Challenge, ports: Ports): boolean {
  let isRefused = false
  for (const index of challenge.envelope.accepts.keys()) {
    const judged = judgeOffer(challenge, index, ports)
    if ('reason' in judged) continue
    if (isAllowed(judged)) return false
    isRefused = true
  }
  return isRefused
}

/** The ledger's own promise, where it needn't be told of anything before. */
function claimOpen(claimant: Claimant, call: Call, ports: Ports): Promise<Claim> {
  const catchingUp = catchUp(claimant, ports)
  if (catchingUp === undefined) return ports.ledger.claim(claimant)
  return catchingUp.then(
    () => ports.ledger.claim(claimant),
    (cause: unknown) => Promise.reject(createUnclaimed(cause, call)),
  )
}

/** A step that failed may have happened, so the claim is remembered; one that was never asked for is none. */
function toUnclaimed(cause: unknown, claimant: Claimant, call: Call, ports: Ports): unknown {
  if (isX402Error(cause) && cause.shortMessage === LEDGER_UNAVAILABLE_TO_CLAIM.sentence) return cause
  rememberClaim(claimant, ports)
  return createUnclaimed(cause, call)
}

function createUnclaimed(cause: unknown, { resource }: Call): Error {
  return fail(LEDGER_UNAVAILABLE_TO_CLAIM, { facts: { resource }, cause })
}

/** Most purchases have no open payment, so the rest is loaded only for those that do. */
async function loadRest(claim: Claim, ports: Ports): Promise<typeof import('./earlier/resume-found.js')> {
  try {
    return await loadPart(import('./earlier/resume-found.js'))
  } catch (error) {
    if (claim.is === 'yours') await endClaim(claim.payment, ports)
    throw error
  }
}

/**
 * Claims a payment that this call has just presented, to send it once more. No one is asked, since it was just approved.
 *
 * @returns `undefined` when it is no longer this call's to send, or the ledger can't say: what came of it before is what the caller is told then.
 */
export async function takeAgain({ call, payment }: Signed, ports: Ports): Promise<Signed | undefined> {
  let claim: Claim
  const claimant = toClaimant(call, await call.names(), ports)
  try {
    // Someone may have frozen the ledger since it was sent.
    if ((await ports.ledger.get(FREEZE.kind, FREEZE.key)) !== undefined) return undefined
    claim = await claimAgain(claimant, ports)
  } catch (cause) {
    const message = `The ledger could not say whether payment ${payment.id} may be presented once more, so it is not.`
    ports.warn({ code: 'LEDGER_BEHIND', message, cause })
    return undefined
  }
  if (claim.is !== 'yours') return undefined
  if (claim.payment.id === payment.id) return toSigned(claim.payment, call)
  await endClaim(claim.payment, ports)
  return undefined
}

async function claimAgain(claimant: Claimant, ports: Ports): Promise<Claim> {
  try {
    return await ports.ledger.claim(claimant)
  } catch (cause) {
    rememberClaim(claimant, ports)
    throw cause
  }
}

function toClaimant({ key }: Call, { purchase, coarse }: PurchaseNames, ports: Ports, known?: Known): Claimant {
  const earlier = known && { payments: known.past, isPerhaps: true }
  return { purchase, coarse, isKeyed: key !== undefined, ...toAsker(ports, earlier) }
}
