import { describe, expect, it } from 'vitest'
import { createMemoryLedger } from '../../../src/ledger/book/memory-ledger.js'
import { createSlowLedger } from '../../../src/testing/slow-ledger.js'
import { type Shopper, throughEveryDoor } from '../../support/conformance/doors.js'
import { calling, createBriskBuyer } from '../../support/money/create-brisk-buyer.js'
import { type BriskClock, createBriskClock } from '../../support/money/create-brisk-clock.js'
import { askToPay, createOffer, createRequired, deliver } from '../../support/offers.js'
import type { Handler } from '../../support/start-seller.js'
import { openSeller } from '../../unit/fetch/open-seller.js'
import { refusalOf } from '../../unit/flow/refusal-of.js'

/** Asks for payments that stay valid for ten minutes. */
const sellSlowly: Handler = (request, response) =>
  request.payment === undefined
    ? askToPay(response, createRequired([createOffer({ maxTimeoutSeconds: 600 })]))
    : deliver(response, request)

/** Has the next signature take so long, as where a wallet's question stays open, while something else goes on. */
function delaySignature(
  { client }: Pick<Shopper, 'client'>,
  clock: BriskClock,
  seconds: number,
  meanwhile: () => Promise<unknown> = async () => undefined,
): void {
  let isNext = true
  client.registerExtension({
    key: 'wallet',
    async enrichPaymentPayload(payload) {
      if (isNext) {
        isNext = false
        clock.advance(seconds)
        await meanwhile()
      }
      return payload
    },
  })
}

for (const isSlow of [false, true]) {
  const where = isSlow ? ', on a slow ledger' : ''
  const createTimed = () => {
    const clock = createBriskClock()
    const ledger = createMemoryLedger({ clock })
    return { clock, ledger: isSlow ? createSlowLedger(ledger) : ledger, limits: { perMinute: '$0.01' } }
  }

  throughEveryDoor(`lets no two payments leave together where one is a limit's${where}`, async ({ open, shop }) => {
    const seller = await open(sellSlowly)
    const options = createTimed()
    const buyer = shop(options)
    delaySignature(buyer, options.clock, 59)
    expect((await buyer.request(`${seller.url}/1`)).status).toBe(200)
    options.clock.advance(2)
    expect(await buyer.refusal(`${seller.url}/2`)).toMatchObject({ code: 'LIMIT_WINDOW', money: 'untouched' })
    options.clock.advance(58)
    expect((await buyer.request(`${seller.url}/2`)).status).toBe(200)
    expect(seller.authorizations().size).toBe(2)
  })

  throughEveryDoor(`sends what was signed late where there is room still${where}`, async ({ open, shop }) => {
    const seller = await open(sellSlowly)
    const options = createTimed()
    const buyer = shop(options)
    delaySignature(buyer, options.clock, 90)
    expect(await buyer.request(seller.url)).toMatchObject({ status: 200, payment: { money: 'settled' } })
    expect((await buyer.records()).map(({ state }) => state)).toEqual(['settled', 'released'])
    expect(buyer.signatures()).toBe(1)
  })

  throughEveryDoor(`drops what was signed late once others took its room${where}`, async ({ open, shop }) => {
    const seller = await open(sellSlowly)
    const options = createTimed()
    const buyer = shop(options)
    const other = shop(options)
    delaySignature(buyer, options.clock, 60, () => other.request(`${seller.url}/2`))
    expect(await buyer.refusal(`${seller.url}/1`)).toMatchObject({ code: 'SIGNED_TOO_LATE', money: 'released' })
    expect(seller.authorizations().size).toBe(1)
    expect(await buyer.client.spending()).toMatchObject([{ limit: 'perMinute', left: '$0.00' }, {}])
  })
}

describe('a late signature:', () => {
  it.each([
    [0, 1],
    [4, 1],
    [5, 2],
    [500, 2],
  ])('that took %i s of a day’s window makes %i records', async (seconds, records) => {
    const seller = await openSeller(sellSlowly)
    const buyer = createBriskBuyer()
    delaySignature(buyer, buyer.clock, seconds)
    expect((await buyer.paidFetch(seller.url)).status).toBe(200)
    expect(await buyer.records()).toHaveLength(records)
  })

  it('is released where a hook stops it after it was counted anew', async () => {
    const seller = await openSeller(sellSlowly)
    const buyer = createBriskBuyer({ limits: { perMinute: '$0.01' } })
    delaySignature(buyer, buyer.clock, 30)
    buyer.client.onAfterPaymentCreation(async () => {
      throw new Error('no')
    })
    expect(await refusalOf(buyer.paidFetch(seller.url))).toMatchObject({ code: 'REFUSED_BY_HOOK', money: 'released' })
    expect((await buyer.records()).map(({ state }) => state)).toEqual(['released', 'released'])
  })

  it('under a key is one purchase still', async () => {
    const seller = await openSeller(sellSlowly)
    const buyer = createBriskBuyer({ limits: { perMinute: '$0.01' } })
    delaySignature(buyer, buyer.clock, 30)
    const keyed = calling({ purchase: 'order-7', purchaseFor: 3600 })
    expect((await buyer.paidFetch(seller.url, keyed)).status).toBe(200)
    expect(await refusalOf(buyer.paidFetch(seller.url, keyed))).toMatchObject({ code: 'ALREADY_BOUGHT' })
    expect(buyer.signatures()).toBe(1)
  })

  it('error: SIGNED_TOO_LATE when it came after its own end', async () => {
    const seller = await openSeller(sellSlowly)
    const buyer = createBriskBuyer({ limits: { perDay: '$1' } })
    delaySignature(buyer, buyer.clock, 700)
    expect(await refusalOf(buyer.paidFetch(seller.url))).toMatchObject({ code: 'SIGNED_TOO_LATE', money: 'released' })
    expect(seller.authorizations().size).toBe(0)
  })
})
