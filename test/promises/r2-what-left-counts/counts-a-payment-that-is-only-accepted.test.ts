import { expect, it } from 'vitest'
import { createFileLedger } from '../../../src/ledger/file/index.js'
import type { ClientEvent } from '../../../src/payment/stream.js'
import { paymentOf } from '../../../src/payment/summary.js'
import { encodeJsonHeader } from '../../../src/wire/header-codec.js'
import { throughEveryDoor } from '../../support/conformance/doors.js'
import { createBuyer } from '../../support/create-buyer.js'
import { createLedgerPath } from '../../support/ledger/create-ledger-path.js'
import { createBriskClock } from '../../support/money/create-brisk-clock.js'
import { inTurn, type PaidAnswer, pays } from '../../support/money/paid-answers.js'
import { NETWORK, TRANSACTION } from '../../support/offers.js'
import { openSeller } from '../../unit/fetch/open-seller.js'

/** What facilitators say that settle later: success, and no transaction yet. */
const receipt = encodeJsonHeader({ success: true, transaction: '', network: NETWORK })

const accepts =
  (status = 200): PaidAnswer =>
  (_request, response) =>
    void response.writeHead(status, { 'payment-response': receipt }).end('bought')

for (const status of [200, 202]) {
  throughEveryDoor(`hands over a ${status} that is only accepted, in doubt and counted`, async ({ open, shop }) => {
    const seller = await open(inTurn(accepts(status)))
    const shopper = shop({ clock: createBriskClock(), limits: { total: '$0.01' } })
    expect(await shopper.request(seller.url)).toMatchObject({
      status,
      text: 'bought',
      payment: { money: 'in-doubt', delivery: 'delivered', transaction: undefined, receipt: { state: 'accepted' } },
    })
    expect(await shopper.client.inDoubt()).toMatchObject([{ money: 'in-doubt', transaction: undefined }])
    expect((await shopper.client.spending())[1]).toMatchObject({ limit: 'total', held: '$0.01', left: '$0.00' })
    expect(await shopper.refusal(`${seller.url}/other`)).toMatchObject({ code: 'LIMIT_TOTAL' })
    expect(seller.authorizations().size).toBe(1)
  })

  throughEveryDoor(`makes a new purchase after a ${status} that is only accepted`, async ({ open, shop }) => {
    const seller = await open(inTurn(accepts(status), pays))
    const shopper = shop({ clock: createBriskClock() })
    await shopper.request(seller.url)
    expect(await shopper.request(seller.url)).toMatchObject({ status: 200, payment: { money: 'settled' } })
    expect(seller.authorizations().size).toBe(2)
    expect(shopper.signatures()).toBe(2)
    expect(await shopper.client.payments()).toMatchObject([{ money: 'settled' }, { money: 'in-doubt' }])
  })
}

throughEveryDoor('presents a payment again that is accepted and not delivered', async ({ open, shop }) => {
  const seller = await open(inTurn(accepts(500), accepts(), pays))
  const shopper = shop({ clock: createBriskClock() })
  expect(await shopper.request(seller.url)).toMatchObject({ status: 500, payment: { delivery: 'lost' } })
  expect(await shopper.request(seller.url)).toMatchObject({
    status: 200,
    payment: { money: 'in-doubt', delivery: 'delivered', receipt: { state: 'accepted' } },
  })
  expect(shopper.signatures()).toBe(1)
  await shopper.request(seller.url)
  expect(shopper.signatures()).toBe(2)
})

throughEveryDoor('stays settled when a later answer is only accepted', async ({ open, shop }) => {
  const fails: PaidAnswer = (_request, response) => {
    const settled = { success: true, transaction: TRANSACTION, network: NETWORK }
    response.writeHead(500, { 'payment-response': encodeJsonHeader(settled) }).end()
  }
  const seller = await open(inTurn(fails, accepts()))
  const shopper = shop({ clock: createBriskClock() })
  expect(await shopper.request(seller.url)).toMatchObject({ status: 500, payment: { money: 'settled' } })
  expect(await shopper.request(seller.url)).toMatchObject({ status: 200, payment: { money: 'settled' } })
  expect(shopper.signatures()).toBe(1)
})

it('tells in the events that an accepted payment is in doubt, and beside the response why', async () => {
  const seller = await openSeller(inTurn(accepts()))
  const { client, paidFetch } = createBuyer()
  const doubts: ClientEvent[] = []
  client.on('payment', (event) => 'money' in event && event.type !== 'sent' && doubts.push(event))
  const response = await paidFetch(seller.url)
  expect(doubts).toMatchObject([{ type: 'delivered', money: 'in-doubt', status: 200, transaction: undefined }])
  expect(paymentOf(response)?.receipt?.state).toBe('accepted')
})

it.each([
  ['delivered', 200, 2],
  ['lost', 500, 1],
] as const)('keeps an accepted payment that was %s as it is, in a file', async (delivery, status, signed) => {
  const path = await createLedgerPath()
  const seller = await openSeller(inTurn(accepts(status), pays))
  const first = await createFileLedger(path)
  const before = createBuyer({ ledger: first, limits: { total: '$0.01' } })
  await before.paidFetch(seller.url)
  await first.close()
  const second = await createFileLedger(path)
  const after = createBuyer({ ledger: second, limits: { total: '$0.02' } })
  expect(await after.client.inDoubt()).toMatchObject([{ delivery, transaction: undefined }])
  expect((await after.client.spending())[1]).toMatchObject({ held: '$0.01', left: '$0.01' })
  await after.paidFetch(seller.url)
  expect(seller.authorizations().size).toBe(signed)
  await second.close()
})
