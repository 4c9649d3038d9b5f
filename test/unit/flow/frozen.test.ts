import { expect, it } from 'vitest'
import type { PaidRequestInit } from '../../../src/fetch/exchange.js'
import { createMemoryLedger } from '../../../src/ledger/book/memory-ledger.js'
import { FREEZE } from '../../../src/payment/ledger.js'
import { createBuyer } from '../../support/create-buyer.js'
import { drops, inTurn, pays } from '../../support/money/paid-answers.js'
import { sell } from '../../support/offers.js'
import { openSeller } from '../fetch/open-seller.js'
import { refusalOf } from './refusal-of.js'

const init: PaidRequestInit = { x402: { redeliver: 'never' } }

it('error: FROZEN when the ledger is frozen, and nothing is signed until it is thawed', async () => {
  const seller = await openSeller(sell)
  const ledger = createMemoryLedger()
  const { paidFetch, signatures, records } = createBuyer({ ledger })
  await ledger.put(FREEZE.kind, FREEZE.key, 'an audit', undefined)
  const error = await refusalOf(paidFetch(seller.url))
  expect(error).toMatchObject({ name: 'LimitError', code: 'FROZEN', money: 'untouched' })
  expect([signatures(), await records()]).toEqual([0, []])
  await ledger.put(FREEZE.kind, FREEZE.key, undefined, 'an audit')
  expect((await paidFetch(seller.url)).status).toBe(200)
})

it('error: FROZEN when a payment that left is to be presented again: the money is in doubt, and it stays open', async () => {
  const seller = await openSeller(inTurn(drops, pays))
  const ledger = createMemoryLedger()
  const { paidFetch, records } = createBuyer({ ledger })
  expect(await refusalOf(paidFetch(seller.url, init))).toMatchObject({ code: 'ANSWER_LOST' })
  await ledger.put(FREEZE.kind, FREEZE.key, true, undefined)
  expect(await refusalOf(paidFetch(seller.url, init))).toMatchObject({ code: 'FROZEN', money: 'in-doubt' })
  expect(await records()).toMatchObject([{ state: 'sent', delivery: 'lost', claimed: false }])
  await ledger.put(FREEZE.kind, FREEZE.key, undefined, true)
  expect((await paidFetch(seller.url, init)).status).toBe(200)
  expect(seller.authorizations().size).toBe(1)
})
