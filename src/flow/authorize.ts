import type { LimitError } from '../errors/step-errors.js'
import { abortable, anySignal, createDeadline } from '../payment/abort.js'
import { isPromise } from '../payment/digest.js'
import { type Cap, isRefusal, type Refusal, type Sums } from '../payment/ledger.js'
import type { Allowed, Assessment } from '../payment/limits.js'
import { loadPart } from '../payment/part.js'
import type { Draft, Payment, PaymentApproval } from '../payment/payment.js'
import type { Ports } from '../payment/ports.js'
import type { Asker, PurchaseNames } from '../payment/purchase.js'
import { payerOf } from '../payment/scheme.js'
import { type Authorized, askSigningGuard, brandAuthorized, type Selected } from '../payment/steps.js'
import type { PaidTerms } from '../payment/summary.js'
import { showTerms } from '../payment/terms.js'
import type { JudgeAgain, judgeReplaced } from './limit-refusal.js'

/** A new payment may be made, and what has to be done about earlier ones of the purchase. */
export type Earlier = {
  /** It takes the place of these. */
  readonly payments: readonly Payment[]
  /** It may be made only if someone approves, since the purchase may then be paid for twice. */
  readonly isPerhaps: boolean
  /** The purchases of these end later than the new one is reserved: when it was signed. */
  readonly endsWhenSigned?: boolean | undefined
}

/** A payment of the purchase is open or under way after all, so `resume` has to look again. */
export type InTheWay = { readonly inTheWay: Payment }

export function isInTheWay(reserved: object): reserved is InTheWay {
  return 'inTheWay' in reserved
}

/** What authorizing comes to, where nothing refuses. */
export type Authorizing = Authorized | InTheWay | JudgeAgain

/**
 * Checks the selected offer against the limits, asks for approval, and reserves its exposure, before the signer is asked (R3).
 *
 * @returns The reserved payment; {@link InTheWay} when a payment of the same purchase has become open in the meantime; {@link JudgeAgain} when
 * the limits were replaced.
 * @throws {@link LimitError} when a limit or a person refuses, or the ledger can't be asked; {@link DeliveryError} when an earlier payment
 * of the purchase may have been taken; {@link SigningError} when the call is aborted in the meantime; what a guard of tests throws. This
 * call signed nothing.
 */
export function authorize(selected: Selected, earlier: Earlier, ports: Ports): Promise<Authorizing> {
  const { assessment } = selected
  if ('refusal' in assessment) return refuseOrJudgeAgain(selected, { refusal: assessment.refusal }, ports)
  const seconds = ports.circuit.openFor(selected.challenge.call.origin)
  if (seconds > 0) return refuse(({ createCircuitError }) => createCircuitError(selected, seconds, ports))
  if (!isPinnable(selected)) return refuse(({ createUnpinnableError }) => createUnpinnableError(selected))
  askSigningGuard(selected)
  const loading = prepareScheme(selected)
  if (loading !== undefined) return loadAndReserve(loading, selected, assessment, earlier, ports)
  return askAndReserve(selected, assessment, earlier, ports)
}

/** What the scheme loads to sign these terms; most payments need nothing more. */
function prepareScheme({ registration, offer, challenge }: Selected): Promise<unknown> | undefined {
  const { scheme } = registration
  try {
    return scheme.prepare?.(offer.requirements, challenge.envelope.extensions ?? {})
  } catch (cause) {
    return Promise.reject(cause)
  }
}

async function loadAndReserve(
  loading: Promise<unknown>,
  selected: Selected,
  allowed: Assessed,
  earlier: Earlier,
  ports: Ports,
): Promise<Authorizing> {
  await loadPart(loading)
  return askAndReserve(selected, allowed, earlier, ports)
}

/** Most payments need no one's approval and take the place of no other. */
function askAndReserve(selected: Selected, allowed: Assessed, earlier: Earlier, ports: Ports): Promise<Authorizing> {
  if (earlier.payments.length === 0 && !isAsked(selected, allowed)) return reserve(selected, allowed, earlier, ports)
  return reserveAgreed(selected, allowed, earlier, ports)
}

function isAsked({ challenge }: Selected, { approvals = [] }: Assessed): boolean {
  return approvals.length > 0 || challenge.call.proposal !== undefined
}

async function reserveAgreed(
  selected: Selected,
  allowed: Assessed,
  earlier: Earlier,
  ports: Ports,
): Promise<Authorizing> {
  // Loaded before anything is reserved, with what gives an approval back.
  const parts = Promise.all([import('./approval.js'), import('./approvers/proposal.js')])
  const [{ assertAgreed, noteBoughtAgain }, { giveBack }] = await loadPart(parts)
  if (isAsked(selected, allowed)) {
    const { assertForeseen } = await loadPart(import('./approvers/foreseen.js'))
    const again = await assertForeseen(selected, ports, () => askChain(selected, ports))
    if (again !== undefined) return again
  }
  const taken = await assertAgreed(selected, allowed, earlier, ports)
  let authorized: Authorizing | undefined
  try {
    authorized = await reserve(selected, allowed, earlier, ports, { approval: taken })
  } finally {
    if (taken && !isReserved(authorized)) await giveBack(taken, ports)
  }
  if (isReserved(authorized) && !earlier.endsWhenSigned)
    await noteBoughtAgain(earlier.payments, selected.challenge.call, ports)
  return authorized
}

/** Whether a payment was reserved. */
export function isReserved(authorized: Authorizing | undefined): authorized is Authorized {
  return typeof authorized === 'object' && 'payment' in authorized
}

/** What says why is loaded when something is refused. */
async function refuse(create: (part: typeof import('./limit-errors.js')) => LimitError): Promise<never> {
  throw create(await loadPart(import('./limit-errors.js')))
}

async function refuseOrJudgeAgain(...refused: Parameters<typeof judgeReplaced>): Promise<JudgeAgain> {
  return (await loadPart(import('./limit-refusal.js'))).judgeReplaced(...refused)
}

/** What limits say about an offer that they don't refuse outright. */
export type Assessed = Exclude<Assessment, { refusal: unknown }>

function isPinnable({ challenge }: Selected): boolean {
  const { origin, limits } = challenge.call
  return limits.pinPayTo !== true || origin !== ''
}

type Watched = {
  readonly cap: Cap
  readonly sums: Promise<Sums>
  readonly watch: NonNullable<Allowed['watches']>[number]
}

/** Longest that a limit's refusal waits for the chain, in milliseconds, so that a slow source can't hold up the call. */
const CHAIN_TIMEOUT_MS = 10_000

/** Asks the chain for room. A question that fails, or isn't answered in time, has freed nothing, so the limit refuses. */
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

/** How a payment is reserved. */
type Reserving = {
  /** The chain isn't asked for room. */
  readonly isLast?: boolean | undefined
  /** Who approved it at a desk. */
  readonly approval?: PaymentApproval | undefined
}

/**
 * Reserves a payment that everyone agreed to.
 *
 * @throws {@link LimitError} when a cap has no room, or the ledger can't be asked.
 */
export async function reserve(
  selected: Selected,
  allowed: Assessed,
  earlier: Earlier,
  ports: Ports,
  { isLast = false, approval }: Reserving = {},
): Promise<Authorizing> {
  const { emit } = ports
  let reserved: Payment | Refusal
  let watched: readonly Watched[] = []
  try {
    const names = selected.challenge.call.names()
    const known = isPromise(names) ? await names : names
    // Nothing waits between this and the ledger's step, so that what is presented meanwhile is seen.
    const counted =
      ports.label !== undefined && ports.presented.size > 0
        ? await loadPart(import('./earlier/presented.js'))
        : undefined
    const unapproved = toDraft(selected, allowed, known, toAsker(ports, earlier))
    const draft = approval === undefined ? unapproved : { ...unapproved, approval }
    const reserving = (counted?.reserveBeside ?? reserveAlone)(draft, allowed.caps, ports)
    if (ports.label !== undefined) follow(reserving, ports)
    // Read in the same tick, so that each of several concurrent payments sees the sums as it left them.
    if (emit.isHeard()) watched = readWatched(allowed, ports)
    reserved = await reserving
  } catch (cause) {
    return refuse(({ createUnreservedError }) => createUnreservedError(selected, cause))
  }
  if (!isRefusal(reserved)) {
    const { id } = reserved
    ports.underWay.payments.set(id, reserved)
    emit('reserved', () => ({ payment: id, terms: toPaidTerms(selected) }))
    if (watched.length > 0) await tellApproach(id, watched, ports)
    return brandAuthorized({ selected, payment: reserved })
  }
  if (reserved.by === 'open') return { inTheWay: reserved.open.payment }
  if (reserved.by === 'limits') return refuseOrJudgeAgain(selected, reserved, ports)
  // Payments in doubt may be settled or dead by now, so the chain is asked once, if it can be, before a limit refuses.
  if (reserved.by === 'cap' && !isLast && (await askChain(selected, ports))) {
    return reserve(selected, allowed, earlier, ports, { isLast: true, approval })
  }
  const refused = reserved
  return refuse(({ createRefusedError }) => createRefusedError(selected, refused, ports))
}

/** Describes who asks, for `claim` and for `reserve`. */
export function toAsker({ schemes, clock, resign }: Ports, earlier?: Earlier): Asker {
  return {
    payers: schemes.payers(),
    nowSeconds: clock.nowSeconds(),
    buysOver: resign === 'when-over',
    insteadOf: earlier && earlier.payments.length > 0 ? earlier.payments.map(({ id }) => id) : undefined,
  }
}

/** What is presented at the same time waits for what is being reserved. */
function follow(reserving: Promise<unknown>, ports: Ports): void {
  const end = () => ports.reserving.delete(reserving)
  ports.reserving.add(reserving)
  reserving.then(end, end)
}

const reserveAlone = (draft: Draft, caps: readonly Cap[], { ledger }: Ports) => ledger.reserve(draft, caps)

function readWatched({ watches = [] }: Assessed, { ledger }: Ports): readonly Watched[] {
  return watches.flatMap((watch) =>
    watch.caps.map((cap) => {
      const read = async () => ledger.spent(cap) // someone else's may throw at once
      const sums = read()
      sums.catch(() => undefined) // waited for only once the payment is reserved
      return { cap, sums, watch }
    }),
  )
}

/** Tells how close to a limit the payment came. That changes nothing, so sums that can't be read are skipped. */
async function tellApproach(payment: string, watched: readonly Watched[], { emit }: Ports): Promise<void> {
  for (const { cap, sums, watch } of watched) {
    const approaches = await sums.then((read) => watch.approaches(cap, read)).catch(() => [])
    for (const approach of approaches) emit('approach', () => ({ payment, ...approach }))
  }
}

/** What is paid, as listeners are shown it. */
export function toPaidTerms({ challenge, offer, registration, assessment }: Selected): PaidTerms {
  const shown = showTerms(offer.terms, assessment.notation)
  return Object.freeze({ ...shown, resource: challenge.call.resource, payer: payerOf(registration.scheme) })
}

function toDraft(selected: Selected, allowed: Assessed, names: PurchaseNames, by: Asker): Draft {
  const { challenge, offer, registration, describe, exposure } = selected
  const { call } = challenge
  const { purchase, coarse } = names
  const { key, purchaseForSeconds, origin, host, method, resource, limits } = call
  const isKeyed = key !== undefined
  const asked = toOther(call.asked(), resource)
  const tags = allowed.tags ?? call.tags
  return {
    call: { purchase, coarse, isKeyed, purchaseForSeconds, origin, host, method, resource, asked, tags },
    terms: offer.terms,
    notation: allowed.notation,
    payer: payerOf(registration.scheme),
    exposure: describe === undefined ? 'unread' : exposure,
    charges: allowed.charges,
    by: allowed.version === undefined ? by : { ...by, limits: allowed.version },
    isPinned: limits.pinPayTo === true,
  }
}

/** Most calls ask for what is paid: that is written down once. */
function toOther(asked: string | undefined, resource: string): string | undefined {
  return asked === resource ? undefined : asked
}
