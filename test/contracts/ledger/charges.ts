import { expect, it } from 'vitest'
import { type Bench, capOf, DOLLAR, dollars } from './create-bench.js'

export function describeCharges(open: () => Promise<Bench>): void {
  it('move: keeps what the chain says was taken, and counts the charges that came with it', async () => {
    const { ledger, pay, find } = await open()
    const id = await pay('sent', { charges: dollars(5) })
    await ledger.spent(capOf(9))
    await ledger.move(id, ['sent'], 'settled', { charged: 2_000_000n, charges: dollars(2) })
    expect(await find(id)).toMatchObject({ state: 'settled', charged: 2_000_000n, charges: dollars(2) })
    expect(await ledger.spent(capOf(9))).toEqual({ held: 0n, spent: 2n * DOLLAR, count: 1 })
  })

  it('move: lowers what a settled payment counts, and leaves it settled and delivered', async () => {
    const { ledger, pay, reserve, find } = await open()
    const id = await pay('settled', { charges: dollars(5) }, { delivery: 'answered' })
    await expect(reserve({}, [capOf(5)])).rejects.toThrow('refused by total')
    await ledger.move(id, ['settled'], 'settled', { charged: 2_000_000n, charges: dollars(2) })
    expect(await find(id)).toMatchObject({ state: 'settled', delivery: 'answered' })
    await reserve({ charges: dollars(3) }, [capOf(5)])
  })

  it('move: keeps what was taken when later facts say nothing of it', async () => {
    const { ledger, pay, find } = await open()
    const id = await pay('settled', { charges: dollars(5) }, { charged: 0n, charges: dollars(0) })
    await ledger.move(id, ['settled'], 'settled', { delivery: 'answered' })
    expect(await find(id)).toMatchObject({ charged: 0n, charges: dollars(0) })
  })
}
