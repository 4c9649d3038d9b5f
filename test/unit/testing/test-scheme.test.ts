import { x402Client } from 'pay402'
import { wrapFetchWithPayment } from 'pay402/fetch'
import { createManualClock, createSeller, TestScheme, testAccounts } from 'pay402/testing'
import { describe, expect, it } from 'vitest'
import { createBuyer } from './seller/buyers.js'

describe('TestScheme', () => {
  it.each([
    ['eip155:8453', 'exact'],
    ['eip155:84532', 'upto'],
    ['solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp', 'exact'],
  ])('pays on %s by %s, and counts in dollars', async (network, scheme) => {
    const seller = createSeller({ accepts: [{ network, scheme }] })
    const { paidFetch, client } = createBuyer(seller, new TestScheme({ scheme, payer: 'somebody' }))
    expect((await paidFetch(seller.url)).status).toBe(200)
    expect(await client.payments()).toMatchObject([{ dollars: '$0.01', payer: 'somebody', network, money: 'settled' }])
  })

  it('is held to the limits', async () => {
    const seller = createSeller({ price: '$0.20' })
    const { paidFetch } = createBuyer(seller, new TestScheme(), { limits: { perPayment: '$0.10' } })
    await expect(paidFetch(seller.url)).rejects.toMatchObject({ code: 'LIMIT_PER_PAYMENT', money: 'untouched' })
    expect(seller.payments).toEqual([])
  })

  it('asks sellers in place of a chain', async () => {
    const clock = createManualClock()
    const seller = createSeller({ clock, whenPaid: ['takes-and-fails', { status: 503 }] })
    const { paidFetch, client } = createBuyer(seller, new TestScheme({ sellers: [seller] }), { clock })
    await paidFetch(`${seller.url}/taken`, { method: 'POST' })
    await paidFetch(`${seller.url}/held`, { method: 'POST' })
    const moneyByResource = async () => {
      await client.reconcile()
      return Object.fromEntries((await client.payments()).map(({ resource, money }) => [resource.slice(-5), money]))
    }
    expect(await moneyByResource()).toEqual({ taken: 'settled', '/held': 'in-doubt' })
    clock.advance(200)
    expect(await moneyByResource()).toEqual({ taken: 'settled', '/held': 'released' })
  })

  it('can’t be asked without a seller', async () => {
    const { client, paidFetch } = createBuyer(createSeller({ whenPaid: ['takes-and-fails'] }))
    await paidFetch('https://seller.example/')
    await client.reconcile()
    expect(await client.inDoubt()).toHaveLength(1)
  })

  it('signs nothing that another network’s terms would take', async () => {
    const scheme = new TestScheme()
    const seller = createSeller()
    await createBuyer(seller, scheme).paidFetch(seller.url)
    const [payment] = seller.payments
    expect(payment?.terms && scheme.describe(payment.payload.payload, payment.terms)).toMatchObject({ amount: 10_000n })
    expect(payment?.terms && scheme.describe(payment.payload.payload, { ...payment.terms, network: 'eip155:1' })).toBe(
      undefined,
    )
  })

  it.each([
    [{ schema: 'exact' }, 'UNKNOWN_OPTION'],
    [{ scheme: 1 }, 'INVALID_OPTION'],
    [{ payer: 1 }, 'INVALID_OPTION'],
    [{ sellers: {} }, 'INVALID_OPTION'],
  ])('error: options %j are refused', (options, code) => {
    expect(() => new TestScheme(options as object)).toThrow(expect.objectContaining({ code }))
  })
})

describe('a payload of TestScheme', () => {
  it('is worth nothing to a seller that isn’t of the kit: it has no signature', async () => {
    const seller = createSeller()
    const client = new x402Client().register('eip155:*', new TestScheme())
    await wrapFetchWithPayment(seller.fetch, client)(seller.url)
    expect(Object.keys(seller.payments[0]?.payload.payload ?? {})).toEqual(['test'])
    expect(JSON.stringify(seller.payments[0]?.payload.payload)).not.toContain('signature')
    expect(seller.payments[0]?.payer).toBe(testAccounts.evm.address)
  })
})
