import type { MoneyState } from '../../../errors/x402-error.js'
import { apply, type PaymentEvent } from '../../../payment/event.js'
import type { Payment } from '../../../payment/payment.js'
import { showValue } from '../../value.js'
import { createCap } from '../cap.js'
import { createClaimant } from '../claimant.js'
import { named } from '../draft.js'
import { answered, delivered, EVENTS, forgotten, lost, released, sent, settled } from '../events.js'
import { expectSums } from '../model/sums.js'
import type { LedgerCase } from '../session.js'

const CONFLICT = { name: 'LedgerError', code: 'LEDGER_CONFLICT' } as const
const RULE = 'No one can say where the money of a payment is that went back or skipped a step.'
const MONEY = 'Every error says where the money is, and anyone who reads it acts on that.'

/** How far payments have come, and the events that took them there. */
const STANDINGS: readonly (readonly [string, ...PaymentEvent[]])[] = [
  ['reserved'],
  ['sent', sent],
  ['sent and delivered', sent, delivered],
  ['sent and answered', sent, answered],
  ['sent and lost', sent, lost],
  ['sent and given up', sent, lost, forgotten],
  ['settled', sent, settled],
  ['settled and delivered', sent, settled, delivered],
  ['settled and answered', sent, settled, answered],
  ['settled and lost', sent, settled, lost],
  ['released', released],
  ['released after it was lost', sent, lost, released],
  ['released after it was delivered', sent, delivered, released],
]

const table = STANDINGS.map(
  ([standing, ...events]): LedgerCase => ({
    name: `note: whatever happens to a payment that is ${standing}, it is what apply says, once and done again`,
    why: RULE,
    async run({ open, check }) {
      const { ledger, clock, pay, find } = await open()
      const others: Payment[] = []
      for (const [index, event] of EVENTS.entries()) {
        const own = check.with({ event: showValue(event) })
        const id = await pay({ call: named(`purchase ${index}`) }, ...events)
        const before = await find(id)
        const expected = apply(before, event)
        if ('conflict' in expected) {
          await own.rejects(() => ledger.note(id, event), CONFLICT)
          own.equal(await find(id), before)
          others.push(before)
          continue
        }
        others.push(expected)
        for (let time = 1; time <= 2; time++) {
          own.equal(await ledger.note(id, event), expected)
          own.equal(await find(id), expected)
          const cap = createCap(99)
          own.equal(await ledger.spent(cap), expectSums(cap, others, clock.nowSeconds()))
        }
      }
    },
  }),
)

/** What can't have happened, and where the money is then. */
const MONEY_OF: readonly (readonly [string, PaymentEvent, MoneyState, ...PaymentEvent[]])[] = [
  ['reserved payment that is to be settled', settled, 'untouched'],
  // A caller that notes `sent` holds a signature that hasn't left yet.
  ['reserved payment that is to be sent without its signature', { type: 'sent' }, 'signed'],
  ['settled payment that is to be released', released, 'settled', sent, settled],
  ['delivered payment that is to be sent', sent, 'in-doubt', sent, delivered],
  ['released payment that is to be settled', settled, 'released', released],
  ['released payment that is to be sent', sent, 'signed', released],
]

const money = MONEY_OF.map(
  ([what, event, where, ...events]): LedgerCase => ({
    name: `error: LEDGER_CONFLICT of a ${what} says that the money is ${where}`,
    why: MONEY,
    async run({ open, check }) {
      const { ledger, pay } = await open()
      const id = await pay({}, ...events)
      await check.rejects(() => ledger.note(id, event), { ...CONFLICT, money: where })
    },
  }),
)

/** Cases of what may happen to payments. */
export const notes: readonly LedgerCase[] = [
  ...table,
  ...money,
  {
    name: 'error: LEDGER_UNKNOWN_RECORD when the payment is not in the ledger, and the money is in doubt',
    why: 'A payment that left and is written down nowhere must not pass for one that is.',
    async run({ open, check }) {
      const { ledger } = await open()
      const expected = { name: 'LedgerError', code: 'LEDGER_UNKNOWN_RECORD', money: 'in-doubt' } as const
      await check.rejects(() => ledger.note('nobody', settled), expected)
    },
  },
  {
    name: 'note: lets nothing undo a delivery',
    why: 'What was delivered and is taken for lost is asked for again, and a seller that wants money again gets it.',
    async run({ open, check }) {
      const { ledger, pay, find } = await open()
      const id = await pay({}, sent, { ...delivered, said: 'here you are' })
      for (const event of [{ ...lost, status: 500, said: 'no' }, answered, delivered]) await ledger.note(id, event)
      check.matches(await find(id), { state: 'sent', delivery: 'delivered', status: 200, sellerSaid: 'here you are' })
      await ledger.note(id, { ...lost, isSettled: true, transaction: '0x2' })
      check.matches(await find(id), { state: 'settled', delivery: 'delivered', transaction: '0x2' })
      await check.rejects(() => ledger.note(id, sent), { ...CONFLICT, money: 'settled' })
      check.equal(await ledger.claim(createClaimant()), { is: 'nothing', over: [] })
    },
  },
  {
    name: 'note: of many concurrent ones that exclude each other, lets one happen',
    why: 'What was released counts no more, and what is settled was taken.',
    async run({ open, check }) {
      const { ledger, pay, find } = await open()
      const id = await pay({}, sent)
      const events = Array.from({ length: 100 }, (_, index) => (index % 2 === 0 ? settled : released))
      const outcomes = await Promise.allSettled(events.map((event) => ledger.note(id, event)))
      const { state } = await find(id)
      const happened = events.filter((_, index) => outcomes[index]?.status === 'fulfilled')
      check.equal([...new Set(happened.map(({ type }) => type))], [state])
      check.equal(happened.length, 50)
    },
  },
]
