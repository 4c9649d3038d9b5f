import { expect, it } from 'vitest'
import { type Bench, capOf, DOLLAR, dollars } from './create-bench.js'

const HOUR = 3600
const hourly = capOf(1, { name: 'perHour', windowSeconds: HOUR })

export function describeWindows(open: () => Promise<Bench>): void {
  it('windows: let a payment count until its window has gone by, to the second', async () => {
    const { clock, reserve } = await open()
    await reserve({}, [hourly])
    clock.advance(HOUR - 1)
    await expect(reserve({}, [hourly])).rejects.toThrow('refused by perHour')
    clock.advance(1)
    await reserve({}, [hourly])
  })

  it('windows: roll instead of starting anew', async () => {
    const { ledger, clock, reserve } = await open()
    for (let quarter = 0; quarter < 8; quarter++) {
      await reserve()
      clock.advance(HOUR / 4)
    }
    // The last four were made 15, 30, 45 and 60 minutes ago, and the last of these has just gone by.
    expect(await ledger.spent(hourly)).toEqual({ held: 3n * DOLLAR, spent: 0n, count: 3 })
  })

  it('windows: let a payment age by when it was reserved, whatever became of it since', async () => {
    const { ledger, clock, pay } = await open()
    const id = await pay('sent')
    clock.advance(HOUR - 1)
    await ledger.move(id, ['sent'], 'settled', {})
    expect((await ledger.spent(hourly)).spent).toBe(DOLLAR)
    clock.advance(1)
    expect(await ledger.spent(hourly)).toEqual({ held: 0n, spent: 0n, count: 0 })
  })

  it('windows: stay right when a payment moves after it has aged out', async () => {
    const { ledger, clock, pay, reserve } = await open()
    const old = await pay('sent')
    clock.advance(HOUR)
    await reserve()
    expect((await ledger.spent(hourly)).count).toBe(1)
    await ledger.move(old, ['sent'], 'settled', { charges: dollars(9) })
    expect(await ledger.spent(hourly)).toEqual({ held: DOLLAR, spent: 0n, count: 1 })
  })

  it('windows: never end for a cap without one', async () => {
    const { clock, reserve } = await open()
    await reserve({}, [capOf(1)])
    clock.advance(100 * 365 * 24 * HOUR)
    await expect(reserve({}, [capOf(1)])).rejects.toThrow('refused by total')
  })

  it('windows: of different lengths are counted side by side', async () => {
    const { ledger, clock, reserve } = await open()
    const daily = capOf(9, { windowSeconds: 24 * HOUR })
    await reserve()
    clock.advance(2 * HOUR)
    await reserve()
    expect((await ledger.spent(hourly)).count).toBe(1)
    expect((await ledger.spent(daily)).count).toBe(2)
  })

  it('windows: free nothing when the clock is set back', async () => {
    const { clock, reserve, find } = await open()
    const id = await reserve({}, [hourly])
    clock.advance(-HOUR / 2)
    const later = await reserve()
    expect((await find(later)).atSeconds).toBe((await find(id)).atSeconds)
    await expect(reserve({}, [hourly])).rejects.toThrow('refused by perHour')
    clock.advance(HOUR)
    await expect(reserve({}, [hourly])).rejects.toThrow('refused by perHour')
  })

  it('windows: count again what a clock that ran ahead for a while had let age out', async () => {
    const { ledger, clock, pay } = await open()
    const id = await pay('sent')
    clock.advance(HOUR)
    expect((await ledger.spent(hourly)).count).toBe(0)
    clock.advance(-HOUR)
    expect((await ledger.spent(hourly)).held).toBe(DOLLAR)
    await ledger.move(id, ['sent'], 'settled', {})
    expect(await ledger.spent(hourly)).toEqual({ held: 0n, spent: DOLLAR, count: 1 })
  })

  it('windows: hold thousands of payments, let go of them, and begin again', async () => {
    const { ledger, clock, reserve } = await open()
    for (let round = 0; round < 2; round++) {
      for (let made = 1; made <= 5000; made++) {
        await reserve()
        clock.advance(1)
        if (made % 100 === 0) expect((await ledger.spent(hourly)).count).toBe(Math.min(made, HOUR - 1))
      }
      clock.advance(HOUR)
      expect(await ledger.spent(hourly)).toEqual({ held: 0n, spent: 0n, count: 0 })
    }
  })
}
