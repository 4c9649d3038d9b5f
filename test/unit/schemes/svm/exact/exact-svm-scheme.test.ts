import { x402Client as OfficialClient } from '@x402/core/client'
import { DEFAULT_ASSETS } from '@x402/svm'
import { describe, expect, test } from 'vitest'
import { findTokenAccount } from '../../../../../schemes/svm/address.js'
import { listKnownAssets } from '../../../../../schemes/svm/assets/known-assets.js'
import {
  ExactSvmScheme,
  type KnownAsset,
  registerExactSvmScheme,
  toClientSvmSigner,
} from '../../../../../schemes/svm/index.js'
import { TOKEN_PROGRAM } from '../../../../../schemes/svm/programs.js'
import { x402Client } from '../../../../../src/index.js'
import { createManualClock } from '../../../../../src/testing/manual-clock.js'
import { readVector } from '../../../../support/vectors/read-vector.js'
import { createTerms, DEVNET, FEE_PAYER, PAYER, SEED } from './terms.js'

const createScheme = async (options: ExactSvmScheme.Options = { rpc: {} }) =>
  new ExactSvmScheme(await toClientSvmSigner(SEED), options)
const MAINNET = 'solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp'
const LOCAL = 'solana:75hbt6uvDqjPZ9WgFtMhBnTeyHw7cino'
const { asset, payTo } = createTerms()

test('ExactSvmScheme: pays for the official client', async () => {
  const client = new OfficialClient().register('solana:*', await createScheme())
  const payment = await client.createPaymentPayload({
    x402Version: 2,
    resource: { url: 'https://api.example.com/paid', description: '', mimeType: '' },
    accepts: [createTerms()],
  })
  expect((await createScheme()).describe(payment.payload, createTerms())).toMatchObject({
    payer: PAYER,
    amount: 1_000n,
  })
})

test('known assets: are those of @x402/svm', () => {
  const theirs = Object.entries(DEFAULT_ASSETS).flatMap(([network, assets]) =>
    assets.map((known) => ({ network, ...known })),
  )
  expect(listKnownAssets()).toEqual(expect.arrayContaining(theirs))
  expect(listKnownAssets()).toHaveLength(theirs.length)
})

describe('findDefaultAsset', () => {
  const taught: KnownAsset = { network: LOCAL, asset, symbol: 'tUSD', decimals: 9 }

  test('findDefaultAsset: knows a dollar by its mint, and one that it was taught', async () => {
    const scheme = await createScheme({ assets: [taught] })
    expect(scheme.findDefaultAsset(asset, DEVNET)).toEqual({ asset, decimals: 6, symbol: 'USDC' })
    expect(scheme.findDefaultAsset(asset, LOCAL)).toEqual({ asset, decimals: 9, symbol: 'tUSD' })
  })

  test.each<[what: string, asset: string, network: `${string}:${string}`]>([
    ['the same mint on another cluster', asset, MAINNET],
    ['an unknown mint', FEE_PAYER, DEVNET],
    ['a mint in another case', asset.toLowerCase(), DEVNET],
    ['a symbol', 'USDC', DEVNET],
    ['another chain family', asset, 'eip155:8453'],
  ])('findDefaultAsset: answers undefined for %s', async (_what, mint, network) => {
    expect((await createScheme()).findDefaultAsset(mint, network)).toBeUndefined()
  })

  test.each<[what: string, changes: object, where: string]>([
    ['a network by name', { network: 'solana:devnet' }, 'assets[0].network'],
    ['a mint that is none', { asset: 'USDC' }, 'assets[0].asset'],
    ['no symbol', { symbol: '' }, 'assets[0].symbol'],
    ['half a decimal', { decimals: 1.5 }, 'assets[0].decimals'],
  ])('assets: refuses %s', async (_what, changes, where) => {
    await expect(createScheme({ assets: [{ ...taught, ...changes }] })).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      shortMessage: expect.stringContaining(where),
    })
  })
})

describe('describe', () => {
  const transactionOf = (name: string) => String(readVector(name).result?.payload['transaction'])

  test('describe: reads what the official client signed', async () => {
    const scheme = await createScheme()
    const described = scheme.describe({ transaction: transactionOf('exact-svm-random-memo') }, createTerms())
    expect(described).toMatchObject({ payer: PAYER, payTo: payTo, asset, amount: 1_000n })
    expect(described?.nonce).toMatch(/^[1-9A-HJ-NP-Za-km-z]{86,88}$/)
  })

  test('describe: says when a transaction of its own will have died, by the clock that it was signed with', async () => {
    const scheme = await createScheme()
    const clock = createManualClock(1_800_000_000)
    const { payload } = await scheme.createPaymentPayload(2, createTerms(), { clock })
    clock.advance(30)
    expect(scheme.describe(payload, createTerms())?.validUntilSeconds).toBe(1_800_000_090)
  })

  test('describe: names the token account where that is not the one of payTo', async () => {
    const transaction = transactionOf('exact-svm-random-memo')
    const described = (await createScheme()).describe({ transaction }, createTerms({ payTo: FEE_PAYER }))
    expect(described?.payTo).toBe(findTokenAccount(payTo, TOKEN_PROGRAM, asset))
  })

  test.each<[what: string, payload: (transaction: string) => unknown, terms?: Record<string, unknown>]>([
    ['no object', (transaction) => transaction],
    ['nothing in it', () => ({})],
    ['something beside the transaction', (transaction) => ({ transaction, other: transaction })],
    ['a transaction that is no text', () => ({ transaction: 42 })],
    ['a transaction that is cut off', (transaction) => ({ transaction: transaction.slice(0, -4) })],
    ['a transaction with something behind it', (transaction) => ({ transaction: `${transaction.slice(0, -4)}AAAA` })],
    ['no signature of the buyer', (transaction) => ({ transaction: withoutSignature(transaction) })],
    ['a transaction of an EVM payment', () => ({ authorization: {}, signature: '0x' })],
    ['another fee payer than the terms', (transaction) => ({ transaction }), { extra: { feePayer: payTo } }],
    ['another memo than the terms', (transaction) => ({ transaction }), { extra: { memo: 'order 42' } }],
  ])('describe: answers undefined for %s', async (_what, create, terms = {}) => {
    const payload = create(transactionOf('exact-svm-random-memo'))
    expect((await createScheme()).describe(payload, createTerms(terms))).toBeUndefined()
  })

  test('describe: answers undefined for a payment by a channel, which isn’t a transfer', async () => {
    const transaction = readVector('upto-svm').result?.payload['openTransaction']
    expect((await createScheme()).describe({ transaction }, createTerms())).toBeUndefined()
  })
})

describe('explorerUrl', () => {
  const transaction = '5'.repeat(88).slice(0, 87)

  test.each<[network: `${string}:${string}`, query: string]>([
    [MAINNET, ''],
    [DEVNET, '?cluster=devnet'],
    ['solana:4uhcVJyU9pJkvQyS88uRDiswHXSCkY3z', '?cluster=testnet'],
  ])('explorerUrl: points at the transaction on %s', async (network, query) => {
    const url = (await createScheme()).explorerUrl(transaction, network)
    expect(url).toBe(`https://explorer.solana.com/tx/${transaction}${query}`)
  })

  test('explorerUrl: makes no link of a local cluster, or of what is no signature', async () => {
    const scheme = await createScheme()
    expect(scheme.explorerUrl(transaction, LOCAL)).toBeUndefined()
    expect(scheme.explorerUrl('javascript:alert(1)', MAINNET)).toBeUndefined()
    expect(scheme.explorerUrl('0x12', MAINNET)).toBeUndefined()
  })
})

describe('two payments', () => {
  const sign = async (random: (length: number) => Uint8Array, count: number) => {
    const scheme = await createScheme()
    const terms = createTerms({ extra: { memo: 'order 42' } })
    const signed = Array.from({ length: count }, () => scheme.createPaymentPayload(2, terms, { random }))
    return (await Promise.all(signed)).map(({ payload }) => payload.transaction)
  }

  test('two payments: are never the same transaction, with one blockhash, one memo and a random source that repeats itself', async () => {
    const transactions = await sign((length) => new Uint8Array(length), 200)
    expect(new Set(transactions).size).toBe(200)
  })

  test('two payments: of two processes with one key are told apart by chance', async () => {
    const [first] = await sign((length) => new Uint8Array(length).fill(1), 1)
    const [second] = await sign((length) => new Uint8Array(length).fill(2), 1)
    expect(first).not.toBe(second)
  })

  test('two payments: need a random source that gives what it is asked for', async () => {
    await expect(sign(() => new Uint8Array(1), 1)).rejects.toMatchObject({ code: 'INVALID_OPTION' })
    const scheme = await createScheme()
    const short = scheme.createPaymentPayload(2, createTerms(), { random: () => new Uint8Array(15) })
    await expect(short).rejects.toMatchObject({ code: 'INVALID_OPTION' })
  })
})

test('registerExactSvmScheme: registers where it is told to, and every option is read', async () => {
  const signer = await toClientSvmSigner(SEED)
  const client = registerExactSvmScheme(new x402Client(), { signer, networks: [DEVNET], schemeOptions: { rpc: {} } })
  expect(() => client.register(DEVNET, new ExactSvmScheme(signer))).toThrow(/already registered for solana:EtW/)
  expect(() => registerExactSvmScheme(new x402Client(), { signer, network: DEVNET } as never)).toThrow(/unknown/)
})

function withoutSignature(transaction: string): string {
  const bytes = Buffer.from(transaction, 'base64')
  bytes.fill(0, 65, 129)
  return bytes.toString('base64')
}
