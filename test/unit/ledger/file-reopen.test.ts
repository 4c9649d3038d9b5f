import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import type { PaymentEvent } from '../../../src/payment/event.js'
import type { Delivery, State } from '../../../src/payment/payment.js'
import { readAll } from '../../../src/testing/ledger/bench.js'
import { createCap } from '../../../src/testing/ledger/cap.js'
import { createClaimant } from '../../../src/testing/ledger/claimant.js'
import { createDraft, DOLLAR, dollars, named } from '../../../src/testing/ledger/draft.js'
import {
  answered,
  createPresentation,
  delivered,
  lost,
  released,
  sent,
  settled,
} from '../../../src/testing/ledger/events.js'
import { createFileBench } from '../../support/ledger/create-file-bench.js'

const presentation = createPresentation()
const SIGNED: PaymentEvent = { ...sent, nonce: '0x1', validUntilSeconds: 9 }

describe('createFileLedger, opened again', () => {
  it('says that it is for all processes of a machine', async () => {
    const { ledger } = await createFileBench()
    expect(ledger.guarantee).toBe('machine')
  })

  describe.each([
    ['after it was closed', 'reopen' as const],
    ['after a crash', 'crash' as const],
  ])('%s', (_when, again) => {
    it.each<[State, Delivery, State, Delivery, PaymentEvent[]]>([
      ['reserved', 'none', 'released', 'none', []],
      ['sent', 'none', 'sent', 'lost', [SIGNED]],
      ['sent', 'lost', 'sent', 'lost', [SIGNED, lost]],
      ['sent', 'answered', 'sent', 'answered', [SIGNED, answered]],
      ['sent', 'delivered', 'sent', 'delivered', [SIGNED, delivered]],
      ['settled', 'none', 'settled', 'lost', [SIGNED, settled]],
      ['settled', 'lost', 'settled', 'lost', [SIGNED, lost, settled]],
      ['settled', 'answered', 'settled', 'answered', [SIGNED, answered, settled]],
      ['settled', 'delivered', 'settled', 'delivered', [SIGNED, delivered, settled]],
      ['released', 'none', 'released', 'none', [released]],
      ['released', 'lost', 'released', 'lost', [SIGNED, lost, released]],
    ])('a payment that was %s and %s is %s and %s', async (state, delivery, then, thenDelivery, events) => {
      const bench = await createFileBench()
      const before = await bench.find(await bench.pay({ call: { tags: ['a'] } }, ...events))
      expect(before).toMatchObject({ state, delivery })
      const [after] = await readAll(await bench[again]())
      const isOver = then === 'released' || thenDelivery === 'delivered'
      const { terms } = before
      expect(after).toEqual({
        ...before,
        state: then,
        delivery: thenDelivery,
        presentation: isOver ? undefined : presentation,
        terms: { ...terms, extra: isOver ? {} : { name: 'USD Coin', version: '2' } },
      })
    })

    it('knows what others could take by each payment, and which nothing could read, where they differ in nothing else', async () => {
      const { pay, [again]: open } = await createFileBench()
      await pay({}, sent)
      await pay({ exposure: 'unread' }, sent)
      await pay({ exposure: 2n ** 200n }, sent)
      const found = await readAll(await open())
      expect(found.map(({ exposure }) => exposure)).toEqual([2n ** 200n, 'unread', 1_000_000n])
    })

    it('counts what was counted, by any cap', async () => {
      const { pay, [again]: open } = await createFileBench()
      const taken: PaymentEvent = { type: 'settled', charges: dollars(2) }
      await pay({ charges: dollars(3), call: { host: 'a.example' } }, sent, delivered, taken)
      await pay({ charges: dollars(5), call: { tags: ['x'] } }, { ...sent, charges: dollars(4) })
      await pay({ charges: dollars(8) }, sent, released)
      await pay({ charges: dollars(16) })
      const ledger = await open()
      expect(await ledger.spent(createCap(9))).toEqual({ held: 4n * DOLLAR, spent: 2n * DOLLAR, count: 2 })
      expect(await ledger.spent(createCap(9, { scope: { host: 'a.example' } }))).toMatchObject({ held: 0n, count: 1 })
      expect(await ledger.spent(createCap(9, { scope: { tag: 'x' }, windowSeconds: 60 }))).toMatchObject({ count: 1 })
      const another = createDraft({ call: named('news') })
      expect(await ledger.reserve(another, [createCap(6)])).toMatchObject({ by: 'cap' })
      expect(await ledger.reserve(another, [createCap(7)])).toHaveProperty('id')
    })

    it('knows what the register holds', async () => {
      const { ledger, [again]: open } = await createFileBench()
      const odd = { 'a\tb': [1, 'é\n', null, true, { __proto__: 1 }], '': -0.5 }
      expect(await ledger.put('proposal', 'a', odd, undefined)).toBe(true)
      expect(await ledger.put('proposal', 'b', 1, undefined)).toBe(true)
      expect(await ledger.put('proposal', 'b', undefined, 1)).toBe(true)
      expect(await ledger.put('proposal', 'c', null, undefined)).toBe(true)
      const found = await open()
      const values = await Promise.all(['a', 'b', 'c', 'd'].map((key) => found.get('proposal', key)))
      expect(values).toEqual([odd, undefined, null, undefined])
      expect(await found.put('proposal', 'a', 2, odd)).toBe(true)
    })

    it('knows what the chain said was taken, nothing included', async () => {
      const { pay, find, [again]: open } = await createFileBench()
      const taken = (charged: bigint): PaymentEvent => ({ type: 'settled', charged })
      const ids = [await pay({}, sent, taken(2n ** 200n)), await pay({}, sent, taken(0n))]
      const before = await Promise.all(ids.map(find))
      const after = await readAll(await open())
      expect(after.map(({ charged }) => charged)).toEqual(before.map(({ charged }) => charged).reverse())
    })

    it('gives the same purchase the payment that was sent, claimed or not', async () => {
      const { ledger, pay, [again]: open } = await createFileBench()
      const id = await pay({}, sent, lost)
      await ledger.claim(createClaimant())
      const claimed = await (await open()).claim(createClaimant())
      if (claimed.is !== 'yours') throw new Error(claimed.is)
      const { payment } = claimed
      expect(payment).toMatchObject({ id, claimed: true, presentation })
      expect([payment.presentation, payment.presentation?.payload].every(Object.isFrozen)).toBe(true)
    })

    it('keeps texts and amounts as they were', async () => {
      const { reserve, find, [again]: open } = await createFileBench()
      const odd = 'a\tb\nc"\\\u2028é€😀\ud800 {"i":1}'
      const amount = 2n ** 256n - 1n
      const charges = [
        { unit: `symbol/${odd}` as const, amount: amount * DOLLAR },
        { unit: 'usd' as const, amount: 0n },
      ]
      const call = { purchase: odd, coarse: undefined, resource: odd, host: odd, origin: odd, tags: [odd, ''] }
      const change = { call, terms: { amount, extra: {} }, payer: undefined, notation: { symbol: odd }, charges }
      const before = await find(await reserve(change))
      expect(await readAll(await open())).toEqual([{ ...before, state: 'released' }])
    })
  })

  it('tells what it found', async () => {
    const { pay, crash } = await createFileBench()
    await pay({})
    await pay({})
    await pay({}, sent)
    await pay({ call: named('news') }, sent, lost)
    await pay({}, sent, delivered, settled)
    expect((await crash()).recovery).toEqual({ released: 2, lost: 1, tornBytes: 0 })
  })

  it('gives ids that no payment had before', async () => {
    const { reserve, reopen } = await createFileBench()
    const first = await reserve()
    const reserved = await (await reopen()).reserve(createDraft(), [])
    expect(reserved).toHaveProperty('id')
    expect(reserved).not.toHaveProperty('id', first)
  })

  it('takes note of what happens to payments of the process before', async () => {
    const { pay, reopen } = await createFileBench()
    const id = await pay({}, sent, lost)
    const ledger = await reopen()
    const after = await ledger.note(id, { ...delivered, isSettled: true })
    expect(after).toMatchObject({ id, state: 'settled', delivery: 'delivered' })
    expect(await readAll(ledger)).toEqual([after])
  })

  it('frees nothing when the clock was set back meanwhile', async () => {
    const { clock, pay, reopen } = await createFileBench()
    await pay({}, sent, settled)
    clock.advance(-1000)
    const hourly = createCap(1, { windowSeconds: 3600 })
    const ledger = await reopen()
    clock.advance(3600)
    expect((await ledger.spent(hourly)).count).toBe(1)
    clock.advance(1000)
    expect((await ledger.spent(hourly)).count).toBe(0)
  })

  it('keeps thousands of payments to hundreds of sellers apart', async () => {
    const { ledger, pay, reopen } = await createFileBench()
    const payments = Array.from({ length: 2000 }, (_, n) => ({
      terms: { payTo: `0x${n % 700}` },
      call: { purchase: `${n}`, coarse: undefined, resource: `/${n % 5000}` },
    }))
    await Promise.all(payments.map((change) => pay(change, sent, delivered, settled)))
    const before = await readAll(ledger)
    expect(await readAll(await reopen())).toEqual(before)
  })

  it('writes a payment that is reserved, and each event that changes it, once', async () => {
    const { ledger, pay } = await createFileBench()
    const id = await pay({}, sent, delivered, delivered, settled, settled)
    await ledger.note(id, { type: 'freed' })
    expect((await readFile(ledger.path, 'utf8')).trim().split('\n')).toHaveLength(5)
  })

  it('needs no payment to be a file', async () => {
    const { reopen } = await createFileBench()
    expect(await readAll(await reopen())).toEqual([])
  })
})
