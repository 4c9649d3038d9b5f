import { describe, expect, it } from 'vitest'
import { x402Client } from '../../../src/client/x402-client.js'
import { wrapFetchWithPayment } from '../../../src/fetch/wrap-fetch-with-payment.js'
import type { LimitsOptions } from '../../../src/limits/create-limits.js'
import type { CallOptions } from '../../../src/payment/exchange.js'
import type { ApprovalRequest } from '../../../src/payment/limits.js'
import { calling, createBriskBuyer } from '../../support/money/create-brisk-buyer.js'
import { askToPay, createOffer, createRequired, NETWORK, PAY_TO, sell, USDC } from '../../support/offers.js'
import { openSeller } from '../../unit/fetch/open-seller.js'
import { createScheme } from '../../unit/flow/create-scheme.js'
import { refusalOf } from '../../unit/flow/refusal-of.js'

describe('R4, an asset that no limit can price is refused:', () => {
  it('one that nobody knows', async () => {
    const offer = createOffer({ asset: `0x${'99'.repeat(20)}`, amount: '1' })
    const seller = await openSeller((_request, response) => askToPay(response, createRequired([offer])))
    const buyer = createBriskBuyer()
    expect(await refusalOf(buyer.paidFetch(seller.url))).toMatchObject({
      code: 'ASSET_NOT_ALLOWED',
      money: 'untouched',
    })
    expect(buyer.signatures()).toBe(0)
  })

  it('all of a scheme that knows none', async () => {
    const seller = await openSeller(sell)
    const client = new x402Client().register('eip155:*', createScheme({ findDefaultAsset: () => undefined }))
    const error = await refusalOf(wrapFetchWithPayment(fetch, client)(seller.url))
    expect(error).toMatchObject({ code: 'ASSET_NOT_ALLOWED', money: 'untouched' })
  })

  it('one that a limit in another symbol says nothing of', async () => {
    const seller = await openSeller(sell)
    const buyer = createBriskBuyer({ limits: { perPayment: '1 EURC' } })
    expect((await refusalOf(buyer.paidFetch(seller.url))).money).toBe('untouched')
    expect(buyer.signatures()).toBe(0)
  })
})

describe('R4, without options', () => {
  it('a payment costs a dollar at most', async () => {
    const prices = ['1000000', '1000001']
    const seller = await openSeller((request, response) =>
      request.payment === undefined
        ? askToPay(response, createRequired([createOffer({ amount: prices.shift() })]))
        : sell(request, response),
    )
    const buyer = createBriskBuyer()
    expect((await buyer.paidFetch(`${seller.url}/1`)).status).toBe(200)
    expect(await refusalOf(buyer.paidFetch(`${seller.url}/2`))).toMatchObject({ code: 'LIMIT_PER_PAYMENT' })
  })

  it('a day costs ten dollars at most, and the next day as much', async () => {
    const required = createRequired([createOffer({ amount: '1000000' })])
    const seller = await openSeller((request, response) =>
      request.payment === undefined ? askToPay(response, required) : sell(request, response),
    )
    const buyer = createBriskBuyer()
    for (let payment = 0; payment < 10; payment++) await buyer.paidFetch(`${seller.url}/${payment}`)
    expect(await refusalOf(buyer.paidFetch(`${seller.url}/10`))).toMatchObject({ code: 'LIMIT_WINDOW' })
    buyer.clock.advance(86_400)
    expect((await buyer.paidFetch(`${seller.url}/11`)).status).toBe(200)
  })
})

describe('R4, zero means zero:', () => {
  it.each<LimitsOptions>([{ perPayment: '$0' }, { perDay: '$0' }, { total: '$0' }, { perHour: { payments: 0 } }])(
    '%o allows nothing',
    async (limits) => {
      const seller = await openSeller(sell)
      const buyer = createBriskBuyer({ limits })
      expect(await refusalOf(buyer.paidFetch(seller.url))).toMatchObject({ name: 'LimitError', money: 'untouched' })
      expect(buyer.signatures()).toBe(0)
    },
  )
})

describe('R4, a call can only tighten:', () => {
  const cases: readonly [string, CallOptions, string][] = [
    ['by a lower maximum', { max: '$0.009' }, 'LIMIT_PER_PAYMENT'],
    ['by a maximum of zero', { max: '$0' }, 'LIMIT_PER_PAYMENT'],
    ['by a maximum in another symbol', { max: '5 EURC' }, 'ASSET_NOT_ALLOWED'],
    [
      'by a maximum in another asset',
      { max: { network: 'eip155:1', asset: USDC, amount: 10_000n } },
      'ASSET_NOT_ALLOWED',
    ],
    ['by a maximum in atomic units', { max: { network: NETWORK, asset: USDC, amount: '9999' } }, 'LIMIT_PER_PAYMENT'],
    ['by somebody who says no', { approve: () => false }, 'NOT_APPROVED'],
    ['by somebody who says nothing clear', { approve: (async () => 'yes') as never }, 'NOT_APPROVED'],
    ['by a tag that has a limit', { tags: ['research'] }, 'LIMIT_TOTAL'],
  ]
  it.each(cases)('%s', async (_how, x402, code) => {
    const seller = await openSeller(sell)
    const buyer = createBriskBuyer({ limits: { tags: { research: { total: '$0.001' } } } })
    expect(await refusalOf(buyer.paidFetch(seller.url, calling(x402)))).toMatchObject({ code, money: 'untouched' })
    expect(buyer.signatures()).toBe(0)
    expect((await buyer.paidFetch(seller.url)).status).toBe(200)
  })

  it.each<[string, CallOptions]>([
    ['a higher maximum', { max: '$1000' }],
    ['an approval of its own', { approve: () => true }],
    ['a tag', { tags: ['anything'] }],
    ['all of them', { max: '$1000', approve: () => true, tags: ['anything'], purchase: 'mine', redeliver: 'always' }],
  ])('never loosens by %s', async (_how, x402) => {
    const seller = await openSeller(sell)
    const buyer = createBriskBuyer({ limits: { perPayment: '$0.009' } })
    expect(await refusalOf(buyer.paidFetch(seller.url, calling(x402)))).toMatchObject({ code: 'LIMIT_PER_PAYMENT' })
    expect(buyer.signatures()).toBe(0)
  })

  it('error: UNKNOWN_OPTION when an option of the call is misspelt, and nothing is signed', async () => {
    const seller = await openSeller(sell)
    const buyer = createBriskBuyer()
    const misspelt = { maximum: '$0.001' } as CallOptions
    expect(await refusalOf(buyer.paidFetch(seller.url, calling(misspelt)))).toMatchObject({ code: 'UNKNOWN_OPTION' })
    expect(buyer.signatures()).toBe(0)
  })
})

describe('R4, who approves', () => {
  it('is shown exactly what is signed', async () => {
    const seller = await openSeller(sell)
    const shown: ApprovalRequest[] = []
    const buyer = createBriskBuyer({
      limits: {
        approve(request) {
          shown.push(request)
          return true
        },
      },
    })
    await buyer.paidFetch(`${seller.url}/report?token=secret`)
    const signed = seller.requests[1]?.payment?.payload['authorization']
    expect(shown).toMatchObject([
      { payTo: PAY_TO, asset: USDC, network: NETWORK, amount: '10000', price: '0.01 USDC', dollars: '$0.01' },
    ])
    expect(signed).toMatchObject({ to: shown[0]?.payTo, value: shown[0]?.amount })
    expect(seller.requests[1]?.payment).toMatchObject({
      accepted: { asset: shown[0]?.asset, network: shown[0]?.network },
    })
    expect(shown[0]?.resource).toBe(`GET ${seller.url}/report`)
  })

  it('can change nothing of what is signed, and nor can hooks', async () => {
    const seller = await openSeller(sell)
    const other = `0x${'66'.repeat(20)}`
    const attempts: boolean[] = []
    const buyer = createBriskBuyer({
      limits: {
        approve(request) {
          attempts.push(Reflect.set(request, 'amount', '999'), Reflect.set(request, 'payTo', other))
          return true
        },
      },
    })
    buyer.client.onBeforePaymentCreation(async ({ selectedRequirements, paymentRequired }) => {
      attempts.push(Reflect.set(selectedRequirements, 'payTo', other))
      attempts.push(Reflect.set(paymentRequired.accepts[0] ?? {}, 'payTo', other))
    })
    buyer.client.onAfterPaymentCreation(async ({ paymentPayload }) => {
      attempts.push(Reflect.set(paymentPayload.payload['authorization'] as object, 'to', other))
    })
    await buyer.paidFetch(seller.url)
    expect(attempts).toEqual([false, false, false, false, false])
    expect(seller.requests[1]?.payment?.payload['authorization']).toMatchObject({ to: PAY_TO, value: '10000' })
  })

  it('is asked by the call first and by the client last, and each can refuse', async () => {
    const seller = await openSeller(sell)
    const asked: string[] = []
    const buyer = createBriskBuyer({ limits: { approve: () => Boolean(asked.push('client')) } })
    const approve = () => Boolean(asked.push('call'))
    await buyer.paidFetch(seller.url, calling({ approve }))
    expect(asked).toEqual(['call', 'client'])
  })

  it('is asked once a call, and told that nothing new is signed where its payment is presented again', async () => {
    let paid = 0
    const seller = await openSeller((request, response) => {
      if (request.payment !== undefined && paid++ < 2) return void response.destroy()
      return sell(request, response)
    })
    const asked: unknown[] = []
    const approve = ({ resumed, payment }: ApprovalRequest) => Boolean(asked.push([resumed, payment]))
    const buyer = createBriskBuyer({ limits: { approve } })
    await refusalOf(buyer.paidFetch(seller.url, { method: 'POST' }))
    await refusalOf(buyer.paidFetch(seller.url, { method: 'POST' }))
    expect((await buyer.paidFetch(seller.url, { method: 'POST' })).status).toBe(200)
    const [record] = await buyer.records()
    expect(asked).toEqual([
      [false, undefined],
      [true, record?.id],
      [true, record?.id],
    ])
    expect(buyer.signatures()).toBe(1)
  })
})
