import { expect, it } from 'vitest'
import type { Filter } from '../../../src/flow/ports.js'
import { type Bench, createRecord, dollars, readAll } from './create-bench.js'

export function describeRecords(open: () => Promise<Bench>): void {
  it('guarantee: says how far the promises reach', async () => {
    const { ledger } = await open()
    expect(['process', 'machine', 'fleet']).toContain(ledger.guarantee)
  })

  it('list: shows a payment as it was reserved', async () => {
    const { ledger, clock, reserve, find } = await open()
    const id = await reserve({ tags: ['a', 'b'] })
    expect(await find(id)).toEqual({
      ...createRecord({ tags: ['a', 'b'] }),
      id,
      atSeconds: clock.nowSeconds(),
      state: 'reserved',
      delivery: 'none',
      claimed: false,
    })
    expect(await readAll(ledger)).toHaveLength(1)
  })

  it('list: begins with the newest', async () => {
    const { ledger, reserve } = await open()
    const ids = [await reserve(), await reserve(), await reserve()]
    expect((await readAll(ledger)).map(({ id }) => id)).toEqual(ids.reverse())
  })

  it.each<[Filter, number]>([
    [{ states: ['sent'] }, 2],
    [{ states: ['reserved', 'settled'] }, 2],
    [{ states: [] }, 0],
    [{ delivery: 'lost' }, 1],
    [{ host: 'b.example' }, 1],
    [{ states: ['sent'], delivery: 'none', host: 'api.example.com' }, 1],
  ])('list: with %o shows %d of four payments', async (filter, count) => {
    const { ledger, pay } = await open()
    await pay('reserved')
    await pay('sent')
    await pay('sent', {}, { delivery: 'lost' })
    await pay('settled', { host: 'b.example' })
    expect(await readAll(ledger, filter)).toHaveLength(count)
  })

  it('list: can be left before its end', async () => {
    const { ledger, reserve } = await open()
    await reserve()
    const id = await reserve()
    for await (const record of ledger.list({})) {
      expect(record.id).toBe(id)
      break
    }
  })

  it('list: shows records that nobody can change', async () => {
    const { ledger, reserve, find } = await open()
    const tags = ['a']
    const charges = [...dollars(1)]
    const id = await reserve({ tags, charges })
    tags.push('b')
    charges.pop()
    const record = await find(id)
    expect(record).toMatchObject({ tags: ['a'], charges: dollars(1) })
    expect([record, record.tags, record.charges, ...record.charges].every(Object.isFrozen)).toBe(true)
    await ledger.move(id, ['reserved'], 'sent', {})
    expect(record.state).toBe('reserved')
  })

  it('reserve: gives each payment an id of its own', async () => {
    const { reserve } = await open()
    const ids = await Promise.all(Array.from({ length: 100 }, () => reserve()))
    expect(new Set(ids).size).toBe(100)
  })
}
