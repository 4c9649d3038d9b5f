import { expect, it } from 'vitest'
import type { State } from '../../../src/flow/ports.js'
import { type Bench, createPresentation } from './create-bench.js'

const STATES: readonly State[] = ['reserved', 'signed', 'sent', 'settled', 'released']
const LEGAL = new Set([
  'reserved signed',
  'reserved sent',
  'reserved released',
  'signed sent',
  'signed released',
  'sent sent',
  'sent settled',
  'sent released',
  'settled settled',
])
const MOVES = STATES.flatMap((from) => STATES.map((to): [State, State] => [from, to]))

const presentation = createPresentation()

export function describeMoves(open: () => Promise<Bench>): void {
  it.each(MOVES.filter((move) => LEGAL.has(move.join(' '))))(
    'move: takes a payment from %s to %s',
    async (from, to) => {
      const { ledger, pay, find } = await open()
      const id = await pay(from)
      await ledger.move(id, [from], to, {})
      expect((await find(id)).state).toBe(to)
    },
  )

  it.each(MOVES.filter((move) => !LEGAL.has(move.join(' '))))(
    'error: LEDGER_CONFLICT when a payment is to go from %s to %s, and it stays as it was',
    async (from, to) => {
      const { ledger, pay, find } = await open()
      const id = await pay(from)
      const before = await find(id)
      await expect(ledger.move(id, STATES, to, { delivery: 'answered' })).rejects.toMatchObject({
        name: 'LedgerError',
        code: 'LEDGER_CONFLICT',
      })
      expect(await find(id)).toEqual(before)
    },
  )

  it.each<[State, State, string]>([
    ['reserved', 'settled', 'untouched'],
    ['signed', 'settled', 'signed'],
    ['sent', 'signed', 'in-doubt'],
    ['settled', 'sent', 'settled'],
    ['released', 'settled', 'released'],
    ['released', 'sent', 'signed'],
  ])('error: LEDGER_CONFLICT of a %s payment that is to be %s says that the money is %s', async (state, to, money) => {
    const { ledger, pay } = await open()
    const id = await pay(state)
    await expect(ledger.move(id, STATES, to, {})).rejects.toMatchObject({ money })
  })

  it('error: LEDGER_CONFLICT when the payment is in none of the states that it is moved from', async () => {
    const { ledger, pay } = await open()
    const id = await pay('sent')
    await expect(ledger.move(id, ['reserved', 'signed'], 'released', {})).rejects.toMatchObject({
      code: 'LEDGER_CONFLICT',
      money: 'in-doubt',
    })
  })

  it('error: LEDGER_UNKNOWN_RECORD when the payment is not in the ledger, and the money is in doubt', async () => {
    const { ledger } = await open()
    await expect(ledger.move('nobody', ['sent'], 'settled', {})).rejects.toMatchObject({
      name: 'LedgerError',
      code: 'LEDGER_UNKNOWN_RECORD',
      money: 'in-doubt',
    })
  })

  it('move: lets one of many concurrent movers win', async () => {
    const { ledger, pay } = await open()
    const id = await pay('sent')
    const moves = Array.from({ length: 100 }, () => ledger.move(id, ['sent'], 'settled', {}))
    const outcomes = await Promise.allSettled(moves)
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })

  it('move: adds facts, and keeps those that are not told again', async () => {
    const { ledger, pay, find } = await open()
    const id = await pay('sent', {}, { nonce: '0x1', validUntilSeconds: 5, presentation })
    await ledger.move(id, ['sent'], 'settled', {
      delivery: 'lost',
      transaction: '0x2',
      nonce: undefined,
      sellerSaid: 'wait',
      allowances: [{ by: 'a', asset: '0x1', spender: '0x2', amount: '7' }],
    })
    await ledger.move(id, ['settled'], 'settled', {})
    expect(await find(id)).toMatchObject({
      state: 'settled',
      delivery: 'lost',
      nonce: '0x1',
      validUntilSeconds: 5,
      transaction: '0x2',
      sellerSaid: 'wait',
      allowances: [{ by: 'a', asset: '0x1', spender: '0x2', amount: '7' }],
      presentation,
    })
  })

  it('move: keeps its own copy of what is to be presented', async () => {
    const { pay, find } = await open()
    const mine = createPresentation()
    const id = await pay('sent', {}, { presentation: mine })
    mine.payload.payload['nonce'] = '0x2'
    expect((await find(id)).presentation).toEqual(presentation)
  })

  it('move: forgets the signed payment once it was answered', async () => {
    const { ledger, pay, find } = await open()
    const id = await pay('sent', {}, { presentation })
    await ledger.move(id, ['sent'], 'sent', { delivery: 'lost' })
    expect((await find(id)).presentation).toEqual(presentation)
    await ledger.move(id, ['sent'], 'sent', { delivery: 'answered', presentation })
    expect((await find(id)).presentation).toBeUndefined()
  })

  it('move: forgets the signed payment once it is released', async () => {
    const { ledger, pay, find } = await open()
    const id = await pay('sent', {}, { presentation, delivery: 'lost' })
    await ledger.move(id, ['sent'], 'released', {})
    expect((await find(id)).presentation).toBeUndefined()
  })
}
