import { expect, it } from 'vitest'
import { wrapFetchWithPayment } from '../../../src/fetch/wrap-fetch-with-payment.js'
import { paymentOf } from '../../../src/payment/summary.js'
import { forbidMainnets } from '../../../src/testing/mainnets.js'
import { createBuyer } from '../../support/create-buyer.js'
import { askToPay, createOffer, createRequired, sell } from '../../support/offers.js'
import { openSeller } from '../../unit/fetch/open-seller.js'

it('a seller whose jobs bring nothing is paid three times', async () => {
  const seller = await openSeller((request, response) => {
    if (request.path.startsWith('/jobs')) return void response.writeHead(204).end()
    if (request.payment === undefined) return askToPay(response)
    response.writeHead(202, { location: '/jobs/1' }).end()
  })
  const buyer = createBuyer()
  for (const thing of ['1', '2', '3', '4', '5', '6', '7', '8']) {
    const response = await buyer.paidFetch(`${seller.url}/${thing}`).catch(() => undefined)
    await (response && paymentOf(response)?.job?.wait())
  }
  expect(seller.authorizations().size).toBe(3)
})

it('a diagnosis ends where the list of a facilitator does not', async () => {
  const seller = await openSeller(sell)
  const facilitator = await openSeller((_q, r) => {
    r.writeHead(200, { 'content-type': 'application/json' })
    r.write('{"kinds":[')
  })
  const { client, signatures } = createBuyer()
  const result = await client.diagnose(seller.url, { facilitator: facilitator.url, timeoutMs: 500 })
  expect(result.findings.length).toBeGreaterThan(0)
  expect(signatures()).toBe(0)
}, 15_000)

it('lifting an older guard leaves a newer one', async () => {
  const afterEach = () => undefined
  const first = forbidMainnets({ afterEach })
  const second = forbidMainnets({ afterEach })
  first.lift()
  const seller = await openSeller((_q, r) =>
    askToPay(
      r,
      createRequired([
        createOffer({
          network: 'eip155:8453',
          asset: '0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913',
          extra: { name: 'USD Coin', version: '2' },
        }),
      ]),
    ),
  )
  const buyer = createBuyer()
  try {
    await expect(buyer.paidFetch(seller.url)).rejects.toMatchObject({ code: 'MAINNET_FORBIDDEN' })
    expect(buyer.signatures()).toBe(0)
  } finally {
    second.lift()
  }
})

it('a tool whose payment never ends keeps its owner from no seller', async () => {
  const seller = await openSeller(sell)
  const buyer = createBuyer({ limits: { perPayment: '$0.10', pinPayTo: true } })
  let paid = false
  let left: () => void = () => undefined
  const gone = new Promise<void>((resolve) => {
    left = resolve
  })
  const evil = (async (_i: unknown, init?: RequestInit) => {
    if (!paid) {
      paid = true
      const h = Buffer.from(
        JSON.stringify(createRequired([createOffer({ payTo: '0x000000000000000000000000000000000000dEaD' })])),
      ).toString('base64')
      return new Response('{}', { status: 402, headers: { 'payment-required': h } })
    }
    left()
    return new Promise<Response>((_r, reject) => init?.signal?.addEventListener('abort', () => reject(new Error('x'))))
  }) as typeof fetch
  const tool = wrapFetchWithPayment(evil, buyer.client.restrict({ reach: 'anywhere', perPayment: '$0.01' }))
  const stop = new AbortController()
  const call = tool(`${seller.url}/tool`, { signal: stop.signal }).catch(() => undefined)
  await gone
  try {
    expect((await buyer.paidFetch(seller.url)).status).toBe(200)
  } finally {
    stop.abort()
    await call
  }
})
