import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { apply, type Conflict, type PaymentEvent, toCrashEvent } from '../../../src/payment/event.js'
import { openPayment, type Payment, type State } from '../../../src/payment/payment.js'
import { isClosed, isOpen, isUnderWay } from '../../../src/payment/purchase.js'
import { createDraft } from '../../../src/testing/ledger/draft.js'
import { createPresentation } from '../../../src/testing/ledger/events.js'
import { moveRecord, type OldFacts, type OldRecord, type OldState } from './moved-record.js'

/** Histories that are compared with the rule of version 0.1, and those that each other property is tried on. */
const RUNS = Math.max(10_000, Number(process.env['FC_RUNS'] ?? 0))
const FEWER_RUNS = Number(process.env['FC_RUNS'] ?? 2000)

const some = <T>(...values: T[]) => fc.constantFrom(undefined, ...values)
const charges = some([], [{ unit: 'usd', amount: 2n }] as const, [{ unit: 'usd', amount: 2n ** 80n }] as const)

const signature = {
  validUntilSeconds: some(5, 6),
  nonce: some('0x1', '0x2'),
  allowances: some([{ by: 'a', asset: '0x1', spender: '0x2', amount: '7' }]),
  charges,
}

const outcome = fc.record({
  type: fc.constantFrom('delivered', 'answered', 'lost'),
  status: some(200, 404, 500),
  said: some('wait', 'no'),
  transaction: some('0x1', '0x2'),
  isSettled: some(true, false),
})

const drawEvent: fc.Arbitrary<PaymentEvent> = fc.oneof(
  fc.record({ type: fc.constant('sent'), presentation: fc.constant(createPresentation()), ...signature }),
  fc.record({ type: fc.constant('sent'), purchase: some('weather', 'weather, refreshed') }),
  outcome,
  outcome,
  fc.record({ type: fc.constant('settled'), transaction: some('0x1', '0x2'), charged: some(0n, 2n), charges }),
  fc.record({ type: fc.constant('released'), because: fc.constantFrom('unsent', 'dead'), transaction: some('0x3') }),
  fc.record({ type: fc.constant('canceling'), cancellation: fc.constantFrom('0x4', '0x5') }),
  fc.constantFrom({ type: 'forgotten' }, { type: 'freed' }),
)

/** What happens to a payment; it may be claimed before each event. */
const drawHistory = fc.array(fc.tuple(drawEvent, fc.boolean()), { minLength: 1, maxLength: 12 })

type Happened = { readonly before: Payment; readonly event: PaymentEvent; readonly after: Payment | Conflict }

/** Each step of a history. What can't have happened changes nothing. */
function* walk(history: readonly (readonly [PaymentEvent, boolean])[]): Generator<Happened> {
  let payment = openPayment(createDraft(), '0', 1_000)
  // The first `sent` comes first in half of all histories, since all else is refused before.
  for (const [event, isClaimed] of history) {
    const before = isClaimed && isOpen(payment) ? { ...payment, claimed: true } : payment
    const after = apply(before, event)
    yield { before, event, after }
    payment = 'conflict' in after ? before : after
  }
}

/** Asserts of each step of many histories. */
function hold(assertOf: (happened: Happened) => void, numRuns = FEWER_RUNS): void {
  const property = fc.property(drawHistory, fc.boolean(), (history, isSent) => {
    const sent: PaymentEvent = { type: 'sent', presentation: createPresentation() }
    for (const happened of walk(isSent ? [[sent, false], ...history] : history)) assertOf(happened)
  })
  fc.assert(property, { numRuns })
}

const LATER: Readonly<Record<State, readonly State[]>> = {
  reserved: ['reserved', 'sent', 'released'],
  sent: ['sent', 'settled', 'released'],
  settled: ['settled'],
  released: ['released'],
}

describe('apply', () => {
  it('comes to the same when an event is told twice', () => {
    hold(({ event, after }) => {
      if (!('conflict' in after)) expect(apply(after, event)).toEqual(after)
    })
  })

  it('changes nothing of the payment that it is given', () => {
    hold(({ before, event }) => {
      const copy = structuredClone(before)
      apply(before, event)
      expect(before).toEqual(copy)
    })
  })

  it('never takes back that a payment was settled, delivered or released', () => {
    hold(({ before, after }) => {
      if ('conflict' in after) return
      expect(LATER[before.state]).toContain(after.state)
      if (before.delivery === 'delivered') expect(after.delivery).toBe('delivered')
      if (before.forgotten) expect(after.forgotten).toBe(true)
    })
  })

  it('keeps no presentation and no extra of a payment that is closed, and both of one that is not', () => {
    hold(({ before, after }) => {
      if ('conflict' in after) return
      const { presentation, terms } = after
      if (isClosed(after)) expect({ presentation, extra: terms.extra }).toEqual({ presentation: undefined, extra: {} })
      else if (after.state !== 'reserved' && !before.forgotten) expect(presentation).toEqual(createPresentation())
    })
  })

  it('ends a claim, whatever happens', () => {
    hold(({ after }) => {
      if (!('conflict' in after)) expect(after.claimed).toBe(false)
    })
  })

  it('leaves alone what no event speaks of', () => {
    hold(({ before, after }) => {
      if ('conflict' in after) return
      const { id, atSeconds, notation, payer, exposure } = before
      expect(after).toMatchObject({ id, atSeconds, notation, payer, exposure })
      expect({ ...after.call, purchase: '' }).toEqual({ ...before.call, purchase: '' })
      expect({ ...after.terms, extra: {} }).toEqual({ ...before.terms, extra: {} })
    })
  })

  it('conflicts with the state that the payment is in, by the name of the event', () => {
    hold(({ before, event, after }) => {
      if ('conflict' in after) expect(after).toEqual({ conflict: before.state, event: event.type })
    })
  })
})

describe('toCrashEvent', () => {
  it('leaves nothing under way and nothing claimed, never conflicts, and has nothing more to say', () => {
    hold(({ before }) => {
      const event = toCrashEvent(before)
      const after = event === undefined ? before : apply(before, event)
      if ('conflict' in after) throw new Error(`a crash can not be ${after.event}`)
      expect([isUnderWay(after), after.claimed, toCrashEvent(after)]).toEqual([false, false, undefined])
      expect(after.state).toBe(before.state === 'reserved' ? 'released' : before.state)
    })
  })
})

/** A payment as version 0.1 had it; it knew no other fields that a move changes. */
function toOld({ call, state, delivery, claimed, charges, forgotten, ...facts }: Payment): OldRecord {
  const { presentation, validUntilSeconds, nonce, charged, transaction, cancellation, allowances } = facts
  return {
    ...{ state, delivery, claimed, charges, purchase: call.purchase, forgotten: forgotten || undefined },
    ...{ presentation, validUntilSeconds, nonce, charged, transaction, cancellation, allowances },
    ...{ status: facts.status, sellerSaid: facts.sellerSaid },
  }
}

/**
 * How the corridor and the desk of version 0.1 told a ledger of an event. They named the state that they believed in, so that a response to a
 * payment which the chain had settled meanwhile was a conflict at first; here it is the state that the payment is in, as in their second try.
 */
function toMove(event: PaymentEvent, { state, delivery }: Payment): { to: OldState; facts: OldFacts } {
  switch (event.type) {
    case 'sent': {
      const { type: _, ...facts } = event
      return { to: state === 'settled' ? 'settled' : 'sent', facts: { ...facts, delivery: 'none' } }
    }
    case 'settled': {
      const { type, ...facts } = event
      return { to: type, facts }
    }
    case 'released':
      return { to: 'released', facts: { transaction: event.transaction } }
    case 'canceling':
      return { to: state, facts: { cancellation: event.cancellation } }
    case 'forgotten':
      return { to: state, facts: { forgotten: true, delivery: delivery === 'none' ? 'lost' : delivery } }
    case 'told':
      return { to: state, facts: { sellerSaid: event.said, transaction: event.transaction } }
    case 'freed':
      return { to: state, facts: {} }
    default: {
      const { type, status, said, transaction, isSettled } = event
      return {
        to: isSettled && state !== 'reserved' ? 'settled' : state,
        facts: { delivery: type, status, sellerSaid: said, transaction },
      }
    }
  }
}

type Difference = {
  /** The decision that changed it. */
  readonly decision: string
  readonly isMet: (before: Payment, event: PaymentEvent) => boolean
  /** What it is now, made from what it was before the event and from what version 0.1 made of it. */
  readonly toNow: (before: OldRecord, old: OldRecord | 'conflict', event: PaymentEvent) => OldRecord | 'conflict'
}

const hasLeft = ({ state }: Payment) => state === 'sent' || state === 'settled'
const OUTCOMES: ReadonlySet<PaymentEvent['type']> = new Set(['delivered', 'answered', 'lost'])

/** All in which the rule isn't that of version 0.1 any more. That there is no state `signed` is the last test's. */
const DIFFERENCES: readonly Difference[] = [
  {
    decision: 'delivered is final: a later word changes only where the money is',
    isMet: (before, event) => hasLeft(before) && before.delivery === 'delivered' && OUTCOMES.has(event.type),
    toNow: ({ delivery, status, sellerSaid }, old) =>
      old === 'conflict' ? old : { ...old, delivery, status, sellerSaid, presentation: undefined },
  },
  {
    decision: 'delivered is final: it is never sent again',
    isMet: (before, event) => hasLeft(before) && before.delivery === 'delivered' && event.type === 'sent',
    toNow: () => 'conflict',
  },
  {
    decision: 'what was given up is never sent again',
    isMet: (before, event) => hasLeft(before) && before.forgotten && event.type === 'sent',
    toNow: () => 'conflict',
  },
  {
    decision: 'a payment leaves for the first time with what was signed',
    isMet: ({ state }, event) => state === 'reserved' && event.type === 'sent' && event.presentation === undefined,
    toNow: () => 'conflict',
  },
  {
    decision: 'every step may be done twice: what is released may be released',
    isMet: ({ state }, event) => state === 'released' && event.type === 'released',
    toNow: (before, _, event) =>
      event.type === 'released' ? { ...before, transaction: event.transaction ?? before.transaction } : before,
  },
  {
    decision: 'every step may be done twice: what nobody claimed may be freed',
    isMet: ({ state }, event) => (state === 'reserved' || state === 'released') && event.type === 'freed',
    toNow: (before) => before,
  },
]

describe('apply, compared with the rule of version 0.1', () => {
  it('agrees wherever no decision changed it, and differs as the decision says', () => {
    const met = new Set<Difference>()
    let agreed = 0
    hold(({ before, event, after }) => {
      const { to, facts } = toMove(event, before)
      const old = moveRecord(toOld(before), to, facts)
      const difference = DIFFERENCES.find(({ isMet }) => isMet(before, event))
      if (difference === undefined) agreed += 1
      else met.add(difference)
      const expected = difference === undefined ? old : difference.toNow(toOld(before), old, event)
      expect('conflict' in after ? 'conflict' : toOld(after)).toEqual(expected)
    }, RUNS)
    expect(DIFFERENCES.filter((one) => !met.has(one))).toEqual([])
    expect(agreed).toBeGreaterThan(RUNS)
  })

  it('comes to the same without the state signed, in which a payment was known and had not left', () => {
    const property = fc.property(fc.record(signature), (signed) => {
      const reserved = openPayment(createDraft(), '0', 1_000)
      const presentation = createPresentation()
      const old = moveRecord(toOld(reserved), 'signed', signed)
      const left = old === 'conflict' ? old : moveRecord(old, 'sent', { presentation, delivery: 'none' })
      const now = apply(reserved, { type: 'sent', presentation, ...signed })
      expect('conflict' in now ? 'conflict' : toOld(now)).toEqual(left)
    })
    fc.assert(property)
  })
})
