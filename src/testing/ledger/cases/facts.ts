import { createPresentation, createSent, delivered, forgotten, lost, released, sent, settled } from '../events.js'
import type { LedgerCase } from '../session.js'

const KNOWN = 'What is known of a payment is what it can be presented, reconciled and canceled by.'
const CHECK = 'Anyone who holds a signed payment can spend it, so it is kept only as long as it may be needed.'

const ENDS = [
  ['delivered', [delivered]],
  ['settled and delivered', [{ ...delivered, isSettled: true, transaction: '0x2' }]],
  ['released', [lost, released]],
  ['given up', [lost, forgotten]],
] as const

const ends = ENDS.map(
  ([what, events]): LedgerCase => ({
    name: `note: forgets the signed payment, and what it would be presented by, once it is ${what}`,
    why: CHECK,
    async run({ open, check }) {
      const { ledger, pay, find } = await open()
      const { extra } = await find(await pay({}, sent)).then(({ terms }) => terms)
      check.equal(extra, { name: 'USD Coin', version: '2' })
      const id = await pay({}, sent)
      check.equal((await find(id)).presentation, createPresentation())
      for (const event of events) await ledger.note(id, event)
      const { presentation, terms } = await find(id)
      check.equal([presentation, terms.extra], [undefined, {}])
    },
  }),
)

/** Cases of what a ledger learns of a payment, keeps and forgets. */
export const facts: readonly LedgerCase[] = [
  {
    name: 'note: adds what is learned, and keeps what is not told again',
    why: KNOWN,
    async run({ open, check }) {
      const { pay, find } = await open()
      const signed = { nonce: '0x1', validUntilSeconds: 5, presentation: createPresentation() }
      const id = await pay({}, createSent(signed), { ...lost, said: 'wait', transaction: '0x2' }, settled)
      const learned = { state: 'settled', delivery: 'lost', sellerSaid: 'wait', transaction: '0x2' }
      check.matches(await find(id), { ...signed, ...learned })
    },
  },
  {
    name: 'note: keeps what was signed when it is sent again, without it',
    why: KNOWN,
    async run({ open, check }) {
      const { pay, find } = await open()
      const signed = { nonce: '0x1', validUntilSeconds: 5, presentation: createPresentation() }
      const id = await pay({}, createSent(signed), lost, { type: 'sent' })
      check.matches(await find(id), { ...signed, state: 'sent', delivery: 'none' })
    },
  },
  {
    name: 'note: lets later words replace earlier ones',
    why: KNOWN,
    async run({ open, check }) {
      const { pay, find } = await open()
      const early = { ...lost, status: 500, transaction: '0x2', said: 'wait' }
      const id = await pay({}, sent, early, { type: 'answered', status: 409, transaction: '0x4', said: 'no' })
      check.matches(await find(id), { delivery: 'answered', status: 409, transaction: '0x4', sellerSaid: 'no' })
    },
  },
  {
    name: 'note: keeps what was signed along with the payment',
    why: 'Anyone who holds an allowance can use it long after the payment that it was signed with.',
    async run({ open, check }) {
      const { pay, find } = await open()
      const allowances = [{ by: 'a', asset: '0x1', spender: '0x2', amount: '7' }]
      const id = await pay({}, createSent({ allowances }), settled, delivered)
      check.equal((await find(id)).allowances, allowances)
    },
  },
  {
    name: 'note: keeps what was sent to cancel the payment',
    why: 'Only a cancellation that this ledger sent frees a payment before its end.',
    async run({ open, check }) {
      const { pay, find } = await open()
      const id = await pay({}, sent, { ...lost, transaction: '0x2' }, { type: 'canceling', cancellation: '0x3' }, lost)
      check.matches(await find(id), { transaction: '0x2', cancellation: '0x3' })
    },
  },
  ...ends,
]
