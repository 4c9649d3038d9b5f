import { expect, it } from 'vitest'
import { createMemoryLedger } from '../../../src/ledger/index.js'
import { toCrashEvent } from '../../../src/payment/event.js'
import { readAll } from '../../../src/testing/ledger/bench.js'
import { calling, createBriskBuyer } from '../../support/money/create-brisk-buyer.js'
import { createGate } from '../../support/money/create-gate.js'
import { drops, inTurn, type PaidAnswer, pays } from '../../support/money/paid-answers.js'
import { openSeller } from '../../unit/fetch/open-seller.js'
import { refusalOf } from '../../unit/flow/refusal-of.js'

/** A process that was taken for gone while it slept wakes up, and tells that it got nothing. */
it('R1: a payment that another process has presented meanwhile stays delivered, whatever a caller that slept says of it then', async () => {
  const [asked, wakes] = [createGate(), createGate()]
  const sleeps: PaidAnswer = async (request, response) => {
    asked.open()
    await wakes.passed
    await drops(request, response)
  }
  const seller = await openSeller(inTurn(sleeps, pays))
  const ledger = createMemoryLedger()
  // Another object: what is in flight is joined within a process.
  const [sleeping, other] = [createBriskBuyer({ ledger }), createBriskBuyer({ ledger: { ...ledger } })]
  const key = calling({ purchase: 'job-7', redeliver: 'never' })
  const slept = refusalOf(sleeping.paidFetch(seller.url, key))
  await asked.passed
  // What a ledger of a fleet notes once the lease of a process is over.
  const [sent] = await readAll(ledger)
  const crash = sent && toCrashEvent(sent)
  if (sent === undefined || crash === undefined) throw new Error('nothing was under way')
  await ledger.note(sent.id, crash)
  expect((await other.paidFetch(seller.url, key)).status).toBe(200)
  wakes.open()
  expect(await slept).toMatchObject({ code: 'ANSWER_LOST' })
  expect(await readAll(ledger)).toMatchObject([{ id: sent.id, delivery: 'delivered', presentation: undefined }])
  expect(await ledger.list({ delivery: 'lost' })[Symbol.asyncIterator]().next()).toMatchObject({ done: true })
  // The purchase is over: it isn't in doubt for ever.
  expect((await other.paidFetch(seller.url, key)).status).toBe(200)
  expect([seller.authorizations().size, sleeping.signatures(), other.signatures()]).toEqual([2, 1, 1])
})
