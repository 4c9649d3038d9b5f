import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import type { Delivery, State } from '../../../src/flow/ports.js'
import { createCap } from '../../../src/testing/ledger/create-cap.js'
import { createClaimant } from '../../../src/testing/ledger/create-claimant.js'
import { createPresentation } from '../../../src/testing/ledger/create-presentation.js'
import { createRecord } from '../../../src/testing/ledger/create-record.js'
import { DOLLAR, dollars } from '../../../src/testing/ledger/dollars.js'
import { readAll } from '../../../src/testing/ledger/read-all.js'
import { createFileBench } from '../../support/ledger/create-file-bench.js'

const presentation = createPresentation()

describe('createFileLedger, opened again', () => {
  it('says that its promises reach across restarts of this machine', async () => {
    const { ledger } = await createFileBench()
    expect(ledger.guarantee).toBe('machine')
  })

  describe.each([
    ['after it was closed', 'reopen' as const],
    ['after a crash', 'crash' as const],
  ])('%s', (_when, again) => {
    it.each<[State, State, Delivery, Delivery]>([
      ['reserved', 'released', 'none', 'none'],
      ['signed', 'released', 'none', 'none'],
      ['sent', 'sent', 'none', 'lost'],
      ['sent', 'sent', 'lost', 'lost'],
      ['sent', 'sent', 'answered', 'answered'],
      ['sent', 'sent', 'delivered', 'delivered'],
      ['settled', 'settled', 'none', 'lost'],
      ['settled', 'settled', 'lost', 'lost'],
      ['settled', 'settled', 'answered', 'answered'],
      ['settled', 'settled', 'delivered', 'delivered'],
      ['released', 'released', 'none', 'none'],
      ['released', 'released', 'lost', 'lost'],
    ])('a payment that was %s is %s, its answer that was %s is %s', async (state, then, delivery, thenDelivery) => {
      const bench = await createFileBench()
      const id = await bench.pay(state, { tags: ['a'] }, { delivery, nonce: '0x1', validUntilSeconds: 9, presentation })
      const before = await bench.find(id)
      const [after] = await readAll(await bench[again]())
      expect(after).toEqual({ ...before, state: then, delivery: thenDelivery, presentation: after?.presentation })
      const isOver = then === 'released' || thenDelivery === 'delivered'
      expect(after?.presentation).toEqual(isOver ? undefined : presentation)
    })

    it('knows which payments nothing could read, and which differ in nothing else', async () => {
      const { pay, [again]: open } = await createFileBench()
      await pay('sent')
      await pay('sent', { unread: true })
      const [unread, read] = await readAll(await open())
      expect([unread?.unread, read?.unread]).toEqual([true, undefined])
    })

    it('counts what was counted, by any cap', async () => {
      const { pay, [again]: open } = await createFileBench()
      await pay('settled', { charges: dollars(1), host: 'a.example' }, { charges: dollars(2), delivery: 'delivered' })
      await pay('sent', { charges: dollars(4), tags: ['x'] })
      await pay('released', { charges: dollars(8) })
      await pay('reserved', { charges: dollars(16) })
      const ledger = await open()
      expect(await ledger.spent(createCap(9))).toEqual({ held: 4n * DOLLAR, spent: 2n * DOLLAR, count: 2 })
      expect(await ledger.spent(createCap(9, { scope: { host: 'a.example' } }))).toMatchObject({ held: 0n, count: 1 })
      expect(await ledger.spent(createCap(9, { scope: { tag: 'x' }, windowSeconds: 60 }))).toMatchObject({ count: 1 })
      expect(await ledger.reserve(createRecord(), [createCap(6)])).toHaveProperty('refusedBy')
      expect(await ledger.reserve(createRecord(), [createCap(7)])).toHaveProperty('id')
    })

    it('knows what the chain said was taken, nothing included', async () => {
      const { pay, find, [again]: open } = await createFileBench()
      const ids = [await pay('settled', {}, { charged: 2n ** 200n }), await pay('settled', {}, { charged: 0n })]
      const before = await Promise.all(ids.map(find))
      const after = await readAll(await open())
      expect(after.map(({ charged }) => charged)).toEqual(before.map(({ charged }) => charged).reverse())
    })

    it('gives the same purchase the payment that was sent, claimed or not', async () => {
      const { ledger, pay, [again]: open } = await createFileBench()
      const id = await pay('sent', {}, { presentation })
      await ledger.move(id, ['sent'], 'sent', { delivery: 'lost' })
      await ledger.claim(createClaimant())
      const claimed = await (await open()).claim(createClaimant())
      if (claimed.is !== 'yours') throw new Error(claimed.is)
      const { record } = claimed
      expect(record).toMatchObject({ id, claimed: true, presentation })
      expect([record.presentation, record.presentation?.payload].every(Object.isFrozen)).toBe(true)
    })

    it('keeps texts and amounts as they were', async () => {
      const { reserve, find, [again]: open } = await createFileBench()
      const odd = 'a\tb\nc"\\\u2028é€😀\ud800 {"i":1}'
      const amount = 2n ** 256n - 1n
      const charges = [
        { unit: `symbol/${odd}` as const, amount: amount * DOLLAR },
        { unit: 'usd' as const, amount: 0n },
      ]
      const change = { purchase: odd, resource: odd, host: odd, tags: [odd, ''], payer: undefined, symbol: odd }
      const before = await find(await reserve({ ...change, amount, charges, decimals: undefined }))
      expect(await readAll(await open())).toEqual([{ ...before, state: 'released' }])
    })
  })

  it('tells what it found', async () => {
    const { pay, crash } = await createFileBench()
    await pay('reserved')
    await pay('signed')
    await pay('sent')
    await pay('sent', {}, { delivery: 'lost' })
    await pay('settled', {}, { delivery: 'delivered' })
    expect((await crash()).recovery).toEqual({ released: 2, lost: 1, tornBytes: 0 })
  })

  it('gives ids that no payment had before', async () => {
    const { reserve, reopen } = await createFileBench()
    const first = await reserve()
    const reservation = await (await reopen()).reserve(createRecord(), [])
    expect(reservation).not.toEqual({ id: first })
  })

  it('moves payments of the process before', async () => {
    const { pay, reopen } = await createFileBench()
    const id = await pay('sent', {}, { delivery: 'lost' })
    const ledger = await reopen()
    await ledger.move(id, ['sent'], 'settled', { delivery: 'delivered' })
    expect(await readAll(ledger)).toMatchObject([{ id, state: 'settled' }])
  })

  it('frees nothing when the clock was set back meanwhile', async () => {
    const { clock, pay, reopen } = await createFileBench()
    await pay('settled')
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
    const payments = Array.from({ length: 2000 }, (_, n) => ({ payTo: `0x${n % 700}`, resource: `/${n % 5000}` }))
    await Promise.all(payments.map((change) => pay('settled', change, { delivery: 'delivered' })))
    const before = await readAll(ledger)
    expect(await readAll(await reopen())).toEqual(before)
  })

  it('writes a payment that is reserved, and each of its moves, once', async () => {
    const { ledger, pay } = await createFileBench()
    await pay('settled', {}, { delivery: 'delivered' })
    expect((await readFile(ledger.path, 'utf8')).trim().split('\n')).toHaveLength(4)
  })

  it('needs no payment to be a file', async () => {
    const { reopen } = await createFileBench()
    expect(await readAll(await reopen())).toEqual([])
  })
})
