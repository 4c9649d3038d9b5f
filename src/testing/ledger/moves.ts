import type { MoneyState } from '../../errors/x402-error.js'
import type { State } from '../../flow/ports.js'
import type { LedgerCase } from './ledger-case.js'
import { isLegalMove, STATES } from './legal-moves.js'

const CONFLICT = { name: 'LedgerError', code: 'LEDGER_CONFLICT' } as const
const FORWARD = 'A payment that goes back or skips a step is one of which nobody knows where its money is.'
const MONEY = 'Every error says where the money is, and whoever reads it acts on that.'

const pairs = STATES.flatMap((from) => STATES.map((to): readonly [State, State] => [from, to]))

const table = pairs.map(([from, to]): LedgerCase => {
  if (!isLegalMove(from, to)) return createIllegalMove(from, to)
  return {
    name: `move: takes a payment from ${from} to ${to}`,
    why: 'A step that is refused leaves the payment behind where its money is not.',
    async run({ open, check }) {
      const { ledger, pay, find } = await open()
      const id = await pay(from)
      await ledger.move(id, [from], to, {})
      check.equal((await find(id)).state, to)
    },
  }
})

function createIllegalMove(from: State, to: State): LedgerCase {
  return {
    name: `error: LEDGER_CONFLICT when a payment is to go from ${from} to ${to}, and it stays as it was`,
    why: FORWARD,
    async run({ open, check }) {
      const { ledger, pay, find } = await open()
      const id = await pay(from)
      const before = await find(id)
      await check.rejects(() => ledger.move(id, STATES, to, { delivery: 'delivered' }), CONFLICT)
      check.equal(await find(id), before)
    },
  }
}

const MONEY_OF: readonly (readonly [State, State, MoneyState])[] = [
  ['reserved', 'settled', 'untouched'],
  ['signed', 'settled', 'signed'],
  ['sent', 'signed', 'in-doubt'],
  ['settled', 'sent', 'settled'],
  ['released', 'settled', 'released'],
  // Whoever asks for `sent` holds a signature that never left.
  ['released', 'sent', 'signed'],
]

const money = MONEY_OF.map(
  ([state, to, where]): LedgerCase => ({
    name: `error: LEDGER_CONFLICT of a ${state} payment that is to be ${to} says that the money is ${where}`,
    why: MONEY,
    async run({ open, check }) {
      const { ledger, pay } = await open()
      const id = await pay(state)
      await check.rejects(() => ledger.move(id, STATES, to, {}), { ...CONFLICT, money: where })
    },
  }),
)

/** Cases of how payments move on. */
export const moves: readonly LedgerCase[] = [
  ...table,
  ...money,
  {
    name: 'error: LEDGER_CONFLICT when the payment is in none of the states that it is moved from',
    why: 'A move that ignores what happened meanwhile would release a payment that has left.',
    async run({ open, check }) {
      const { ledger, pay, find } = await open()
      const id = await pay('sent')
      const release = () => ledger.move(id, ['reserved', 'signed'], 'released', {})
      await check.rejects(release, { ...CONFLICT, money: 'in-doubt' })
      check.equal((await find(id)).state, 'sent')
    },
  },
  {
    name: 'error: LEDGER_UNKNOWN_RECORD when the payment is not in the ledger, and the money is in doubt',
    why: 'A payment that left and is written down nowhere must not pass for one that is.',
    async run({ open, check }) {
      const { ledger } = await open()
      const expected = { name: 'LedgerError', code: 'LEDGER_UNKNOWN_RECORD', money: 'in-doubt' } as const
      await check.rejects(() => ledger.move('nobody', ['sent'], 'settled', {}), expected)
    },
  },
  {
    name: 'move: lets one of many concurrent movers win',
    why: 'Each of them would act on a state that holds for one of them only.',
    async run({ open, check }) {
      const { ledger, pay } = await open()
      const id = await pay('sent')
      const asked = Array.from({ length: 100 }, () => ledger.move(id, ['sent'], 'settled', {}))
      const outcomes = await Promise.allSettled(asked)
      check.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1)
    },
  },
]
