import { x402Client as OfficialClient } from '@x402/core/client'
import type { SchemeNetworkClient as OfficialSchemeNetworkClient } from '@x402/core/types'
import { privateKeyToAccount } from 'viem/accounts'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { ExactEvmScheme } from '../../../../../schemes/evm/index.js'
import type { SchemeNetworkClient } from '../../../../../src/payment/scheme.js'
import { pinned } from '../../../../support/vectors/read-vector.js'
import { createTerms } from './terms.js'

const account = privateKeyToAccount(pinned.evmPrivateKey)

test('ExactEvmScheme: is a scheme client of pay402 and of @x402/core', () => {
  expectTypeOf<ExactEvmScheme>().toExtend<SchemeNetworkClient>()
  expectTypeOf<ExactEvmScheme>().toExtend<OfficialSchemeNetworkClient>()
})

test('ExactEvmScheme: pays for the official client', async () => {
  const client = new OfficialClient().register('eip155:*', new ExactEvmScheme(account))
  const payment = await client.createPaymentPayload({
    x402Version: 2,
    resource: { url: 'https://api.example.com/paid', description: '', mimeType: '' },
    accepts: [createTerms()],
  })
  const described = new ExactEvmScheme(account).describe(payment.payload, createTerms())
  expect(described).toMatchObject({ payer: account.address, amount: 10_000n })
})

test('ExactEvmScheme: answers the payer with a checksum', () => {
  const signer = { address: account.address.toLowerCase(), signTypedData: account.signTypedData }
  expect(new ExactEvmScheme(signer).payer).toBe(pinned.evmAddress)
})

describe('findDefaultAsset', () => {
  const scheme = new ExactEvmScheme(account)

  test('findDefaultAsset: knows a dollar by its address in any case', () => {
    expect(scheme.findDefaultAsset('0x833589FCD6EDB6E08F4C7C32D4F71B54BDA02913', 'eip155:8453')).toEqual({
      asset: '0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913',
      decimals: 6,
      symbol: 'USDC',
    })
  })

  test('findDefaultAsset: knows a dollar that only permit2 can move', () => {
    const found = scheme.findDefaultAsset('0xdD468A1DDc392dcdbEf6db6e34E89AA338F9F186', 'eip155:31612')
    expect(found).toMatchObject({ decimals: 18, symbol: 'mUSD' })
  })

  test.each<[what: string, asset: string, network: `${string}:${string}`]>([
    ['the same address on another chain', '0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913', 'eip155:84532'],
    ['an unknown token', '0x1111111111111111111111111111111111111111', 'eip155:8453'],
    ['a mistyped address', '0x833589FCD6eDb6E08f4c7C32D4f71b54bdA02913', 'eip155:8453'],
    ['a symbol', 'USDC', 'eip155:8453'],
    ['a key of the table', 'asset', 'eip155:__proto__'],
    ['another chain family', 'EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v', 'solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp'],
  ])('findDefaultAsset: answers undefined for %s', (_what, asset, network) => {
    expect(scheme.findDefaultAsset(asset, network)).toBeUndefined()
  })
})

describe('option assets', () => {
  const token = {
    network: 'eip155:31337',
    asset: '0x5fbdb2315678afecb367f032d93f642f64180aa3',
    symbol: 'TUSD',
    decimals: 6,
    name: 'Test Dollar',
    version: '1',
  } as const

  test('ExactEvmScheme: knows a token that it was taught', () => {
    const scheme = new ExactEvmScheme(account, { assets: [token] })
    const { network, asset } = token
    expect(scheme.findDefaultAsset(asset, network)).toEqual({
      asset: '0x5FbDB2315678afecb367f032d93F642f64180aa3',
      decimals: 6,
      symbol: 'TUSD',
    })
    expect(scheme.refuse(createTerms({ network, asset, extra: {} }))).toBeUndefined()
    expect(scheme.refuse(createTerms({ network, asset, extra: { name: 'USDC' } }))).toBe(
      'extra.name of this asset is "Test Dollar", not what it says',
    )
  })

  test('ExactEvmScheme: believes its user more than its own table', () => {
    const assets = [{ ...token, network: 'eip155:84532', asset: createTerms().asset, name: 'USDC v3' } as const]
    expect(new ExactEvmScheme(account, { assets }).refuse(createTerms())).toBe(
      'extra.name of this asset is "USDC v3", not what it says',
    )
  })

  test('ExactEvmScheme: keeps what it was taught, when the caller changes the object later', () => {
    const changing = { ...token, decimals: 6 }
    const scheme = new ExactEvmScheme(account, { assets: [changing] })
    changing.decimals = 18
    expect(scheme.findDefaultAsset(token.asset, token.network)?.decimals).toBe(6)
  })

  test.each([
    ['network', 'base'],
    ['network', 'solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp'],
    ['asset', 'TUSD'],
    ['symbol', ''],
    ['decimals', '6'],
    ['decimals', -1],
    ['decimals', 37],
    ['decimals', 1.5],
    ['name', undefined],
    ['version', 2],
    ['assetTransferMethod', 'eip2612'],
  ])('error: INVALID_OPTION when the %s of a taught token is %j', (field, value) => {
    const construct = () => Reflect.construct(ExactEvmScheme, [account, { assets: [{ ...token, [field]: value }] }])
    expect(construct).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
    expect(construct).toThrow(`assets[0].${field}`)
  })

  test('error: UNKNOWN_OPTION when a taught token has a misspelt field', () => {
    const construct = () => Reflect.construct(ExactEvmScheme, [account, { assets: [{ ...token, decimal: 6 }] }])
    expect(construct).toThrow(expect.objectContaining({ code: 'UNKNOWN_OPTION' }))
  })
})

test.each([
  ['UNKNOWN_OPTION', { signer: 'hash' }],
  ['INVALID_OPTION', { signing: 'raw' }],
  ['INVALID_OPTION', { assets: {} }],
  ['INVALID_OPTION', { assets: [null] }],
  ['INVALID_OPTION', null],
])('error: %s when the options are %j', (code, options) => {
  const construct = () => Reflect.construct(ExactEvmScheme, [account, options])
  expect(construct).toThrow(expect.objectContaining({ code, money: 'untouched' }))
})
