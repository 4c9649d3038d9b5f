import { createKeyPairSignerFromPrivateKeyBytes } from '@solana/kit'
import { builderCodeResourceServerExtension, declareBuilderCodeExtension } from '@x402/extensions/builder-code'
import {
  createEIP712OfferReceiptIssuer,
  createOfferReceiptExtension,
  declareOfferReceiptExtension,
} from '@x402/extensions/offer-receipt'
import {
  declarePaymentIdentifierExtension,
  PAYMENT_IDENTIFIER,
  paymentIdentifierResourceServerExtension,
} from '@x402/extensions/payment-identifier'
import {
  createSIWxResourceServerExtension,
  declareSIWxExtension,
  InMemorySIWxStorage,
} from '@x402/extensions/sign-in-with-x'
import axios from 'axios'
import { isX402Error } from 'pay402'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { describe, expect, it } from 'vitest'
import { compilePrograms, moveImports, runProgram, table } from './moved-program.js'
import { openShop, type ShopWith } from './open-shop.js'

/**
 * The official examples for buyers, written again with the same imports and the same calls: what the migration page's second table says of
 * each, and nothing else, is what becomes of it when its imports are moved.
 */

const OFFER = { network: 'eip155:84532', price: '$0.01' } as const
const url = 'https://api.example.com/weather'
const account = privateKeyToAccount(generatePrivateKey())
const seller = privateKeyToAccount(generatePrivateKey())
const solana = await createKeyPairSignerFromPrivateKeyBytes(new Uint8Array(32).fill(0x22))

const issuer = createEIP712OfferReceiptIssuer(`did:pkh:eip155:1:${seller.address}#key-1`, (params) =>
  seller.signTypedData(params as never),
)

const rememberBuyers: ShopWith['setUp'] = (server) =>
  server.registerExtension(
    createSIWxResourceServerExtension({ storage: new InMemorySIWxStorage(), origin: 'https://api.example.com' }),
  )

/** Programs that behave the same, by what the seller declares. */
const same: Record<string, ShopWith> = {
  'e2e-fetch': {},
  'e2e-axios': {},
  'basic-fetch': {},
  'basic-axios': {},
  'builder-pattern': {},
  'all-networks': {},
  hooks: {},
  'preferred-network': {},
  'screen-recipient': {},
  custom: {},
  taskmarket: {},
  'payment-identifier': {
    extensions: { [PAYMENT_IDENTIFIER]: declarePaymentIdentifierExtension(true) },
    setUp: (server) => server.registerExtension(paymentIdentifierResourceServerExtension),
  },
  'builder-code': {
    extensions: { 'builder-code': declareBuilderCodeExtension('the_shop') },
    setUp: (server) => server.registerExtension(builderCodeResourceServerExtension),
  },
  'offer-receipt': {
    extensions: declareOfferReceiptExtension(),
    setUp: (server) => server.registerExtension(createOfferReceiptExtension(issuer)),
  },
  'sign-in-with-x': {
    extensions: declareSIWxExtension({ network: OFFER.network }),
    setUp: rememberBuyers,
  },
  'sign-in-extension': {
    extensions: declareSIWxExtension({ network: OFFER.network }),
    setUp: rememberBuyers,
  },
}

/** Compiled alone: their sellers settle in contracts that only their own chains have. */
const compiled = ['batch-settlement', 'auth-capture']

/** Programs that are refused by name, as the page says. */
const refused: Record<string, { compiler: readonly string[]; code: string }> = {
  'spend-controls': {
    compiler: [expect.stringContaining("'spendControls' does not exist in type 'ClientConfig'")],
    code: 'USE_LIMITS',
  },
  'header-replay': { compiler: [], code: 'PAYMENT_HEADER_PRESENT' },
}

const names = [...Object.keys(same), ...compiled, ...Object.keys(refused)]

function openWorld(shop: ShopWith = {}) {
  const { fetch, payments } = openShop({ offers: [OFFER], ...shop })
  const instance = axios.create({ adapter: 'fetch', env: { fetch } })
  // No chain is asked: that of the shop is made up.
  const rpcUrl = 'http://127.0.0.1:1'
  return { payments, world: { fetch, axios: instance, url, account, solana, rpcUrl } }
}

describe('official examples under --strict', () => {
  const official = compilePrograms(names, false)
  const moved = compilePrograms(names, true)

  it.each(names)('%s: compiles as it is, and moved as the page says', (name) => {
    expect([official.get(name), moved.get(name)]).toEqual([[], refused[name]?.compiler ?? []])
  })
})

describe('official examples with their imports moved', () => {
  it.each(Object.entries(same))('%s: does the same, and pays as often', async (name, shop) => {
    const there = openWorld(shop)
    const here = openWorld(shop)
    const expected = await runProgram(name, false, there.world)
    expect(await runProgram(name, true, here.world)).toEqual(expected)
    expect(here.payments.map(({ accepted }) => accepted)).toEqual(there.payments.map(({ accepted }) => accepted))
    expect(here.payments.map(shapeOf)).toEqual(there.payments.map(shapeOf))
  })

  it.each(Object.entries(refused))('%s: is refused by name', async (name, { code }) => {
    const thrown: unknown = await runProgram(name, true, openWorld().world).catch((error: unknown) => error)
    expect(isX402Error(thrown) && thrown.code).toBe(code)
  })
})

describe('the line for sed on the migration page', () => {
  it('moves what the table moves, and leaves what stays', async () => {
    const { execFileSync } = await import('node:child_process')
    const { readFileSync } = await import('node:fs')
    const page = readFileSync('docs/migrating-from-x402.md', 'utf8')
    const [, script = ''] = /sed -i\.bak -E '(s[^\n]*)' src/.exec(page) ?? []
    const stays = [
      '@x402/evm/exact/server',
      '@x402/evm/batch-settlement/client',
      '@x402/svm/upto/client',
      '@x402/core/utils',
    ]
    const lines = [...table.keys(), ...stays].flatMap((entry) => [
      `import { a } from '${entry}'`,
      `import { a } from "${entry}"`,
    ])
    const moved = execFileSync('sed', ['-E', script], { input: lines.join('\n'), encoding: 'utf8' })
    const expected = lines.map((line) => moveImports(line.replaceAll('"', "'")))
    expect(moved.split('\n').map((line) => line.replaceAll('"', "'"))).toEqual(expected)
  })
})

/** What a payment is made of, without what differs each time: who reads it finds the same members. */
function shapeOf(payment: unknown): unknown {
  if (typeof payment !== 'object' || payment === null) return typeof payment
  return Object.fromEntries(
    Object.entries(payment)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]) => [name, shapeOf(value)]),
  )
}
