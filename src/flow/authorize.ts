import type { X402Error } from '../errors.js'
import { isSameAddress } from '../protocol/address.js'
import { formatPrice } from '../protocol/amount.js'
import { toWildcard } from '../protocol/network.js'
import { abortable } from './abortable.js'
import { anySignal } from './any-signal.js'
import { askForApproval } from './ask-for-approval.js'
import { createDeadline } from './create-deadline.js'
import { createUnderWayError } from './create-under-way-error.js'
import { LimitError, type LimitErrorCode } from './limit-error.js'
import { moneyOf } from './money-of.js'
import type { Assessment, Cap, Ledger, LimitRefusal, NewRecord, Ports, Reservation } from './ports.js'
import { type Authorized, assertSelected, type Selected, sealAuthorized } from './steps.js'

/**
 * Checks the selected offer against the limits, asks for approval, and reserves its exposure, before the signer is asked (R3).
 *
 * @throws {@link LimitError} when a limit or a person refuses, or the ledger can't be asked, {@link DeliveryError} when the same
 * purchase is under way, and {@link SigningError} when the call is aborted meanwhile; this call signed nothing.
 */
export async function authorize(selected: Selected, ports: Ports): Promise<Authorized> {
  assertSelected(selected)
  const { assessment } = selected
  if ('refusal' in assessment) throw createRefusalError(selected, assessment.refusal)
  assertCircuitClosed(selected, ports)
  await assertPinnedPayee(selected, ports)
  await assertApproved(selected, assessment)
  const { reservation, sums } = await reserveOrReconcile(selected, assessment, ports)
  if (!('id' in reservation)) throw createRefusedError(selected, reservation)
  await noticeApproach(assessment, sums, ports)
  return sealAuthorized({ selected, id: reservation.id })
}

type Allowed = Exclude<Assessment, { refusal: unknown }>

function assertCircuitClosed(selected: Selected, { circuit, ownTag }: Ports): void {
  const seconds = circuit.openFor(selected.challenge.call.origin)
  if (seconds === 0) return
  throw createLimitError(selected, {
    code: 'CIRCUIT_OPEN',
    because: 'its origin was paid for several purchases and delivered none of them',
    hint:
      ownTag === undefined
        ? `Wait ${seconds} seconds, or call \`client.resetCircuit\` when the seller is well again.`
        : `Wait ${seconds} seconds, or ask whoever restricted this client.`,
  })
}

/** Whoever an origin's first payment in a namespace went to is the only one who is paid there. */
async function assertPinnedPayee(selected: Selected, ports: Ports): Promise<void> {
  const { call } = selected.challenge
  const { network, payTo } = selected.offer.requirements
  if (call.limits.pinPayee !== true) return
  let first: string | undefined
  for await (const record of ports.ledger.list({ host: call.host })) {
    const isHere = record.origin === call.origin && toWildcard(record.network) === toWildcard(network)
    // Newest first: the last one that is seen is the first that was paid.
    if (isHere && record.state !== 'released') first = record.payee
  }
  if (first !== undefined && !isSameAddress(first, payTo)) {
    throw createLimitError(selected, {
      code: 'PAYEE_CHANGED',
      because: 'its origin was paid at another address before',
      hint: 'Ask the seller whether the address is theirs; `limits.pinPayee` holds the first one.',
      facts: { 'paid before': first },
    })
  }
}

async function assertApproved(selected: Selected, allowed: Allowed): Promise<void> {
  const disapproval = await askForApproval(selected, allowed)
  if (disapproval === undefined) return
  const { reason, ...cause } = disapproval
  throw createLimitError(selected, {
    code: 'NOT_APPROVED',
    because: `it was not approved${reason === undefined ? '' : ` (${reason})`}`,
    hint: 'Whoever approves payments said no, or did not say yes.',
    ...cause,
  })
}

type Reserved = { readonly reservation: Reservation; readonly sums: readonly Promise<Sums>[] }
type Sums = Awaited<ReturnType<Ledger['spent']>>

/** What is in doubt may be settled or dead by now: where the chain can be asked, it is, once, before a limit refuses. */
async function reserveOrReconcile(selected: Selected, allowed: Allowed, ports: Ports): Promise<Reserved> {
  const reserved = await reserve(selected, allowed, ports)
  if ('id' in reserved.reservation || reserved.reservation.refusedBy.purchase !== undefined) return reserved
  return (await askChain(selected, ports)) ? reserve(selected, allowed, ports) : reserved
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

async function reserve(selected: Selected, allowed: Allowed, { ledger }: Ports): Promise<Reserved> {
  try {
    const record = await toRecord(selected, allowed)
    const reserving = ledger.reserve(record, [...toPurchaseCaps(record, selected), ...allowed.caps])
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

/** One key is one purchase: while it is open, nobody who shares the ledger reserves it a second time. */
function toPurchaseCaps({ purchase }: NewRecord, { challenge }: Selected): readonly Cap[] {
  if (challenge.call.key === undefined) return []
  return [{ name: 'purchase', unit: 'payments/all', scope: {}, windowSeconds: undefined, count: 1, purchase }]
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

async function toRecord(selected: Selected, allowed: Allowed): Promise<NewRecord> {
  const { challenge, offer, registration } = selected
  const { call } = challenge
  const { requirements } = offer
  return {
    purchase: await call.purchase(),
    origin: call.origin,
    host: call.host,
    method: call.method,
    resource: call.resource,
    payer: registration.scheme.payer,
    scheme: requirements.scheme,
    network: requirements.network,
    asset: requirements.asset,
    payee: requirements.payTo,
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

function createRefusedError(selected: Selected, refused: Refused): X402Error {
  const { refusedBy, underWay } = refused
  if (refusedBy.purchase === undefined) return createCapError(selected, refused)
  const money = underWay === undefined ? 'in-doubt' : moneyOf(underWay.state)
  return createUnderWayError(selected.challenge.call, { money, payment: underWay?.id })
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

type Refusal = {
  code: LimitErrorCode
  because: string
  hint: string
  facts?: Record<string, string>
  cause?: unknown
}

function createLimitError({ challenge, offer, assessment, exposure }: Selected, refusal: Refusal): LimitError {
  const { requirements } = offer
  const isMore = exposure > BigInt(requirements.amount)
  return new LimitError(`Refused to pay ${toPrice(BigInt(requirements.amount), assessment)}: ${refusal.because}.`, {
    code: refusal.code,
    money: 'untouched',
    facts: {
      resource: challenge.call.resource,
      network: requirements.network,
      asset: requirements.asset,
      'pay to': requirements.payTo,
      exposure: isMore ? `${toPrice(exposure, assessment)}, which others could take by what is signed` : undefined,
      ...refusal.facts,
    },
    hint: refusal.hint,
    ...('cause' in refusal && { cause: refusal.cause }),
  })
}

function toPrice(amount: bigint, { symbol, decimals }: Assessment): string {
  return formatPrice(amount, symbol, decimals) ?? `${amount} units of an unknown asset`
}
