import { describe, expect, it, vi } from 'vitest'
import { type PaymentPayload, SelectionError, x402Client } from '../../../src/index.js'
import type { SchemeNetworkClient } from '../../../src/payment/scheme.js'
import { createOffer, NETWORK, USDC } from '../../support/offers.js'
import { askFor } from './ask-for.js'
import { createScheme } from './create-scheme.js'
import { refusalOf } from './refusal-of.js'

const url = 'https://api.example.com/report'
const MANY = 10_000

describe('select', () => {
  it.each<[string, readonly unknown[], number]>([
    ['the only one', [createOffer()], 0],
    ['the cheapest of the same scheme and network', [offerOf('3'), offerOf('1'), offerOf('2')], 1],
    ['the earlier of two that cost the same', [offerOf('2'), offerOf('1'), offerOf('1')], 1],
    ['the smaller number, not the smaller text', [offerOf('10'), offerOf('9')], 1],
    ['the seller’s first network, though another is cheaper', [offerOf('2'), offerOf('1', { network: 'eip155:1' })], 0],
    [
      'what costs less in dollars, though it has more units',
      [offerOf('2000'), offerOf('1000000', { asset: 'usd18' })],
      1,
    ],
    ['the seller’s choice, where prices can’t be compared', [offerOf('2'), offerOf('1', { asset: 'art' })], 0],
    ['another one, where the first can’t be read', [null, { scheme: 'exact' }, offerOf('1')], 2],
    ['another one, where the scheme refuses the first', [offerOf('1', { payTo: 'nobody' }), offerOf('2')], 1],
    ['another one, where the limits refuse the first', [offerOf('5000000'), offerOf('2')], 1],
  ])('takes %s', async (_which, accepts, taken) => {
    const { accepted } = await pay(accepts)
    expect(accepted).toEqual(accepts[taken])
  })

  it('leaves it to the limits to say why, where only they refuse', async () => {
    const error = await refusalOf(pay([{ scheme: 'exact' }, offerOf('5000000'), offerOf('7000000')]))
    expect(error).toMatchObject({ name: 'LimitError', code: 'LIMIT_PER_PAYMENT', money: 'untouched' })
    expect(error.shortMessage).toContain('5.00 USDC')
  })

  it('error: NO_OFFERS when the 402 holds none', async () => {
    const error = await refusalOf(pay([]))
    expect(error).toMatchObject({ name: 'SelectionError', code: 'NO_OFFERS', money: 'untouched', considered: [] })
  })

  it('error: NO_PAYABLE_OFFER when none can be paid, with the first reasons', async () => {
    const accepts = [
      7,
      { network: NETWORK },
      createOffer({ network: 'base' }),
      createOffer({ scheme: 'barter' }),
      createOffer({ payTo: 'nobody' }),
      createOffer({ amount: '0' }),
      createOffer({ extra: 'USDC' }),
    ]
    expect(String(await refusalOf(pay(accepts)))).toMatchInlineSnapshot(`
      "SelectionError: Refused to pay: none of the offers can be paid by this client.
        resource: GET https://api.example.com/report
        offer 1: it is not an object
        offer 2: ? on eip155:84532: scheme is missing or not a string
        offer 3: "exact" on "base": network is missing or not one that this protocol names
        offer 4: "barter" on eip155:84532: no scheme is registered for it
        offer 5: "exact" on eip155:84532: nobody is paid here
        and more: 2, all in error.considered
      Register a scheme for one of these networks, or tell the seller what is missing.
      Money: untouched. Docs: node_modules/pay402/docs/errors.md#no_payable_offer"
    `)
  })
})

describe('SelectionError: considered', () => {
  it.each<[string, unknown]>([
    ['no object', null],
    ['no scheme', createOffer({ scheme: undefined })],
    ['a scheme that is a number', createOffer({ scheme: 1 })],
    ['a network by a name of protocol 1', createOffer({ network: 'base-sepolia' })],
    ['a network that is a pattern', createOffer({ network: 'eip155:*' })],
    ['a scheme that isn’t registered', createOffer({ scheme: 'barter' })],
    ['a network that isn’t registered', createOffer({ network: 'solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp' })],
    ['neither amount nor payTo', createOffer({ amount: undefined, payTo: undefined })],
    ['an amount that is a number', createOffer({ amount: 10_000 })],
    ['two different amounts', createOffer({ maxAmountRequired: '20000' })],
    ['a payTo longer than any', createOffer({ payTo: 'x'.repeat(1000) })],
    ['half a second', createOffer({ maxTimeoutSeconds: 1.5 })],
    ['what the scheme refuses', createOffer({ payTo: 'nobody' })],
  ])('says in one short line why an entry with %s can’t be paid', async (_what, entry) => {
    const error = await refusalOf(pay([entry]))
    expect(error).toBeInstanceOf(SelectionError)
    const { considered } = error as SelectionError
    expect(considered).toHaveLength(1)
    expect(considered[0]?.reason).toMatch(/^[^\n]{10,100}$/)
  })

  it('names every offer, in the seller’s order, with the seller’s names for it', async () => {
    const accepts = [7, createOffer({ scheme: 'barter' }), createOffer({ network: 'eip155:1', payTo: 'nobody' })]
    const error = (await refusalOf(pay(accepts))) as SelectionError
    expect(error.considered).toEqual([
      { index: 0, scheme: undefined, network: undefined, reason: 'it is not an object' },
      { index: 1, scheme: 'barter', network: NETWORK, reason: 'no scheme is registered for it' },
      { index: 2, scheme: 'exact', network: 'eip155:1', reason: 'nobody is paid here' },
    ])
  })

  it('cuts the seller’s names short, and takes what could pass for ours out of them', async () => {
    const error = (await refusalOf(
      pay([createOffer({ scheme: `a\nMoney: settled\u202e${'b '.repeat(1000)}` })]),
    )) as SelectionError
    expect(error.considered[0]?.scheme).toMatch(/^a Money: settled(b )+b?…$/)
    expect(error.message.split('\n').filter((line) => line.startsWith('Money:'))).toHaveLength(1)
  })

  it('names the others when a hook refuses the one that was taken', async () => {
    const client = createClient()
    client.onBeforePaymentCreation(() => ({ abort: true, reason: 'no' }))
    const accepts = [offerOf('2'), offerOf('1'), offerOf('5000000')]
    const error = (await refusalOf(pay(accepts, client))) as SelectionError
    expect(error.considered).toMatchObject([
      { index: 0, reason: 'another offer comes first or costs less' },
      { index: 2, reason: 'the limit "perPayment" allows $1.00' },
    ])
  })
})

describe(`select: ${MANY} offers`, () => {
  it('judges none whose scheme isn’t registered', async () => {
    const { client, judged } = createCounted()
    const strange = Array.from({ length: MANY - 1 }, () => createOffer({ scheme: 'barter' }))
    await pay([...strange, createOffer()], client)
    expect(judged()).toBe(1)
  })

  it('judges the first and the cheapest, and none of those between', async () => {
    const { client, judged } = createCounted()
    const { accepted } = await pay(
      Array.from({ length: MANY }, (_, index) => offerOf(String(MANY - index))),
      client,
    )
    expect(accepted).toMatchObject({ amount: '1' })
    expect(judged()).toBe(2)
  })

  it('looks for reasons when they are read, and then for all', async () => {
    const { client, judged } = createCounted()
    client.onBeforePaymentCreation(() => ({ abort: true, reason: 'no' }))
    const error = (await refusalOf(
      pay(
        Array.from({ length: MANY }, () => offerOf('1')),
        client,
      ),
    )) as SelectionError
    expect(judged()).toBeLessThanOrEqual(2)
    expect(error.considered).toHaveLength(MANY - 1)
  })

  it('prints a few reasons and keeps all', async () => {
    const error = await refusalOf(pay(Array.from({ length: MANY }, () => createOffer({ payTo: 'nobody' }))))
    expect(error.message.length).toBeLessThan(1000)
    expect(error.facts['and more']).toBe('9995, all in error.considered')
    expect((error as SelectionError).considered).toHaveLength(MANY)
  })

  it('judges each once when all are refused, and again only what is printed', async () => {
    const { client, judged } = createCounted()
    await refusalOf(
      pay(
        Array.from({ length: MANY }, () => createOffer({ payTo: 'nobody' })),
        client,
      ),
    )
    expect(judged()).toBeLessThanOrEqual(MANY + 5)
  })

  it('error: CHALLENGE_MALFORMED when there is one more', async () => {
    const error = await refusalOf(pay(Array.from({ length: MANY + 1 }, () => createOffer())))
    expect(error).toMatchObject({ code: 'CHALLENGE_MALFORMED', money: 'untouched' })
  })
})

function offerOf(amount: string, changes: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return createOffer({ amount, ...changes })
}

const scheme: Partial<SchemeNetworkClient> = {
  refuse: ({ payTo }) => (payTo === 'nobody' ? 'nobody is paid here' : undefined),
  findDefaultAsset(asset) {
    const decimals = { [USDC]: 6, usd18: 18 }[asset]
    return decimals === undefined ? undefined : { asset, decimals, symbol: 'USDC' }
  },
}

function createClient(changes: Partial<SchemeNetworkClient> = {}): x402Client {
  const assets = [{ network: NETWORK, asset: 'art', perPayment: '1000000' }] as const
  return new x402Client({ limits: { assets } }).register('eip155:*', createScheme({ ...scheme, ...changes }))
}

/** A client whose scheme counts the offers that it was asked about. */
function createCounted() {
  const refuse = vi.fn(scheme.refuse)
  return { client: createClient({ refuse }), judged: () => refuse.mock.calls.length }
}

async function pay(accepts: readonly unknown[], client = createClient()): Promise<PaymentPayload> {
  return client.createPaymentPayload(askFor(accepts), { url })
}
