import { expect, it } from 'vitest'
import type { Cap, Delivery, State } from '../../../src/flow/ports.js'
import { type Bench, capOf, createRecord } from './create-bench.js'

/** One open payment of a purchase at a time. */
const once: Cap = {
  name: 'purchase',
  unit: 'payments/all',
  scope: {},
  windowSeconds: undefined,
  count: 1,
  purchase: 'weather',
}

export function describePurchases(open: () => Promise<Bench>): void {
  it('reserve: of many concurrent askers with a cap on their purchase, one gets it and the others are told which', async () => {
    const { ledger } = await open()
    const reservations = await Promise.all(Array.from({ length: 100 }, () => ledger.reserve(createRecord(), [once])))
    const [first, ...others] = reservations
    expect(first).toHaveProperty('id')
    const id = first !== undefined && 'id' in first ? first.id : undefined
    for (const other of others) {
      expect(other).toMatchObject({ refusedBy: once, held: 0n, spent: 0n, underWay: { id, state: 'reserved' } })
    }
  })

  it.each<[State, Delivery, boolean]>([
    ['reserved', 'none', true],
    ['signed', 'none', true],
    ['sent', 'none', true],
    ['sent', 'lost', true],
    ['sent', 'answered', false],
    ['settled', 'none', true],
    ['settled', 'lost', true],
    ['settled', 'answered', false],
    ['released', 'none', false],
    ['released', 'lost', false],
  ])(
    'reserve: a payment that is %s with delivery %s counts against a cap on its purchase: %s',
    async (state, delivery, isOpen) => {
      const { ledger, pay } = await open()
      const id = await pay(state, {}, { delivery })
      const reservation = await ledger.reserve(createRecord(), [once])
      if (isOpen) expect(reservation).toMatchObject({ refusedBy: once, underWay: { id, state, delivery } })
      else expect(reservation).toHaveProperty('id')
    },
  )

  it('reserve: a payment that is being presented again counts against a cap on its purchase', async () => {
    const { ledger, pay } = await open()
    const id = await pay('sent', { payer: 'a' }, { delivery: 'lost' })
    await ledger.claim('weather', ['a'])
    expect(await ledger.reserve(createRecord(), [once])).toMatchObject({ underWay: { id, claimed: true } })
  })

  it('reserve: a cap on a purchase counts no other purchase, whatever else they have in common', async () => {
    const { ledger, reserve } = await open()
    await reserve({ purchase: 'news' })
    expect(await ledger.reserve(createRecord(), [once])).toHaveProperty('id')
    expect(await ledger.spent({ ...once, purchase: 'sports' })).toEqual({ held: 0n, spent: 0n, count: 0 })
  })

  it('reserve: without a cap on its purchase, it is reserved beside an open one of the same', async () => {
    const { ledger, reserve } = await open()
    await reserve()
    await reserve({}, [capOf(2)])
    expect(await ledger.spent(once)).toEqual({ held: 0n, spent: 0n, count: 2 })
  })

  it('reserve: a refusal by a cap on the purchase reserves nothing', async () => {
    const { ledger, reserve } = await open()
    await reserve()
    await ledger.reserve(createRecord(), [once])
    expect((await ledger.spent(capOf(10))).count).toBe(1)
  })
}
