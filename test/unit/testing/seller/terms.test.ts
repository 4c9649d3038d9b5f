import { createSeller, type Offer, type Seller, testAccounts } from 'pay402/testing'
import { describe, expect, it } from 'vitest'
import { decodeJsonHeader } from '../../../../src/wire/header-codec.js'
import { createBuyer, schemes } from './buyers.js'

const DEVNET = 'solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1'

type Asked = { readonly accepts: readonly Record<string, unknown>[] }

/** The 402 of a seller, decoded. */
async function readTerms({ fetch, url }: Pick<Seller, 'fetch' | 'url'>): Promise<Asked> {
  const response = await fetch(`${url}/weather`)
  expect(response.status).toBe(402)
  const header = response.headers.get('payment-required')
  return header === null ? response.json() : JSON.parse(Buffer.from(header, 'base64').toString())
}

const acceptsOf = async (accepts: readonly Offer[], price?: string) =>
  (await readTerms(createSeller({ accepts, price }))).accepts

describe('createSeller', () => {
  it('asks for a cent, in protocol 2, by the header', async () => {
    expect(await readTerms(createSeller({ description: 'The weather' }))).toEqual({
      x402Version: 2,
      error: 'Payment required',
      resource: { url: 'https://seller.example/weather', description: 'The weather', mimeType: 'application/json' },
      accepts: [
        {
          scheme: 'exact',
          network: 'eip155:84532',
          amount: '10000',
          asset: '0x036CbD53842c5426634e7929541eC2318f3dCF7e',
          payTo: '0x70997970C51812dc3A010C7d01b50e0d17dc79C8',
          maxTimeoutSeconds: 60,
          extra: { name: 'USDC', version: '2' },
        },
      ],
    })
  })

  it('asks in the body in protocol 1, by its names', async () => {
    const asked = await readTerms(createSeller({ x402Version: 1, price: '$0.02' }))
    expect(asked).toMatchObject({
      x402Version: 1,
      accepts: [
        {
          network: 'base-sepolia',
          maxAmountRequired: '20000',
          resource: 'https://seller.example/weather',
          description: 'A test',
        },
      ],
    })
    expect(asked.accepts[0]).not.toHaveProperty('amount')
  })

  it('names the facilitator of an upto offer, and the fee payer and a blockhash on Solana', async () => {
    expect(await acceptsOf([{ scheme: 'upto', price: '$0.10' }, { network: DEVNET }])).toMatchObject([
      {
        scheme: 'upto',
        amount: '100000',
        extra: {
          assetTransferMethod: 'permit2',
          facilitatorAddress: '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC',
        },
      },
      {
        network: DEVNET,
        amount: '10000',
        asset: '4zMMC9srt5Ri5X14GAgXhaHii3GnPAEERYPJgZJDncDU',
        extra: { feePayer: expect.any(String), recentBlockhash: expect.any(String) },
      },
    ])
  })

  it('writes an offer as it is given, and takes away what is undefined', async () => {
    const [offer] = await acceptsOf([{ amount: 'x', payTo: undefined, extra: 7, more: true }])
    expect(offer).toMatchObject({ amount: 'x', extra: 7, more: true })
    expect(offer).not.toHaveProperty('payTo')
  })

  it('counts dollars in the token of the network, whatever its decimals', async () => {
    expect(await acceptsOf([{ network: 'eip155:4326' }], '$0.5')).toMatchObject([{ amount: '500000000000000000' }])
  })

  it('declares its extensions', async () => {
    const extensions = { 'payment-identifier': { info: { required: false } } }
    expect(await readTerms(createSeller({ extensions }))).toMatchObject({ extensions })
  })

  it('sells each route at its own price, and nothing anywhere else', async () => {
    const seller = createSeller({
      price: '$0.05',
      routes: {
        '/weather': { price: '$0.02', answer: 'rain' },
        'POST /orders': { answer: ({ method }: Request) => ({ method }) },
        '/health': { price: 'free', answer: { up: true } },
      },
    })
    const { paidFetch, client } = createBuyer(seller)
    expect(await (await paidFetch(`${seller.url}/weather?city=Bern`)).text()).toBe('rain')
    expect(await (await paidFetch(`${seller.url}/orders`, { method: 'POST', body: 'one' })).json()).toEqual({
      method: 'POST',
    })
    expect(await (await paidFetch(`${seller.url}/health`)).json()).toEqual({ up: true })
    expect((await paidFetch(`${seller.url}/orders`)).status).toBe(404)
    expect(await client.payments()).toMatchObject([{ dollars: '$0.05' }, { dollars: '$0.02' }])
    expect(seller.requests.map(({ method, status, body }) => [method, status, body])).toEqual([
      ['GET', 402, ''],
      ['GET', 200, ''],
      ['POST', 402, 'one'],
      ['POST', 200, 'one'],
      ['GET', 200, ''],
      ['GET', 404, ''],
    ])
  })

  it('serves a Response to every call, and takes nothing for a failure', async () => {
    const seller = createSeller({ answer: new Response('gone', { status: 410 }) })
    const { paidFetch } = createBuyer(seller)
    expect((await paidFetch(`${seller.url}/a`)).status).toBe(410)
    expect(await (await paidFetch(`${seller.url}/b`)).text()).toBe('gone')
    expect(seller.payments).toMatchObject([{ state: 'held' }, { state: 'held' }])
  })

  it('takes what it says of an upto payment, and its receipt tells', async () => {
    const seller = createSeller({ accepts: [{ scheme: 'upto', price: '$0.10' }], takes: '$0.03' })
    const { paidFetch } = createBuyer(seller, await schemes['upto on EVM']())
    const response = await paidFetch(seller.url)
    expect(seller.payments).toMatchObject([{ amount: 100_000n, taken: 30_000n, payer: testAccounts.evm.address }])
    expect(decodeJsonHeader(String(response.headers.get('payment-response')))).toMatchObject({
      value: { amount: '30000', success: true },
    })
  })

  it('forgets everything when it is reset', async () => {
    const seller = createSeller({ whenPaid: [{ raisesTo: '$0.02' }, 'loses-response'] })
    await expect(createBuyer(seller).paidFetch(seller.url)).rejects.toMatchObject({ money: 'in-doubt' })
    seller.reset()
    expect([seller.requests, seller.payments]).toEqual([[], []])
    expect((await createBuyer(seller).paidFetch(seller.url)).status).toBe(200)
    expect(seller.payments).toMatchObject([{ amount: 10_000n }])
  })

  it.each([
    [{ prize: '$1' }, 'UNKNOWN_OPTION'],
    [{ routes: { '/a': { prize: '$1' } } }, 'UNKNOWN_OPTION'],
    [{ price: '1' }, 'INVALID_MONEY'],
    [{ price: '$0.0000001' }, 'INVALID_OPTION'],
    [{ accepts: [{ network: 'eip155:1', asset: '0x0000000000000000000000000000000000000001' }] }, 'INVALID_OPTION'],
    [{ accepts: 'exact' }, 'INVALID_OPTION'],
    [{ takes: 'half' }, 'INVALID_MONEY'],
    [{ url: 'https://seller.example/path' }, 'INVALID_OPTION'],
    [{ x402Version: 3 }, 'INVALID_OPTION'],
    [{ routes: [] }, 'INVALID_OPTION'],
    [{ whenPaid: ['looses-response'] }, 'INVALID_OPTION'],
    [{ whenPaid: [{ waits: 1, status: 500 }] }, 'INVALID_OPTION'],
    [{ whenPaid: [{ wait: 1 }] }, 'UNKNOWN_OPTION'],
    [{ whenAsked: ['loses-response'] }, 'INVALID_OPTION'],
    [{ whenAsked: 'loses-request' }, 'INVALID_OPTION'],
  ])('error: a script %j is refused', (script, code) => {
    expect(() => createSeller(script as object)).toThrow(expect.objectContaining({ code, money: 'untouched' }))
  })

  it('error: INVALID_OPTION for a fault that is added later', () => {
    const seller = createSeller()
    expect(() => seller.whenPaid('hostile-terms' as 'accepts')).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION' }),
    )
    expect(() => seller.whenAsked('accepts' as 'loses-request')).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION' }),
    )
  })
})
