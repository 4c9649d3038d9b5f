import { describe, expect, it } from 'vitest'
import type { Scope, State } from '../../../src/flow/ports.js'
import { type Bench, capOf, createRecord, DOLLAR, dollars } from './create-bench.js'

export function describeCounting(open: () => Promise<Bench>): void {
  it.each<[State, bigint, bigint, number]>([
    ['reserved', 1n, 0n, 1],
    ['signed', 1n, 0n, 1],
    ['sent', 1n, 0n, 1],
    ['settled', 0n, 1n, 1],
    ['released', 0n, 0n, 0],
  ])('spent: a payment that is %s counts %d held, %d spent, %d payments', async (state, held, spent, count) => {
    const { ledger, pay } = await open()
    const cap = capOf(9)
    await ledger.spent(cap)
    await pay(state)
    expect(await ledger.spent(cap)).toEqual({ held: held * DOLLAR, spent: spent * DOLLAR, count })
  })

  it('spent: keeps counting what was sent, whatever the seller said', async () => {
    const { ledger, pay, reserve } = await open()
    const id = await pay('sent')
    await ledger.move(id, ['sent'], 'sent', {
      delivery: 'lost',
      sellerSaid: 'success: false, your payment was not charged',
    })
    expect(await ledger.spent(capOf(1))).toEqual({ held: DOLLAR, spent: 0n, count: 1 })
    await expect(reserve({}, [capOf(1)])).rejects.toThrow('refused by total')
  })

  it('spent: gives back what was released, and only that', async () => {
    const { ledger, pay, reserve } = await open()
    await pay('settled')
    const id = await pay('sent')
    await ledger.move(id, ['sent'], 'released', {})
    expect(await ledger.spent(capOf(2))).toEqual({ held: 0n, spent: DOLLAR, count: 1 })
    await reserve({}, [capOf(2)])
  })

  it('spent: counts old payments against a cap that was never asked for before', async () => {
    const { ledger, pay } = await open()
    await pay('settled', { charges: dollars(2), tags: ['research'] })
    await pay('sent', { charges: dollars(3) })
    expect(await ledger.spent(capOf(1, { name: 'new' }))).toEqual({ held: 3n * DOLLAR, spent: 2n * DOLLAR, count: 2 })
    expect((await ledger.spent(capOf(1, { scope: { tag: 'research' }, windowSeconds: 60 }))).spent).toBe(2n * DOLLAR)
  })

  it('spent: counts what a verified receipt charged, once it is known', async () => {
    const { ledger, pay } = await open()
    const id = await pay('sent', { charges: dollars(5) })
    expect((await ledger.spent(capOf(9))).held).toBe(5n * DOLLAR)
    await ledger.move(id, ['sent'], 'settled', { charges: dollars(2), delivery: 'answered' })
    expect(await ledger.spent(capOf(9))).toEqual({ held: 0n, spent: 2n * DOLLAR, count: 1 })
  })

  it('spent: counts a charge in a unit that the payment did not have before', async () => {
    const { ledger, pay } = await open()
    const euros = capOf(9, { unit: 'symbol/EURC' })
    expect((await ledger.spent(euros)).count).toBe(0)
    const id = await pay('sent')
    await ledger.move(id, ['sent'], 'sent', { charges: [{ unit: 'symbol/EURC', amount: 7n }] })
    expect(await ledger.spent(euros)).toEqual({ held: 7n, spent: 0n, count: 1 })
    expect(await ledger.spent(capOf(9))).toEqual({ held: 0n, spent: 0n, count: 0 })
  })

  it('spent: counts neither amount nor payment where there is no charge in the unit', async () => {
    const { ledger, reserve } = await open()
    await reserve({ charges: [{ unit: 'symbol/EURC', amount: 5n }] }, [capOf(0, { count: 0 })])
    expect(await ledger.spent(capOf(1))).toEqual({ held: 0n, spent: 0n, count: 0 })
  })

  it('spent: adds up two charges of one payment in the same unit, as one payment', async () => {
    const { ledger, reserve } = await open()
    const charges = [...dollars(1), ...dollars(2)]
    await expect(reserve({ charges }, [capOf(2)])).rejects.toThrow('refused by total')
    await reserve({ charges }, [capOf(3)])
    expect(await ledger.spent(capOf(3))).toEqual({ held: 3n * DOLLAR, spent: 0n, count: 1 })
  })

  describe('scopes', () => {
    const payments = [
      { host: 'a.example', payee: '0xAa', tags: [] },
      { host: 'a.example', payee: '0xBb', tags: ['x'] },
      { host: 'b.example', payee: '0xaa', tags: ['x', 'y', 'x'] },
      { host: 'b.example', payee: 'Mint', tags: ['x\ny', ''] },
    ]

    it.each<[Scope, number]>([
      [{}, 4],
      [{ host: 'a.example' }, 2],
      [{ host: 'c.example' }, 0],
      [{ payee: '0xAA' }, 2],
      [{ payee: 'Mint' }, 1],
      [{ payee: 'mint' }, 0],
      [{ tag: 'x' }, 2],
      [{ tag: 'y' }, 1],
      [{ tag: '' }, 1],
      [{ host: 'b.example', tag: 'x' }, 1],
      [{ host: 'a.example', payee: '0xbb', tag: 'x' }, 1],
      [{ host: 'a.example', payee: '0xaa', tag: 'x' }, 0],
    ])(
      'spent: with scope %o counts %d of four payments, asked for before and after they are made',
      async (scope, count) => {
        const { ledger, reserve } = await open()
        const before = capOf(9, { scope })
        const after = capOf(9, { scope, windowSeconds: 60 })
        await ledger.spent(before)
        for (const payment of payments) await reserve(payment)
        expect(await ledger.spent(before)).toEqual({ held: BigInt(count) * DOLLAR, spent: 0n, count })
        expect(await ledger.spent(after)).toEqual({ held: BigInt(count) * DOLLAR, spent: 0n, count })
      },
    )

    it('reserve: asks a cap only about payments in its scope', async () => {
      const { ledger, reserve } = await open()
      const cap = capOf(1, { scope: { host: 'a.example' } })
      await reserve({ host: 'a.example' }, [cap])
      await reserve({ host: 'b.example' }, [cap])
      expect(await ledger.reserve(createRecord({ host: 'a.example' }), [cap])).toHaveProperty('refusedBy')
    })
  })
}
