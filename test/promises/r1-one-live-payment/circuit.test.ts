import { describe, expect, it } from 'vitest'
import { wrapFetchWithPayment } from '../../../src/fetch/wrap-fetch-with-payment.js'
import { createMemoryLedger } from '../../../src/ledger/book/memory-ledger.js'
import type { Ledger } from '../../../src/payment/ledger.js'
import { encodeJsonHeader } from '../../../src/wire/header-codec.js'
import { createBriskBuyer } from '../../support/money/create-brisk-buyer.js'
import { inTurn, type PaidAnswer, pays, refuses, says } from '../../support/money/paid-answers.js'
import { NETWORK, TRANSACTION } from '../../support/offers.js'
import { openSeller } from '../../unit/fetch/open-seller.js'
import { refusalOf } from '../../unit/flow/refusal-of.js'

const receipt = {
  'payment-response': encodeJsonHeader({ success: true, transaction: TRANSACTION, network: NETWORK }),
}

const undelivered: Readonly<Record<string, PaidAnswer>> = {
  'a 404 whose receipt says that it was paid': says(404, receipt),
  'a 500': says(500),
  'an empty 200': (_request, response) => void response.writeHead(200, { 'content-length': '0' }).end(),
  'a 204': says(204),
  'a second 402': refuses('Payment required'),
}

/** Buys different things, one after the other. */
async function buy(paidFetch: typeof fetch, url: string, names: readonly string[]) {
  for (const name of names) await paidFetch(`${url}/${name}`).catch(() => undefined)
}

describe('circuit, per origin:', () => {
  it.each(Object.entries(undelivered))(
    'opens after three purchases that were paid and answered with %s',
    async (_name, answer) => {
      const seller = await openSeller(inTurn(answer))
      const buyer = createBriskBuyer()
      await buy(buyer.paidFetch, seller.url, ['1', '2', '3'])
      const error = await refusalOf(buyer.paidFetch(`${seller.url}/4`))
      expect(error).toMatchObject({ name: 'LimitError', code: 'CIRCUIT_OPEN', money: 'untouched' })
      expect(error.message).toContain('Wait 600 seconds')
      expect(buyer.signatures()).toBe(3)
    },
  )

  it('stays closed after any number of honest 404s', async () => {
    const seller = await openSeller(inTurn(says(404)))
    const buyer = createBriskBuyer()
    const names = ['1', '2', '3', '4', '5']
    for (const name of names) expect((await buyer.paidFetch(`${seller.url}/${name}`)).status).toBe(404)
    expect(seller.authorizations().size).toBe(names.length)
  })

  it('is nothing that a ledger which fails could open', async () => {
    const seller = await openSeller(inTurn(pays))
    const ledger = createMemoryLedger()
    let fails = true
    const failing: Ledger = {
      ...ledger,
      note: (id, event) =>
        fails && event.type === 'sent' ? Promise.reject(new Error('the disk is full')) : ledger.note(id, event),
    }
    const buyer = createBriskBuyer({ ledger: failing })
    for (const name of ['1', '2', '3']) {
      expect(await refusalOf(buyer.paidFetch(`${seller.url}/${name}`))).toMatchObject({ code: 'LEDGER_UNAVAILABLE' })
    }
    fails = false
    expect((await buyer.paidFetch(`${seller.url}/4`)).status).toBe(200)
  })

  it('takes an empty answer to a POST for what was bought', async () => {
    const seller = await openSeller(inTurn(says(204)))
    const buyer = createBriskBuyer({ circuit: { failures: 1 } })
    await buyer.paidFetch(`${seller.url}/1`, { method: 'POST' })
    expect((await buyer.paidFetch(`${seller.url}/2`, { method: 'POST' })).status).toBe(204)
  })

  it('closes when the time has passed', async () => {
    const seller = await openSeller(inTurn(says(500)))
    const buyer = createBriskBuyer({ circuit: { failures: 2, seconds: 30 } })
    await buy(buyer.paidFetch, seller.url, ['1', '2'])
    buyer.clock.advance(29)
    expect(await refusalOf(buyer.paidFetch(`${seller.url}/3`))).toMatchObject({ code: 'CIRCUIT_OPEN' })
    buyer.clock.advance(1)
    expect((await buyer.paidFetch(`${seller.url}/3`)).status).toBe(500)
  })

  it('closes when the caller resets it, for one origin or for all', async () => {
    const seller = await openSeller(inTurn(says(500)))
    const buyer = createBriskBuyer({ circuit: { failures: 1 } })
    await buy(buyer.paidFetch, seller.url, ['1'])
    buyer.client.resetCircuit('https://elsewhere.example')
    expect(await refusalOf(buyer.paidFetch(`${seller.url}/2`))).toMatchObject({ code: 'CIRCUIT_OPEN' })
    buyer.client.resetCircuit(seller.url)
    expect((await buyer.paidFetch(`${seller.url}/2`)).status).toBe(500)
    buyer.client.resetCircuit()
    expect((await buyer.paidFetch(`${seller.url}/3`)).status).toBe(500)
  })

  it('counts purchases in a row: one that is delivered begins anew', async () => {
    const seller = await openSeller(inTurn(says(500), says(500), pays, says(500), says(500)))
    const buyer = createBriskBuyer()
    await buy(buyer.paidFetch, seller.url, ['1', '2', '3', '4', '5'])
    expect((await buyer.paidFetch(`${seller.url}/6`)).status).toBe(500)
  })

  it('counts one purchase once, however often its payment is presented', async () => {
    const seller = await openSeller(inTurn(says(500)))
    const buyer = createBriskBuyer()
    await buy(buyer.paidFetch, seller.url, ['same', 'same', 'same'])
    expect(buyer.signatures()).toBe(1)
    expect((await buyer.paidFetch(`${seller.url}/other`)).status).toBe(500)
  })

  it('lets a payment that waits be presented again, since that costs nothing more', async () => {
    const seller = await openSeller(inTurn(says(500), says(500), says(500), pays))
    const buyer = createBriskBuyer()
    await buy(buyer.paidFetch, seller.url, ['1', '2', '3'])
    expect((await buyer.paidFetch(`${seller.url}/3`)).status).toBe(200)
  })

  it('says nothing of other origins', async () => {
    const [bad, good] = [await openSeller(inTurn(says(500))), await openSeller(inTurn(pays))]
    const buyer = createBriskBuyer()
    await buy(buyer.paidFetch, bad.url, ['1', '2', '3'])
    expect((await buyer.paidFetch(good.url)).status).toBe(200)
  })

  it('never opens where it is turned off', async () => {
    const seller = await openSeller(inTurn(says(500)))
    const buyer = createBriskBuyer({ circuit: false })
    await buy(buyer.paidFetch, seller.url, ['1', '2', '3', '4'])
    expect((await buyer.paidFetch(`${seller.url}/5`)).status).toBe(500)
  })

  it('holds for a restricted client, too, and advises it to nothing that it can’t do', async () => {
    const seller = await openSeller(inTurn(says(500)))
    const buyer = createBriskBuyer()
    await buy(buyer.paidFetch, seller.url, ['1', '2', '3'])
    const agent = buyer.client.restrict({ reach: 'anywhere' })
    const error = await refusalOf(wrapFetchWithPayment(fetch, agent)(`${seller.url}/4`))
    expect(error.code).toBe('CIRCUIT_OPEN')
    expect(error.message).not.toContain('resetCircuit')
  })
})
