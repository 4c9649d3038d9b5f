import { readAll, readIds } from '../bench.js'
import { createCap } from '../cap.js'
import { createClaimant } from '../claimant.js'
import { DOLLAR, named } from '../draft.js'
import { createPresentation, delivered, lost, sent, settled } from '../events.js'
import type { LedgerCase } from '../session.js'

const GONE =
  'What a process had under way when it died is held by no one, and would keep its room and its purchase for good.'
const KEPT = 'What was written down before a crash is what the money is known by after it.'

/** Cases of a handle that is gone without having been closed. */
export const crashes: readonly LedgerCase[] = [
  {
    name: 'crash: releases what was reserved and never sent, and gives its room back',
    why: GONE,
    async run({ open, crash, check }) {
      const before = await open()
      const id = await before.reserve({ call: { isKeyed: true } }, [createCap(1)])
      const after = await crash(before)
      check.matches(await after.find(id), { state: 'released', delivery: 'none' })
      await after.reserve({ call: { isKeyed: true } }, [createCap(1)])
    },
  },
  {
    name: 'crash: takes for lost what was sent and waited for, so that it is presented again and still counts',
    why: GONE,
    async run({ open, crash, check }) {
      const before = await open()
      const ids = [await before.pay({}, sent), await before.pay({ call: named('news') }, sent, settled)]
      const after = await crash(before)
      check.equal(await after.ledger.spent(createCap(9)), { held: DOLLAR, spent: DOLLAR, count: 2 })
      for (const [index, purchase] of ['weather', 'news'].entries()) {
        await after.expectRefusal({ by: 'open', open: { is: 'open' } }, { call: named(purchase) })
        const payment = { id: ids[index], delivery: 'lost', presentation: createPresentation() }
        check.matches(await after.ledger.claim(createClaimant(named(purchase))), { is: 'yours', payment })
      }
    },
  },
  {
    name: 'crash: frees what was claimed and not sent',
    why: GONE,
    async run({ open, crash, check }) {
      const before = await open()
      const id = await before.pay({}, sent, { ...lost, status: 500 })
      const free = await before.find(id)
      await before.ledger.claim(createClaimant())
      const after = await crash(before)
      check.equal(await after.find(id), free)
      check.matches(await after.ledger.claim(createClaimant()), { is: 'yours', payment: { id } })
    },
  },
  {
    name: 'crash: keeps all else as it was: payments that are over, the register, sums and pins',
    why: KEPT,
    async run({ open, crash, check }) {
      const before = await open()
      await before.pay({ terms: { payTo: '0x1' } }, sent, delivered)
      await before.pay({}, sent, { ...delivered, isSettled: true, transaction: '0x1' })
      await before.pay({ call: named('news') }, sent, { ...lost, said: 'wait' })
      await before.ledger.put('proposal', 'a', { by: ['Ann'] }, undefined)
      const payments = await readAll(before.ledger)
      const after = await crash(await crash(before))
      check.equal(await readAll(after.ledger), payments)
      check.equal(await after.ledger.spent(createCap(9)), { held: 2n * DOLLAR, spent: DOLLAR, count: 3 })
      check.equal(await after.ledger.get('proposal', 'a'), { by: ['Ann'] })
      await after.expectRefusal({ by: 'pin', payTo: '0x1' }, { isPinned: true, terms: { payTo: '0x2' } })
    },
  },
  {
    name: 'crash: gives no id again',
    why: 'Two payments under one id are taken for one, and the other is never counted.',
    async run({ open, crash, check }) {
      let bench = await open()
      const ids: string[] = []
      for (let round = 0; round < 3; round++) {
        for (let made = 0; made < 20; made++) ids.unshift(await bench.reserve())
        bench = await crash(bench)
      }
      check.equal(await readIds(bench.ledger), ids)
      check.equal(new Set(ids).size, 60)
    },
  },
]

/** A crash of one handle while another lives. */
export const crashesBeside: readonly LedgerCase[] = [
  {
    name: 'crash: of one handle leaves alone what the other has under way',
    why: 'A payment that is released or presented again while it is on its way can be paid twice.',
    async run({ openPair, crash, check }) {
      const [first, second] = await openPair()
      const reserved = await second.reserve()
      const waiting = await second.pay({ call: named('news') }, sent)
      const gone = await first.reserve()
      const after = await crash(first)
      check.equal((await after.find(gone)).state, 'released')
      check.matches(await after.find(reserved), { state: 'reserved' })
      check.matches(await after.find(waiting), { state: 'sent', delivery: 'none' })
      await second.ledger.note(reserved, sent)
      check.matches(await after.find(reserved), { state: 'sent', delivery: 'none' })
    },
  },
]
