import type { LimitError, LimitErrorCode } from '../errors/step-errors.js'
import { type Claimant, overAtSeconds } from '../payment/purchase.js'
import { payerOf } from '../payment/scheme.js'
import { isSameAddress } from '../wire/address.js'
import { toWildcard } from '../wire/network.js'
import { cite } from '../wire/seller-text.js'
import { abortable } from './abortable.js'
import { anySignal } from './any-signal.js'
import { askForApproval } from './ask-for-approval.js'
import type { Resumed } from './claimed-payment.js'
import { createDeadline } from './create-deadline.js'
import { createDisapprovedError, createLimitError as createError, type Refusal } from './limit-refusal.js'
import { moneyOf } from './money-of.js'
import type { Assessment, Cap, Ledger, LedgerRecord, LimitRefusal, NewRecord, Ports, Reservation } from './ports.js'
import { toClaimant } from './resume.js'
import { type Authorized, assertSelected, type Selected, sealAuthorized } from './steps.js'

/** What earlier payments of the purchase leave to be done. */
export type Earlier = Extract<Resumed, { signed: undefined }>

/** That something of the purchase is open after all: it is to be looked for again. */
export const OPEN = Symbol('open')

/**
 * Checks the selected offer against the limits, asks for approval, and reserves its exposure, before the signer is asked (R3).
 *
 * @returns {@link OPEN} when a payment of the same purchase has become open meanwhile.
 * @throws {@link LimitError} when a limit or a person refuses, or the ledger can't be asked, {@link DeliveryError} when an earlier payment
 * of the purchase may have been taken, and {@link SigningError} when the call is aborted meanwhile; this call signed nothing.
 */
export async function authorize(selected: Selected, earlier: Earlier, ports: Ports): Promise<Authorized | typeof OPEN> {
  assertSelected(selected)
  const { assessment } = selected
  if ('refusal' in assessment) throw createRefusalError(selected, assessment.refusal)
  assertCircuitClosed(selected, ports)
  await assertPinnedPayTo(selected, ports)
  // Loaded before anything is reserved.
  const rest = earlier.earlier.length > 0 ? await import('./note-bought-again.js') : undefined
  const [paid] = earlier.isPerhaps ? earlier.earlier : []
  // Only somebody who is asked can say that it may be paid perhaps twice.
  if (paid !== undefined && (assessment.approvals ?? []).length === 0) {
    const { createPaidError } = await import('./paid-errors.js')
    throw createPaidError(selected.challenge.call, paid, overAtSeconds(paid, ports.resign === 'when-over'))
  }
  await assertApproved(selected, assessment, paid)
  const { reservation, sums } = await reserveOrReconcile(selected, assessment, earlier, ports)
  if (!('id' in reservation)) {
    if (reservation.refusedBy.purchase !== undefined) return OPEN
    throw createCapError(selected, reservation)
  }
  await rest?.noteBoughtAgain(earlier.earlier, selected.challenge.call, ports)
  await noticeApproach(assessment, sums, ports)
  return sealAuthorized({ selected, id: reservation.id })
}

type Allowed = Exclude<Assessment, { refusal: unknown }>

function assertCircuitClosed(selected: Selected, { circuit, isRestricted }: Ports): void {
  const seconds = circuit.openFor(selected.challenge.call.origin)
  if (seconds === 0) return
  throw createLimitError(selected, {
    code: 'CIRCUIT_OPEN',
    because: 'its origin was paid for several purchases and delivered none of them',
    hint: isRestricted
      ? `Wait ${seconds} seconds, or ask the owner of this client.`
      : `Wait ${seconds} seconds, or call \`client.resetCircuit\` when the seller works again.`,
  })
}

/** Whoever an origin's first payment in a namespace went to is the only one who is paid there. */
async function assertPinnedPayTo(selected: Selected, ports: Ports): Promise<void> {
  const { call } = selected.challenge
  const { network, payTo } = selected.offer.requirements
  if (call.limits.pinPayTo !== true) return
  if (call.origin === '') {
    throw createLimitError(selected, {
      code: 'HOST_UNKNOWN',
      because: 'its limits pin the payTo of an origin, and the origin that asks is unknown',
      hint: 'Give `createPaymentPayload` the `url` that responded with the 402.',
    })
  }
  let first: string | undefined
  for await (const record of ports.ledger.list({ host: call.host })) {
    const isHere = record.origin === call.origin && toWildcard(record.network) === toWildcard(network)
    // Newest first: the last one that is seen is the first that was paid.
    if (isHere && record.state !== 'released') first = record.payTo
  }
  if (first !== undefined && !isSameAddress(first, payTo)) {
    throw createLimitError(selected, {
      code: 'PAYEE_CHANGED',
      because: 'its origin was paid at another address before',
      hint: 'Ask the seller whether the address is theirs; `limits.pinPayTo` holds the first one.',
      facts: { 'paid before': cite(first) },
    })
  }
}

async function assertApproved(selected: Selected, allowed: Allowed, paid: LedgerRecord | undefined): Promise<void> {
  const { challenge, offer, registration, exposure } = selected
  const { call, envelope } = challenge
  const { requirements } = offer
  const approving = { call, envelope, requirements, exposure, scheme: registration.scheme, perhapsPaid: paid?.id }
  const disapproval = await askForApproval(approving, allowed)
  if (disapproval !== undefined) {
    const money = paid && moneyOf(paid.state)
    throw createDisapprovedError({ call, requirements, assessment: allowed, exposure, money }, disapproval)
  }
}

type Reserved = { readonly reservation: Reservation; readonly sums: readonly Promise<Sums>[] }
type Sums = Awaited<ReturnType<Ledger['spent']>>

/** What is in doubt may be settled or dead by now: where the chain can be asked, it is, once, before a limit refuses. */
async function reserveOrReconcile(
  selected: Selected,
  allowed: Allowed,
  earlier: Earlier,
  ports: Ports,
): Promise<Reserved> {
  const reserved = await reserve(selected, allowed, earlier, ports)
  if ('id' in reserved.reservation || reserved.reservation.refusedBy.purchase !== undefined) return reserved
  return (await askChain(selected, ports)) ? reserve(selected, allowed, earlier, ports) : reserved
}

/** Longest that a limit's refusal waits for the chain, in milliseconds: a source that dribbles holds no call. */
const CHAIN_TIMEOUT_MS = 10_000

/** A question that failed, or that isn't answered in time, has freed nothing, so the limit's refusal stands. */
async function askChain({ challenge }: Selected, ports: Ports): Promise<boolean> {
  const deadline = createDeadline(CHAIN_TIMEOUT_MS, 'The chain did not answer in time.')
  try {
    return await abortable(ports.reconcile(), anySignal(challenge.call.signal, deadline?.signal))
  } catch {
    return false
  } finally {
    deadline?.clear()
  }
}

async function reserve(selected: Selected, allowed: Allowed, { earlier }: Earlier, ports: Ports): Promise<Reserved> {
  const { ledger } = ports
  try {
    const insteadOf = earlier.map(({ id }) => id)
    const claimant = { ...(await toClaimant(selected.challenge.call, ports)), insteadOf }
    const record = toRecord(selected, allowed, claimant)
    const reserving = ledger.reserve(record, [toPurchaseCap(claimant), ...allowed.caps])
    // Read in the same tick, so that of payments made at once each sees the sums as it left them.
    const sums = watchedCaps(allowed).map(({ cap }) => ledger.spent(cap))
    for (const sum of sums) sum.catch(() => undefined) // waited for only once the payment is reserved
    return { reservation: await reserving, sums }
  } catch (cause) {
    throw createLimitError(selected, {
      code: 'LEDGER_UNAVAILABLE',
      because: 'the ledger could not write the payment down, and what is not written down is not signed',
      hint: 'See the cause; the limits hold only while the ledger can be read and written.',
      cause,
    })
  }
}

/** While a payment of the purchase is open, whoever shares the ledger reserves no second one; under a key, also while one is under way. */
function toPurchaseCap(purchase: Claimant): Cap {
  return { name: 'purchase', unit: 'payments/all', scope: {}, windowSeconds: undefined, count: 1, purchase }
}

function watchedCaps({ watches = [] }: Allowed) {
  return watches.flatMap(({ caps, notice }) => caps.map((cap) => ({ cap, notice })))
}

/** A listener that throws doesn't undo a payment that was allowed. */
async function noticeApproach(allowed: Allowed, sums: Reserved['sums'], ports: Ports): Promise<void> {
  for (const [index, { cap, notice }] of watchedCaps(allowed).entries()) {
    try {
      const sum = await sums[index]
      if (sum !== undefined) notice(cap, sum)
    } catch (cause) {
      const message = '`limits.onApproach` failed; the payment goes on all the same.'
      ports.warn({ code: 'HOOK_FAILED', message, cause })
    }
  }
}

function toRecord(selected: Selected, allowed: Allowed, claimant: Claimant): NewRecord {
  const { challenge, offer, registration } = selected
  const { call } = challenge
  const { requirements } = offer
  return {
    purchase: claimant.purchase,
    coarse: claimant.coarse,
    isKeyed: claimant.isKeyed,
    origin: call.origin,
    host: call.host,
    method: call.method,
    resource: call.resource,
    payer: payerOf(registration.scheme),
    scheme: requirements.scheme,
    network: requirements.network,
    asset: requirements.asset,
    payTo: requirements.payTo,
    amount: BigInt(requirements.amount),
    symbol: allowed.symbol,
    decimals: allowed.decimals,
    tags: allowed.tags ?? call.tags,
    charges: allowed.charges,
    ...(selected.describe === undefined && { unread: true as const }),
  }
}

/** The error of an offer that the limits refuse whatever was spent before. */
export function createRefusalError(selected: Selected, { code, because, hint }: LimitRefusal): LimitError {
  return createLimitError(selected, { code, because, hint })
}

type Refused = Exclude<Reservation, { id: string }>

/** The error of an offer that fits no more into a limit. */
export function createCapError(selected: Selected, refused: Refused): LimitError {
  const { refusedBy: cap, held, spent } = refused
  const write = (amount: bigint) => selected.challenge.call.limits.format(cap.unit, amount)
  const allows =
    cap.amount === undefined ? `${cap.count} ${cap.count === 1 ? 'payment' : 'payments'}` : write(cap.amount)
  return createLimitError(selected, {
    code: toCode(cap),
    because: `the limit "${cap.name}" allows ${allows}`,
    hint: cap.hint ?? `Raise \`limits.${cap.name}\`, or catch LimitError to skip this resource.`,
    facts: { spent: write(spent), held: `${write(held)} (signed, not known to be settled)` },
  })
}

function toCode(cap: Cap): LimitErrorCode {
  if (cap.amount === undefined) return 'LIMIT_COUNT'
  return cap.windowSeconds === undefined ? 'LIMIT_TOTAL' : 'LIMIT_WINDOW'
}

function createLimitError({ challenge, offer, assessment, exposure }: Selected, refusal: Refusal): LimitError {
  return createError({ call: challenge.call, requirements: offer.requirements, assessment, exposure }, refusal)
}
