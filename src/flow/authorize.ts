import { formatUnits } from '../protocol/amount.js'
import { LimitError, type LimitErrorCode } from './limit-error.js'
import type { Assessment, Cap, LimitRefusal, NewRecord, Ports, Reservation } from './ports.js'
import { type Authorized, assertSelected, type Selected, sealAuthorized } from './steps.js'

/**
 * Checks the selected offer against the limits and reserves its price, before the signer is asked (R3).
 *
 * @throws {@link LimitError} when a limit refuses or the ledger can't be asked; nothing was signed.
 */
export async function authorize(selected: Selected, ports: Ports): Promise<Authorized> {
  assertSelected(selected)
  const { assessment } = selected
  if ('refusal' in assessment) {
    throw createRefusalError(selected, assessment.refusal)
  }
  const reservation = await reserve(selected, assessment, ports)
  if ('id' in reservation) return sealAuthorized({ selected, id: reservation.id })
  throw createCapError(selected, reservation, ports)
}

type Allowed = Exclude<Assessment, { refusal: unknown }>

async function reserve(selected: Selected, allowed: Allowed, ports: Ports): Promise<Reservation> {
  try {
    return await ports.ledger.reserve(await toRecord(selected, allowed), allowed.caps)
  } catch (cause) {
    throw createLimitError(selected, {
      code: 'LEDGER_UNAVAILABLE',
      because: 'the ledger could not write the payment down, and what is not written down is not signed',
      hint: 'See the cause; the limits hold only while the ledger can be read and written.',
      cause,
    })
  }
}

async function toRecord({ challenge, offer, registration }: Selected, allowed: Allowed): Promise<NewRecord> {
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
    tags: call.tags,
    charges: allowed.charges,
  }
}

/** The error of an offer that the limits refuse whatever was spent before. */
export function createRefusalError(selected: Selected, { code, because, hint }: LimitRefusal): LimitError {
  return createLimitError(selected, { code, because, hint })
}

/** The error of an offer that fits no more into a limit. */
export function createCapError(selected: Selected, refused: Exclude<Reservation, { id: string }>, ports: Ports): LimitError {
  const { refusedBy: cap, held, spent } = refused
  const write = (amount: bigint) => ports.limits.format(cap.unit, amount)
  const allows = cap.amount === undefined ? `${cap.count} payments` : write(cap.amount)
  return createLimitError(selected, {
    code: toCode(cap),
    because: `the limit "${cap.name}" allows ${allows}`,
    hint: `Raise \`limits.${cap.name}\`, or catch LimitError to skip this resource.`,
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

function createLimitError({ challenge, offer, assessment }: Selected, refusal: Refusal): LimitError {
  const { requirements } = offer
  return new LimitError(`Refused to pay ${toPrice(requirements.amount, assessment)}: ${refusal.because}.`, {
    code: refusal.code,
    money: 'untouched',
    facts: {
      resource: challenge.call.resource,
      network: requirements.network,
      asset: requirements.asset,
      'pay to': requirements.payTo,
      ...refusal.facts,
    },
    hint: refusal.hint,
    ...('cause' in refusal && { cause: refusal.cause }),
  })
}

function toPrice(amount: string, assessment: Assessment): string {
  if (assessment.symbol === undefined || assessment.decimals === undefined) return `${amount} units of an unknown asset`
  return `${formatUnits(BigInt(amount), assessment.decimals)} ${assessment.symbol}`
}
