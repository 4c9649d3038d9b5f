import type { Charge, Delivery, Presentation } from '../../../src/payment/payment.js'
import type { TokenAllowance } from '../../../src/payment/scheme.js'

/** States as version 0.1 had them. */
export type OldState = 'reserved' | 'signed' | 'sent' | 'settled' | 'released'

/** What was learned by a move of version 0.1; `undefined` keeps what was known. */
export type OldFacts = {
  readonly delivery?: Delivery | undefined
  readonly purchase?: string | undefined
  readonly status?: number | undefined
  readonly forgotten?: true | undefined
  readonly presentation?: Presentation | undefined
  readonly validUntilSeconds?: number | undefined
  readonly nonce?: string | undefined
  readonly charges?: readonly Charge[] | undefined
  readonly charged?: bigint | undefined
  readonly transaction?: string | undefined
  readonly cancellation?: string | undefined
  readonly allowances?: readonly TokenAllowance[] | undefined
  readonly sellerSaid?: string | undefined
}

/** What a move could change of a record of version 0.1. */
export type OldRecord = OldFacts & {
  readonly state: OldState
  readonly delivery: Delivery
  readonly claimed: boolean
  readonly purchase: string
  readonly charges: readonly Charge[]
}

const NEXT: Readonly<Record<OldState, readonly OldState[]>> = {
  reserved: ['signed', 'sent', 'released'],
  signed: ['sent', 'released'],
  sent: ['sent', 'settled', 'released'],
  settled: ['settled'],
  released: [],
}

/**
 * The rule of version 0.1 (`src/ledger/book/record.ts` there), as it was: what {@link apply} must agree with wherever no decision changed it.
 *
 * @returns `'conflict'` for a move that it refused.
 */
export function moveRecord(record: OldRecord, to: OldState, facts: OldFacts): OldRecord | 'conflict' {
  if (!NEXT[record.state].includes(to)) return 'conflict'
  const after = {
    ...record,
    state: to,
    claimed: false,
    delivery: facts.delivery ?? record.delivery,
    forgotten: facts.forgotten ?? record.forgotten,
    purchase: facts.purchase ?? record.purchase,
    presentation: facts.presentation ?? record.presentation,
    validUntilSeconds: facts.validUntilSeconds ?? record.validUntilSeconds,
    nonce: facts.nonce ?? record.nonce,
    charges: facts.charges ?? record.charges,
    charged: facts.charged ?? record.charged,
    transaction: facts.transaction ?? record.transaction,
    cancellation: facts.cancellation ?? record.cancellation,
    allowances: facts.allowances ?? record.allowances,
    sellerSaid: facts.sellerSaid ?? record.sellerSaid,
    status: facts.status ?? record.status,
  }
  return isClosed(after) ? { ...after, presentation: undefined } : after
}

function isClosed({ state, delivery, forgotten }: OldRecord): boolean {
  const hasLeft = state === 'sent' || state === 'settled'
  const isOpen = hasLeft && (delivery === 'answered' || delivery === 'lost') && forgotten !== true
  const isUnderWay = state === 'reserved' || state === 'signed' || (state !== 'released' && delivery === 'none')
  return !isOpen && !isUnderWay
}
