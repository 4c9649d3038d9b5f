import { expect, it } from 'vitest'
import { type Bench, capOf, createRecord, DOLLAR, dollars, readAll } from './create-bench.js'

export function describeReservations(open: () => Promise<Bench>): void {
  it('reserve: lets through what a cap allows, to the last unit', async () => {
    const { ledger } = await open()
    const record = createRecord({ charges: [{ unit: 'usd', amount: DOLLAR / 2n }] })
    expect(await ledger.reserve(record, [capOf(1)])).toHaveProperty('id')
    expect(await ledger.reserve(record, [capOf(1)])).toHaveProperty('id')
    expect(await ledger.reserve(createRecord({ charges: [{ unit: 'usd', amount: 1n }] }), [capOf(1)])).toHaveProperty(
      'refusedBy',
    )
  })

  it('reserve: names the cap that refuses, and what counts against it', async () => {
    const { ledger, pay, reserve } = await open()
    await pay('settled', { charges: dollars(2) })
    await reserve({ charges: dollars(3) })
    const cap = capOf(5)
    expect(await ledger.reserve(createRecord(), [capOf(100), cap, capOf(1)])).toEqual({
      refusedBy: cap,
      held: 3n * DOLLAR,
      spent: 2n * DOLLAR,
    })
  })

  it('reserve: writes nothing when one of several caps refuses', async () => {
    const { ledger } = await open()
    await ledger.reserve(createRecord(), [capOf(100), capOf(0)])
    expect(await ledger.spent(capOf(1))).toEqual({ held: 0n, spent: 0n, count: 0 })
    expect(await readAll(ledger)).toEqual([])
  })

  it('reserve: lets exactly ten of 1,000 concurrent payments of $1 through a cap of $10', async () => {
    const { ledger } = await open()
    const asked = Array.from({ length: 1000 }, () => ledger.reserve(createRecord(), [capOf(10)]))
    const reserved = (await Promise.all(asked)).flatMap((reservation) => ('id' in reservation ? [reservation.id] : []))
    expect(new Set(reserved).size).toBe(10)
    expect(await ledger.spent(capOf(10))).toEqual({ held: 10n * DOLLAR, spent: 0n, count: 10 })
  })

  it('reserve: lets through as many payments as a count allows, whatever they cost', async () => {
    const { ledger, reserve } = await open()
    const cap = capOf(0, { unit: 'payments/all', amount: undefined, count: 2 })
    await reserve({ charges: dollars(900) }, [cap])
    await reserve({ charges: dollars(0) }, [cap])
    expect(await ledger.reserve(createRecord(), [cap])).toEqual({ refusedBy: cap, held: 2n, spent: 0n })
  })

  it('reserve: refuses everything under a cap of zero', async () => {
    const { ledger } = await open()
    const record = createRecord({ charges: [{ unit: 'usd', amount: 1n }] })
    expect(await ledger.reserve(record, [capOf(0)])).toHaveProperty('refusedBy')
    expect(await ledger.reserve(record, [capOf(1, { count: 0 })])).toHaveProperty('refusedBy')
  })

  it('reserve: keeps amounts exact beyond what a number holds', async () => {
    const { ledger, reserve } = await open()
    const amount = 2n ** 256n - 1n
    await reserve({ charges: [{ unit: 'usd', amount }] })
    await reserve({ charges: [{ unit: 'usd', amount }] })
    expect((await ledger.spent(capOf(1))).held).toBe(2n * amount)
  })
}
