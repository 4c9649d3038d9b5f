import type { DeliveryError } from '../errors/step-errors.js'
import { type Claim, type Claimant, overAtSeconds } from '../payment/purchase.js'
import { isJsonObject, isSameJson } from '../wire/json.js'
import { assertPresentable, isAskedAbout } from './assert-presentable.js'
import { endClaim, type Resumed, toSigned } from './claimed-payment.js'
import { createKeyReusedError, createUnderWayError } from './create-under-way-error.js'
import { moneyOf } from './money-of.js'
import { createForeignError, createPaidError, createTermsChangedError } from './paid-errors.js'
import type { LedgerRecord, Ports } from './ports.js'
import type { Call, Challenge } from './steps.js'

type Found = Exclude<Claim, { is: 'nothing' }>

/** What a claim found, and who asked for it. */
export type FoundClaim = {
  readonly claim: Found
  readonly claimant: Claimant
  /** It isn't looked again. */
  readonly isLastLook: boolean
}

/**
 * Says what follows from a payment of the same purchase that is open.
 *
 * @returns `undefined` where another call is presenting it, so that it is worth another look.
 * @throws As `resume` does; the claim has ended then.
 */
export async function resumeFound(
  { claim, claimant, isLastLook }: FoundClaim,
  call: Call,
  challenge: Challenge | undefined,
  ports: Ports,
): Promise<Resumed | undefined> {
  await assertSameRequest(claim, claimant, call, ports)
  if (claim.is === 'yours') return presentOrRefuse(claim.record, claimant, call, challenge, ports)
  if (claim.is === 'claimed' && !isLastLook) return undefined
  throw createSomebodysError(claim, call, ports)
}

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

async function presentOrRefuse(
  record: LedgerRecord,
  claimant: Claimant,
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
    await assertPresentable(record, call, challenge, ports)
  } catch (error) {
    await endClaim(record, ports)
    throw error
  }
  return { signed: toSigned(record, call, claimant.purchase) }
}

/** Fields of an offer that play a part in what is signed. Those that a scheme doesn't sign, such as the number of a quote, make no other terms. */
const SIGNED_FIELDS = ['scheme', 'network', 'asset', 'payTo', 'amount', 'maxAmountRequired']
const SIGNED_EXTRA = ['name', 'version', 'assetTransferMethod', 'paymentFlow', 'facilitatorAddress', 'feePayer']

/** Whether the seller still makes the offer that was paid: key for key, or in all that was signed by a scheme that signs nothing else. */
function isStillOffered({ presentation, scheme }: LedgerRecord, { envelope }: Challenge): boolean {
  const paid = presentation?.entry
  return envelope.accepts.some(
    (entry) => isSameJson(entry, paid) || (['exact', 'upto'].includes(scheme) && isSameWhereSigned(entry, paid)),
  )
}

function isSameWhereSigned(entry: unknown, paid: unknown): boolean {
  if (!isJsonObject(entry) || !isJsonObject(paid)) return false
  const [extra, paidExtra] = [entry['extra'], paid['extra']].map((one) => (isJsonObject(one) ? one : {}))
  return (
    SIGNED_FIELDS.every((name) => isSameJson(entry[name], paid[name])) &&
    SIGNED_EXTRA.every((name) => isSameJson(extra?.[name], paidExtra?.[name]))
  )
}

/** Whether the caller allows a new payment in place of this one, and the chain proves that it never will be spent. A question that fails proves nothing. */
async function isProvenUnspent({ id }: LedgerRecord, { resign, proveReleased }: Ports): Promise<boolean> {
  return resign !== 'never' && (await proveReleased(id).catch(() => false))
}
