import { createPresentation } from './create-presentation.js'
import type { LedgerCase } from './ledger-case.js'

const KNOWN = 'What is known of a payment is what it can be presented, reconciled and canceled by.'
const BESIDE = 'Who holds an allowance can use it for long after the payment that it was signed beside.'
const CHEQUE = 'Whoever holds a signed payment can spend it, so it is kept only as long as it may be needed.'

/** Cases of what a ledger learns of a payment, keeps and forgets. */
export const facts: readonly LedgerCase[] = [
  {
    name: 'move: adds facts, and keeps those that are not told again',
    why: KNOWN,
    async run({ open, check }) {
      const { ledger, pay, find } = await open()
      const presentation = createPresentation()
      const id = await pay('sent', {}, { nonce: '0x1', validUntilSeconds: 5, presentation })
      const learned = { delivery: 'lost', transaction: '0x2', sellerSaid: 'wait' } as const
      await ledger.move(id, ['sent'], 'settled', { ...learned, nonce: undefined })
      check.matches(await find(id), {
        ...learned,
        state: 'settled',
        nonce: '0x1',
        validUntilSeconds: 5,
        presentation,
      })
    },
  },
  {
    name: 'move: lets later facts replace earlier ones',
    why: KNOWN,
    async run({ open, check }) {
      const { ledger, pay, find } = await open()
      const id = await pay('sent', {}, { nonce: '0x1', validUntilSeconds: 5, transaction: '0x2', sellerSaid: 'wait' })
      const later = {
        nonce: '0x3',
        validUntilSeconds: 6,
        transaction: '0x4',
        sellerSaid: 'no',
        delivery: 'lost',
      } as const
      await ledger.move(id, ['sent'], 'sent', later)
      check.matches(await find(id), later)
    },
  },
  {
    name: 'move: keeps what was signed beside the payment',
    why: BESIDE,
    async run({ open, check }) {
      const { ledger, pay, find } = await open()
      const allowances = [{ by: 'a', asset: '0x1', spender: '0x2', amount: '7' }]
      const id = await pay('sent', {}, { allowances })
      await ledger.move(id, ['sent'], 'settled', { delivery: 'delivered' })
      check.equal((await find(id)).allowances, allowances)
    },
  },
  {
    name: 'move: keeps what was sent to cancel the payment',
    why: 'Only a cancellation that this ledger sent frees a payment before its end.',
    async run({ open, check }) {
      const { ledger, pay, find } = await open()
      const id = await pay('sent', {}, { transaction: '0x2' })
      await ledger.move(id, ['sent'], 'sent', { cancellation: '0x3' })
      await ledger.move(id, ['sent'], 'sent', { delivery: 'lost' })
      check.matches(await find(id), { transaction: '0x2', cancellation: '0x3' })
    },
  },
  {
    name: 'move: keeps its own copy of what is to be presented',
    why: 'What is presented again must be what was signed, byte for byte.',
    async run({ open, check }) {
      const { pay, find } = await open()
      const mine = createPresentation()
      const id = await pay('sent', {}, { presentation: mine })
      mine.payload.payload['nonce'] = '0x2'
      check.equal((await find(id)).presentation, createPresentation())
    },
  },
  {
    name: 'move: forgets the signed payment once it was answered',
    why: CHEQUE,
    async run({ open, check }) {
      const { ledger, pay, find } = await open()
      const presentation = createPresentation()
      const id = await pay('sent', {}, { presentation })
      await ledger.move(id, ['sent'], 'sent', { delivery: 'lost' })
      check.equal((await find(id)).presentation, presentation)
      await ledger.move(id, ['sent'], 'sent', { delivery: 'delivered', presentation })
      check.equal((await find(id)).presentation, undefined)
    },
  },
  {
    name: 'move: forgets the signed payment once it is settled and answered',
    why: CHEQUE,
    async run({ open, check }) {
      const { ledger, pay, find } = await open()
      const id = await pay('sent', {}, { presentation: createPresentation() })
      await ledger.move(id, ['sent'], 'settled', { delivery: 'delivered', transaction: '0x2' })
      check.equal((await find(id)).presentation, undefined)
    },
  },
  {
    name: 'move: forgets the signed payment once it is released',
    why: CHEQUE,
    async run({ open, check }) {
      const { ledger, pay, find } = await open()
      const id = await pay('sent', {}, { presentation: createPresentation(), delivery: 'lost' })
      await ledger.move(id, ['sent'], 'released', {})
      check.equal((await find(id)).presentation, undefined)
    },
  },
]
