import { x402Client } from 'pay402'
import { ExactEvmScheme } from 'pay402/evm'
import { wrapFetchWithPayment } from 'pay402/fetch'
import { createSeller, forbidMainnets, TestScheme } from 'pay402/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { listKnownAssets } from '../../../schemes/evm/assets/known-assets.js'
import { createCountingSigner } from '../../support/create-buyer.js'
import { createBuyer } from './seller/buyers.js'

/** A guard for one test, and what runs after each test of its runner. */
function guard(options: Parameters<typeof forbidMainnets>[0] = {}) {
  let check: () => void = () => undefined
  const made = forbidMainnets({ ...options, afterEach: (given) => (check = given) })
  onTestFinished(() => made.lift())
  return { ...made, refused: () => made.refused, afterEach: () => check() }
}

const sellOn = (network: string) => createSeller({ accepts: [{ network }] })

describe('forbidMainnets', () => {
  it('refuses to sign for a mainnet before anything is reserved, and fails the test', async () => {
    const { refused, afterEach } = guard()
    const { signer, signatures } = createCountingSigner()
    const seller = sellOn('eip155:8453')
    const { paidFetch, client } = createBuyer(seller, new ExactEvmScheme(signer))
    await expect(paidFetch(`${seller.url}/weather?secret=1`)).rejects.toMatchObject({
      name: 'ConfigurationError',
      code: 'MAINNET_FORBIDDEN',
      money: 'untouched',
      facts: { resource: 'GET https://seller.example/weather' },
    })
    expect(signatures()).toBe(0)
    expect(await client.payments()).toEqual([])
    expect(refused()).toEqual(['eip155:8453 GET https://seller.example/weather'])
    expect(afterEach).toThrow(expect.objectContaining({ code: 'MAINNET_FORBIDDEN' }))
    expect(afterEach).not.toThrow()
  })

  it('fails the test, also where the app hid the error', async () => {
    const { afterEach } = guard()
    const seller = sellOn('eip155:8453')
    const client = new x402Client().register('eip155:*', new ExactEvmScheme(createCountingSigner().signer))
    const paidFetch = wrapFetchWithPayment(seller.fetch, client, { refusals: 'return' })
    expect((await paidFetch(seller.url)).status).toBe(402)
    expect(afterEach).toThrow('eip155:8453')
  })

  it('holds a restricted client and a payment by hand', async () => {
    const { refused } = guard()
    const seller = sellOn('eip155:1')
    const client = new x402Client().register('eip155:*', new ExactEvmScheme(createCountingSigner().signer))
    const agent = client.restrict({ total: '$1' })
    await expect(wrapFetchWithPayment(seller.fetch, agent)(seller.url)).rejects.toMatchObject({
      code: 'MAINNET_FORBIDDEN',
    })
    const asked = await seller.fetch(seller.url)
    const required = JSON.parse(atob(asked.headers.get('payment-required') ?? ''))
    await expect(client.createPaymentPayload(required)).rejects.toMatchObject({ code: 'MAINNET_FORBIDDEN' })
    expect(refused()).toHaveLength(2)
  })

  it('lets test networks through, networks that are listed, and schemes that sign nothing', async () => {
    const { afterEach } = guard({ allow: ['eip155:8453'] })
    for (const network of ['eip155:84532', 'eip155:8453']) {
      const seller = sellOn(network)
      const { paidFetch } = createBuyer(seller, new ExactEvmScheme(createCountingSigner().signer))
      expect((await paidFetch(seller.url)).status).toBe(200)
    }
    const seller = sellOn('eip155:1')
    expect((await createBuyer(seller, new TestScheme()).paidFetch(seller.url)).status).toBe(200)
    expect(afterEach).not.toThrow()
  })

  it('holds nothing once it is lifted', async () => {
    const made = guard()
    made.lift()
    const seller = sellOn('eip155:8453')
    const { paidFetch } = createBuyer(seller, new ExactEvmScheme(createCountingSigner().signer))
    expect((await paidFetch(seller.url)).status).toBe(200)
  })

  it('takes no network for a test network whose dollars are real', async () => {
    guard()
    const { signer, signatures } = createCountingSigner()
    // The chains of the built-in tokens that are mainnets, by what their makers say.
    const mainnets = [1, 10, 14, 50, 130, 137, 143, 146, 480, 988, 999, 1329, 4326, 5042, 8453, 31612, 36900, 38833]
    const more = [42161, 42220, 43114, 181228, 190415, 723487]
    for (const chainId of [...mainnets, ...more]) {
      const seller = sellOn(`eip155:${chainId}`)
      const { paidFetch } = createBuyer(seller, new ExactEvmScheme(signer))
      await expect(paidFetch(seller.url)).rejects.toMatchObject({ code: 'MAINNET_FORBIDDEN' })
    }
    expect(signatures()).toBe(0)
    const rest = new Set(listKnownAssets().map(({ network }) => network))
    for (const chainId of [...mainnets, ...more]) rest.delete(`eip155:${chainId}`)
    for (const network of rest) {
      const seller = sellOn(network)
      expect((await createBuyer(seller, new ExactEvmScheme(signer)).paidFetch(seller.url)).status).toBe(200)
    }
  })

  it('uses the global afterEach of a runner that has one, and asks for it where there is none', () => {
    expect(() => forbidMainnets()).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
    const checks: (() => void)[] = []
    Reflect.set(globalThis, 'afterEach', (check: () => void) => checks.push(check))
    onTestFinished(() => void Reflect.deleteProperty(globalThis, 'afterEach'))
    const made = forbidMainnets()
    onTestFinished(() => made.lift())
    expect(checks).toHaveLength(1)
  })

  it.each([
    [{ allow: ['base'] }, 'INVALID_OPTION'],
    [{ allowed: [] }, 'UNKNOWN_OPTION'],
  ])('error: options %j are refused', (options, code) => {
    expect(() => forbidMainnets(options as object)).toThrow(expect.objectContaining({ code }))
  })
})
