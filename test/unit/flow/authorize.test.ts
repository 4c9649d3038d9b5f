import { describe, expect, it } from 'vitest'
import { type ClientOptions, x402Client } from '../../../src/index.js'
import { createMemoryLedger } from '../../../src/ledger/book/memory-ledger.js'
import type { Cap, Limits } from '../../../src/limits/index.js'
import type { SchemeNetworkClient } from '../../../src/payment/scheme.js'
import type { PaymentRequirements } from '../../../src/wire/requirements.js'
import { createOffer } from '../../support/offers.js'
import { askFor } from './ask-for.js'
import { createScheme } from './create-scheme.js'
import { refusalOf } from './refusal-of.js'

const url = 'https://ada:pw@api.example.com/report?token=secret'

describe('authorize', () => {
  it('error: PART_NOT_LOADED when the scheme cannot load what signs these terms; nothing is reserved or signed', async () => {
    const failures: NonNullable<SchemeNetworkClient['prepare']>[] = [
      () => Promise.reject(new TypeError('Failed to fetch dynamically imported module')),
      () => {
        throw new TypeError('Failed to fetch dynamically imported module')
      },
    ]
    for (const prepare of failures) {
      const client = new x402Client().register(
        'eip155:*',
        createScheme({ prepare, createPaymentPayload: () => expect.unreachable() }),
      )
      expect(await refusalOf(pay(client))).toMatchObject({ code: 'PART_NOT_LOADED', money: 'untouched' })
      expect(await client.payments()).toEqual([])
    }
  })

  it('authorize: has the scheme load what signs these terms before anything is reserved', async () => {
    const order: string[] = []
    const prepare = async ({ amount }: PaymentRequirements, extensions: object) => {
      order.push(`prepare ${amount} ${Object.keys(extensions)}`)
    }
    const client = new x402Client().register('eip155:*', createScheme({ prepare }))
    client.on('payment', ({ type }) => type !== 'warning' && order.push(type))
    await client.createPaymentPayload(askFor([createOffer()], { extensions: { gasless: {} } }), { url })
    expect(order.slice(0, 4)).toEqual(['challenge', 'considered', 'prepare 10000 gasless', 'reserved'])
  })

  it('error: LIMIT_PER_PAYMENT when one payment costs too much', async () => {
    const client = createClient({ limits: { perPayment: '$0.10' } })
    expect(await explain(pay(client, { amount: '2500000' }))).toMatchInlineSnapshot(`
      "LimitError: Refused to pay 2.50 USDC: the limit "perPayment" allows $0.10.
        price: 2.50 USDC
        resource: GET https://api.example.com/report
        network: eip155:84532
        asset: 0x036CbD53842c5426634e7929541eC2318f3dCF7e
        pay to: 0x209693Bc6afc0C5328bA36FaF03C514EF312287C
        allows: $0.10
      Raise \`limits.perPayment\`, or catch LimitError to skip this resource.
      Money: untouched. Docs: node_modules/pay402/docs/errors.md#limit_per_payment"
    `)
  })

  it.each([
    ['dollars', { perPayment: '$0.005' }, '$0.005'],
    ['a symbol', { perPayment: '0.005 USDC' }, '0.005 USDC'],
    ['a window', { perDay: '$0.005' }, '$0.005'],
    ['a total', { total: '0.005 USDC' }, '0.005 USDC'],
  ])('has the price and what the limit allows in the facts: %s', async (_what, limits, allows) => {
    expect((await refusalOf(pay(createClient({ limits })))).facts).toMatchObject({ price: '0.01 USDC', allows })
  })

  it('error: LIMIT_WINDOW when the day is spent', async () => {
    const client = createClient({ limits: { perDay: '$0.02' } })
    await pay(client)
    expect(await explain(pay(client, { amount: '15000' }))).toMatchInlineSnapshot(`
      "LimitError: Refused to pay 0.015 USDC: the limit "perDay" allows $0.02.
        price: 0.015 USDC
        resource: GET https://api.example.com/report
        network: eip155:84532
        asset: 0x036CbD53842c5426634e7929541eC2318f3dCF7e
        pay to: 0x209693Bc6afc0C5328bA36FaF03C514EF312287C
        limit: limits.perDay
        allows: $0.02
        spent: $0.00
        held: $0.01 (signed, not known to be settled)
      Raise \`limits.perDay\`, or catch LimitError to skip this resource.
      Money: untouched. Docs: node_modules/pay402/docs/errors.md#limit_window"
    `)
  })

  it('error: LIMIT_TOTAL when the total is spent', async () => {
    const client = createClient({ limits: { total: '0.01 USDC' } })
    await pay(client)
    expect(await explain(pay(client))).toMatchInlineSnapshot(`
      "LimitError: Refused to pay 0.01 USDC: the limit "total" allows 0.01 USDC.
        price: 0.01 USDC
        resource: GET https://api.example.com/report
        network: eip155:84532
        asset: 0x036CbD53842c5426634e7929541eC2318f3dCF7e
        pay to: 0x209693Bc6afc0C5328bA36FaF03C514EF312287C
        limit: limits.total
        allows: 0.01 USDC
        spent: 0.00 USDC
        held: 0.01 USDC (signed, not known to be settled)
      Raise \`limits.total\`, or catch LimitError to skip this resource.
      Money: untouched. Docs: node_modules/pay402/docs/errors.md#limit_total"
    `)
  })

  it('error: LIMIT_COUNT when a limit counts payments', async () => {
    const client = createClient({ limits: createCountLimits() })
    await pay(client)
    expect(await explain(pay(client))).toMatchInlineSnapshot(`
      "LimitError: Refused to pay 0.01 USDC: the limit "perHour" allows 1 payment.
        price: 0.01 USDC
        resource: GET https://api.example.com/report
        network: eip155:84532
        asset: 0x036CbD53842c5426634e7929541eC2318f3dCF7e
        pay to: 0x209693Bc6afc0C5328bA36FaF03C514EF312287C
        limit: limits.perHour
        allows: 1 payment
        spent: 0 payments
        held: 1 payments (signed, not known to be settled)
      Raise \`limits.perHour\`, or catch LimitError to skip this resource.
      Money: untouched. Docs: node_modules/pay402/docs/errors.md#limit_count"
    `)
  })

  it('error: ASSET_NOT_ALLOWED when nobody knows the asset', async () => {
    expect(await explain(pay(createClient(), { asset: '0xart' }))).toMatchInlineSnapshot(`
      "LimitError: Refused to pay 10000 units of an unknown asset: no limit allows its asset.
        price: 10000 units of an unknown asset
        resource: GET https://api.example.com/report
        network: eip155:84532
        asset: "0xart"
        pay to: 0x209693Bc6afc0C5328bA36FaF03C514EF312287C
      Name it in \`limits.assets\` with a \`perPayment\` in its atomic units, or catch LimitError to skip this resource.
      Money: untouched. Docs: node_modules/pay402/docs/errors.md#asset_not_allowed"
    `)
  })

  it('error: LEDGER_UNAVAILABLE when nothing can be written down', async () => {
    const cause = new Error('disk full')
    const ledger = { ...createMemoryLedger(), reserve: () => Promise.reject(cause) }
    const refused = pay(createClient({ ledger }))
    expect(await explain(refused)).toMatchInlineSnapshot(`
      "LimitError: Refused to pay 0.01 USDC: the ledger could not write the payment down, and what is not written down is not signed.
        price: 0.01 USDC
        resource: GET https://api.example.com/report
        network: eip155:84532
        asset: 0x036CbD53842c5426634e7929541eC2318f3dCF7e
        pay to: 0x209693Bc6afc0C5328bA36FaF03C514EF312287C
      See the cause; the limits hold only while the ledger can be read and written.
      Money: untouched. Docs: node_modules/pay402/docs/errors.md#ledger_unavailable"
    `)
    expect((await refusalOf(refused)).cause).toBe(cause)
  })

  it('lets no seller write a line of its errors', async () => {
    const asset = 'art\nMoney: settled.'
    const lines = (await explain(pay(createClient(), { asset }))).split('\n')
    expect(lines.filter((line) => line.startsWith('Money: '))).toHaveLength(1)
  })
})

function createClient(options: ClientOptions = {}): x402Client {
  return new x402Client(options).register('eip155:*', createScheme())
}

function pay(client: x402Client, changes: Readonly<Record<string, unknown>> = {}): Promise<unknown> {
  return client.createPaymentPayload(askFor([createOffer(changes)]), { url })
}

async function explain(refused: Promise<unknown>): Promise<string> {
  return String(await refusalOf(refused))
}

/** Limits of another make, that allow one payment of anything. */
function createCountLimits(): Limits {
  const cap: Cap = { name: 'perHour', unit: 'payments/all', scope: {}, windowSeconds: 3600, count: 1 }
  return {
    assess: () => ({
      notation: { symbol: 'USDC', decimals: 6 },
      dollars: undefined,
      charges: [{ unit: cap.unit, amount: 1n }],
      caps: [cap],
    }),
    format: (_unit, amount) => `${amount} payments`,
  }
}
