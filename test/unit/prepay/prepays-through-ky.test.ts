import ky, { type Options } from 'ky'
import ky2 from 'ky2'
import { describe, expect, it } from 'vitest'
import { paymentOf, wrapKyWithPayment } from '../../../src/ky/index.js'
import type { PrepayOptions } from '../../../src/prices/rules.js'
import { listPaid } from '../../support/begin-to-prepay.js'
import { listWarningCodes } from '../../support/list-warnings.js'
import { createBriskBuyer } from '../../support/money/create-brisk-buyer.js'
import { askToPay, createOffer, createRequired, deliver, sell } from '../../support/offers.js'
import type { Handler } from '../../support/start-seller.js'
import { openSeller } from '../fetch/open-seller.js'

/** After `lost` answers in a row that never came: what we present again by ourselves, and once more what ky 1 tries again. */
const versions: Record<string, { ky: typeof ky; lost: number }> = {
  'ky 1': { ky, lost: 4 },
  'ky 2': { ky: ky2 as never, lost: 2 },
}

/** Sells for a cent until it was paid once, and for two from then on. */
function raises(): Handler {
  let isDearer = false
  return (request, response) => {
    if (request.payment === undefined || isDearer) {
      return askToPay(response, createRequired([createOffer({ amount: isDearer ? '20000' : '10000' })]))
    }
    isDearer = true
    deliver(response, request)
  }
}

async function errorOf(answer: Promise<unknown>): Promise<Error> {
  const error: unknown = await answer.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (error instanceof Error) return error
  throw new Error('it was not rejected')
}

describe.each(Object.entries(versions))('prepaying through %s:', (_version, { ky, lost }) => {
  async function open(handler: Handler, defaults: Options = {}, more: { approve?: () => boolean } = {}) {
    const seller = await openSeller(handler)
    const prepay: PrepayOptions[] = [{ route: seller.url }]
    const buyer = createBriskBuyer({ prepay, ...(more.approve && { limits: { approve: more.approve } }) })
    const warnings = listWarningCodes(buyer.client)
    return { ...buyer, seller, warnings, api: wrapKyWithPayment(ky.create(defaults), buyer.client) }
  }

  it('asks once and pays five times, and its hooks run once a call', async () => {
    const seen: string[] = []
    const beforeRequest = [() => void seen.push('before')]
    const afterResponse = [() => void seen.push('after')]
    const { api, signatures, seller } = await open(sell, { hooks: { beforeRequest, afterResponse } })
    for (let i = 0; i < 5; i++) {
      const response = await api.get(seller.url)
      expect(await response.json()).toEqual({ ok: true })
      expect(paymentOf(response)).toMatchObject({ money: 'settled' })
    }
    expect([seller.requests.length, signatures(), seller.authorizations().size]).toEqual([6, 5, 5])
    expect(seen.join(' ')).toBe('before after '.repeat(5).trim())
  })

  it('sends a json body, a form and headers with the payment as they were', async () => {
    const { api, seller } = await open(sell, { headers: { 'x-own': 'yes' } })
    const form = new FormData()
    form.append('name', 'b')
    await api.post(seller.url, { json: { q: 1 } })
    await api.post(seller.url, { json: { q: 2 }, searchParams: { page: 2 } })
    await api.post(seller.url, { body: form })
    expect(listPaid(seller.requests)).toEqual([false, true, true, true])
    const [, , json, sent] = seller.requests
    expect([json?.path, String(json?.body), json?.headers['x-own']]).toEqual(['/?page=2', '{"q":2}', 'yes'])
    expect(String(sent?.body)).toContain('name="name"\r\n\r\nb')
  })

  it('ends as an HTTPError of the seller’s new 402 when the price rose, and asks no more', async () => {
    const { api, seller, signatures } = await open(raises(), {
      retry: { limit: 5, delay: () => 0 },
    })
    await api.get(seller.url)
    const error = await errorOf(api.get(seller.url))
    expect(error).toMatchObject({ name: 'HTTPError', response: { status: 402 } })
    expect(error.cause).toMatchObject({ code: 'PRICE_CHANGED', money: 'in-doubt' })
    expect([signatures(), listPaid(seller.requests)]).toEqual([2, [false, true, true]])
  })

  it('presents the same payment when answers are lost', async () => {
    let turn = 0
    const drops: Handler = (request, response) => {
      const isLost = request.payment !== undefined && ++turn > 1 && turn <= 1 + lost
      if (isLost) response.destroy()
      else sell(request, response)
    }
    const { api, seller, signatures } = await open(drops, { retry: { limit: 5, delay: () => 0 } })
    for (let i = 0; i < 2; i++) expect(await api.get(seller.url).json()).toEqual({ ok: true })
    expect([signatures(), seller.authorizations().size]).toEqual([2, 2])
    expect(turn).toBe(2 + lost)
  })

  it('asks a person once, and ends as an HTTPError of the seller’s 402 where they refuse', async () => {
    let asked = 0
    const { api, seller, signatures } = await open(
      sell,
      { retry: { limit: 5, delay: () => 0 } },
      { approve: () => ++asked === 1 },
    )
    await api.get(seller.url)
    const error = await errorOf(api.get(seller.url))
    expect(error).toMatchObject({ name: 'HTTPError', response: { status: 402 } })
    expect(error.cause).toMatchObject({ code: 'NOT_APPROVED', money: 'untouched' })
    expect([asked, signatures(), listPaid(seller.requests)]).toEqual([2, 1, [false, true, false]])
  })

  it('warns when the route became free, and asks again', async () => {
    let isFree = false
    const handler: Handler = (request, response) => (isFree ? void response.end('free now') : sell(request, response))
    const { api, seller, warnings } = await open(handler)
    await api.get(seller.url)
    isFree = true
    const response = await api.get(seller.url)
    expect(await response.text()).toBe('free now')
    expect(paymentOf(response)).toMatchObject({ money: 'in-doubt', delivery: 'delivered' })
    expect(warnings).toEqual(['PREPAID_WITHOUT_RECEIPT'])
    await api.get(seller.url)
    expect(listPaid(seller.requests)).toEqual([false, true, true, false])
  })
})
