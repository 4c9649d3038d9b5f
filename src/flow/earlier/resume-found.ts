import {
  LEDGER_UNAVAILABLE_TO_PRESENT,
  PURCHASE_KEY_REUSED,
  PURCHASE_UNDER_WAY,
} from '../../errors/catalogue/delivery.js'
import { LIMITS_UNREADABLE } from '../../errors/catalogue/desk.js'
import { fail } from '../../errors/fail.js'
import type { DeliveryError } from '../../errors/step-errors.js'
import type { Call } from '../../payment/call.js'
import { FREEZE, LIMITS, type Value } from '../../payment/ledger.js'
import { moneyOf, type Payment } from '../../payment/payment.js'
import type { Ports } from '../../payment/ports.js'
import { type Claim, type Claimant, overAtSeconds, type PurchaseNames } from '../../payment/purchase.js'
import type { Challenge } from '../../payment/steps.js'
import { isSameAddress } from '../../wire/address.js'
import { askForApproval } from '../approval.js'
import type { Assessed } from '../authorize.js'
import { createDisapprovedError, createFrozenError, createFullError, createLimitError } from '../limit-errors.js'
import { assess } from '../offer.js'
import { endClaim, type Known, LOOK_AGAIN, type Resumed, toSigned } from './claimed.js'
import { createBoughtError, createForeignError, createPaidError, createTermsChangedError } from './earlier-errors.js'
import { isStillOffered, takeRoom } from './presented.js'

type Found = Exclude<Claim, { is: 'nothing' }>

/** A payment that a claim found, and who asked for it. */
export type FoundClaim = {
  readonly claim: Found
  readonly claimant: Claimant
  /** There won't be another look. */
  readonly isLastLook: boolean
  /** What the call knows already; what it finds out here is added. */
  readonly known: Known
}

/**
 * Decides what to do about a payment of the same purchase that is open.
 *
 * @returns What is left to do; `undefined` when another call is presenting it, so that looking again may help.
 * @throws What `resume` throws; the claim has ended then.
 */
export async function resumeFound(
  { claim, claimant, isLastLook, known }: FoundClaim,
  call: Call,
  challenge: Challenge | undefined,
  ports: Ports,
): Promise<Resumed | typeof LOOK_AGAIN | undefined> {
  await assertSameRequest(claim, claimant, call, ports)
  if (claim.is === 'yours') return presentOrRefuse(claim.payment, call, challenge, ports, known)
  if (claim.is === 'claimed' && !isLastLook) return undefined
  throw createSomebodysError(claim, call, ports)
}

/** A key names one request: another request under it is neither paid for nor given what the first one bought. */
async function assertSameRequest(claim: Found, { coarse }: Claimant, call: Call, ports: Ports): Promise<void> {
  if (call.key === undefined || claim.payment.call.coarse === coarse) return
  if (claim.is === 'yours') await endClaim(claim.payment, ports)
  throw fail(PURCHASE_KEY_REUSED, { facts: { resource: call.resource, payment: claim.payment.id } })
}

function createSomebodysError({ is, payment }: Found, call: Call, ports: Ports): DeliveryError {
  if (is === 'bought') return createBoughtError(call, payment)
  if (is === 'foreign') return createForeignError(call, payment, ports)
  return fail(PURCHASE_UNDER_WAY, {
    money: moneyOf(payment),
    facts: { resource: call.resource, payment: payment.id },
  })
}

async function presentOrRefuse(
  payment: Payment,
  call: Call,
  challenge: Challenge | undefined,
  ports: Ports,
  known: Known,
): Promise<Resumed | typeof LOOK_AGAIN> {
  const { validUntilSeconds } = payment
  const signed = toSigned(payment, call)
  const isPast = validUntilSeconds !== undefined && validUntilSeconds <= ports.clock.nowSeconds()
  if (signed === undefined || payment.call.origin !== call.origin || isPast) {
    if (await isProvenUnspent(payment, ports)) return NEW
    const ended = await endClaim(payment, ports)
    if (isPast && challenge !== undefined && isAskedAbout(payment, call, ports)) {
      known.past.push(ended)
      return LOOK_AGAIN
    }
    throw createPaidError(call, ended, overAtSeconds(payment, ports.resign === 'when-over'), ports)
  }
  if (challenge !== undefined && !isStillOffered(payment, challenge.envelope)) {
    if (await isProvenUnspent(payment, ports)) return NEW
    throw createTermsChangedError(call, await endClaim(payment, ports))
  }
  let asking: Asking | undefined
  try {
    asking = await assertPresentable(payment, call, ports)
    if (asking === undefined || known.agreed.has(payment.id)) {
      await assertRoom(payment, call, ports)
      return { signed }
    }
  } catch (error) {
    await endClaim(payment, ports)
    throw error
  }
  // Whoever approves may take their time, or never answer: others may present it meanwhile.
  await endClaim(payment, ports)
  await assertApproved(asking, payment, challenge, ports)
  known.agreed.add(payment.id)
  return LOOK_AGAIN
}

const NEW: Resumed = { signed: undefined, payments: [], isPerhaps: false }

/**
 * Asserts that an earlier payment may be presented again. Presenting is spending, so a freeze, allow-lists, the limit per payment and approvals
 * hold as for a new one. Windows and totals don't, where it counts already: those of a restricted client count only its own.
 *
 * @returns What whoever approves has to be asked; `undefined` when no one is.
 * @throws {@link LimitError} when a freeze or a limit refuses, {@link DeliveryError} when the ledger can't say whether it's frozen; the payment
 * stays as it is.
 */
async function assertPresentable(payment: Payment, call: Call, ports: Ports): Promise<Asking | undefined> {
  const { terms } = payment
  const { frozen, limits } = await readRegister(payment, call, ports)
  const isKnown = await ports.followLimits(limits)
  const { assessment, scheme, exposure } = assessPayment(payment, call, ports)
  const money = moneyOf(payment)
  const offered = { call, terms, assessment, exposure, money }
  if (frozen !== undefined) throw createFrozenError(offered, frozen, ports)
  if (!isKnown) throw createLimitError(offered, LIMITS_UNREADABLE)
  if ('refusal' in assessment) throw createLimitError(offered, assessment.refusal)
  return (assessment.approvals ?? []).length === 0 ? undefined : { ...offered, assessment, scheme }
}

/** What there is to ask about a payment that the limits allow. */
type Asking = Parameters<typeof createDisapprovedError>[0] & {
  readonly assessment: Assessed
  readonly scheme: ReturnType<typeof assessPayment>['scheme']
}

async function assertApproved(
  { scheme, ...offered }: Asking,
  { id, approval }: Payment,
  challenge: Challenge | undefined,
  ports: Ports,
): Promise<void> {
  const approving = { ...offered, envelope: challenge?.envelope, scheme, resumed: id, approval }
  const { disapproval } = await askForApproval(approving, offered.assessment, ports)
  if (disapproval !== undefined) throw createDisapprovedError(offered, disapproval)
}

/** Last of all, since it takes the room. */
async function assertRoom(payment: Payment, call: Call, ports: Ports): Promise<void> {
  const { assessment, exposure } = assessPayment(payment, call, ports)
  if ('refusal' in assessment) return
  const full = await takeRoom(payment, assessment, ports)
  if (full !== undefined) {
    throw createFullError(
      { call, terms: payment.terms, assessment, exposure, money: moneyOf(payment) },
      full,
      ports.clock,
    )
  }
}

/** A ledger that fails says nothing, and what it throws says nothing of the payment. */
async function readRegister(
  payment: Payment,
  { resource }: Call,
  { ledger }: Ports,
): Promise<{ readonly frozen: Value | undefined; readonly limits: Value | undefined }> {
  try {
    return {
      frozen: await ledger.get(FREEZE.kind, FREEZE.key),
      limits: await ledger.get(LIMITS.kind, LIMITS.key),
    }
  } catch (cause) {
    const facts = { resource, payment: payment.id }
    throw fail(LEDGER_UNAVAILABLE_TO_PRESENT, { money: moneyOf(payment), facts, cause })
  }
}

/**
 * Asserts that limits allow a payment which wasn't taken, where it's one that this client could present.
 *
 * @throws {@link LimitError}, with where its money is.
 */
export function assertAffordable(
  payment: Payment,
  { purchase, coarse }: PurchaseNames,
  call: Call,
  ports: Ports,
): void {
  const { payer, terms } = payment
  const isOwn = payer !== undefined && ports.schemes.payers().some((one) => isSameAddress(one, payer))
  if (!isOwn || payment.call.purchase !== purchase || payment.call.coarse !== coarse) return
  const { assessment, exposure } = assessPayment(payment, call, ports)
  const offered = { call, terms, assessment, exposure, money: moneyOf(payment) }
  if ('refusal' in assessment) throw createLimitError(offered, assessment.refusal)
}

/** Whether someone is asked about such payments, who can agree to pay for this one again. */
function isAskedAbout(payment: Payment, call: Call, ports: Ports): boolean {
  const { assessment } = assessPayment(payment, call, ports)
  return !('refusal' in assessment) && (assessment.approvals ?? []).length > 0
}

function assessPayment({ terms, payer, exposure: reserved }: Payment, call: Call, { schemes }: Ports) {
  const { network, asset, amount } = terms
  const found = schemes.find({ scheme: terms.scheme, network, x402Version: 2, spoken: undefined, payer })
  const exposure = reserved === 'unread' ? amount : reserved
  const assessment = assess(terms, exposure, found?.scheme.findDefaultAsset?.(asset, network), call)
  return { scheme: found?.scheme, assessment, exposure }
}

/** Whether the client allows a new payment in place of this one, and the chain proves that this one can never be spent. A failed question proves nothing. */
async function isProvenUnspent({ id }: Payment, { resign, proveReleased }: Ports): Promise<boolean> {
  return resign !== 'never' && (await proveReleased(id).catch(() => false))
}
