import { privateKeyToAccount } from 'viem/accounts'
import { expect, test, vi } from 'vitest'
import { ExactEvmScheme } from '../../../../../schemes/evm/index.js'
import { pinned } from '../../../../support/vectors/read-vector.js'
import { createTerms } from './terms.js'

const { address } = privateKeyToAccount(pinned.evmPrivateKey)
const { asset, payTo } = createTerms()
const ZERO = `0x${'0'.repeat(40)}`
const UNKNOWN = '0x1111111111111111111111111111111111111111'
const MEGA_USD = { network: 'eip155:4326', asset: '0xFAfDdbb3FC7688494971a79cc65DCa3EF82079E7', extra: {} }
const notText = (field: string) => `extra.${field} is not a text of 1 to 64 printable characters`

test.each<[what: string, changes: Record<string, unknown>, reason: string]>([
  ['another scheme', { scheme: 'upto' }, 'its scheme is not exact'],
  [
    'another chain family',
    { network: 'solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1' },
    'network is not eip155 with a chain id',
  ],
  ['a legacy network name', { network: 'base-sepolia' }, 'network is not eip155 with a chain id'],
  ['a chain id in hex', { network: 'eip155:0x14a34' }, 'network is not eip155 with a chain id'],
  ['a chain id with a leading zero', { network: 'eip155:084532' }, 'network is not eip155 with a chain id'],
  ['no chain id', { network: 'eip155:' }, 'network is not eip155 with a chain id'],
  ['a chain id of zero', { network: 'eip155:0' }, 'network is not eip155 with a chain id'],
  ['a chain id beyond 2^53', { network: 'eip155:9007199254740993' }, 'network is not eip155 with a chain id'],
  ['no network', { network: undefined }, 'network is not eip155 with a chain id'],
  ['an asset that is a symbol', { asset: 'USDC' }, 'asset is not an address of 20 bytes in hex'],
  ['an asset that is too short', { asset: asset.slice(0, -1) }, 'asset is not an address of 20 bytes in hex'],
  ['an asset with a line break', { asset: `${asset}\n` }, 'asset is not an address of 20 bytes in hex'],
  ['an asset that is no string', { asset: [asset] }, 'asset is not an address of 20 bytes in hex'],
  ['the zero address as asset', { asset: ZERO }, 'asset is the zero address'],
  [
    'a mistyped asset',
    { asset: asset.replace('036C', '036c') },
    'asset is in mixed case and fails its checksum (EIP-55): it has a typo, or its capitals were written by hand',
  ],
  ['a payTo that is a name', { payTo: 'seller.eth' }, 'payTo is not an address of 20 bytes in hex'],
  ['no payTo', { payTo: undefined }, 'payTo is not an address of 20 bytes in hex'],
  ['the zero address as payTo', { payTo: ZERO }, 'payTo is the zero address'],
  [
    'a mistyped payTo',
    { payTo: payTo.replace('209693B', '209693b') },
    'payTo is in mixed case and fails its checksum (EIP-55): it has a typo, or its capitals were written by hand',
  ],
  ['the token as payTo', { payTo: asset.toLowerCase() }, 'payTo is the token itself, where money is lost'],
  ['the buyer as payTo', { payTo: address.toLowerCase() }, 'payTo is the buyer'],
  ['an amount of zero', { amount: '0' }, 'amount is not a positive integer below 2^256'],
  ['a fraction as amount', { amount: '0.01' }, 'amount is not a positive integer below 2^256'],
  ['an amount in hex', { amount: '0x2710' }, 'amount is not a positive integer below 2^256'],
  ['a number as amount', { amount: 10_000 }, 'amount is not a positive integer below 2^256'],
  ['an amount of 2^256', { amount: (2n ** 256n).toString() }, 'amount is not a positive integer below 2^256'],
  ['no time to live', { maxTimeoutSeconds: undefined }, 'maxTimeoutSeconds is not a positive integer'],
  ['a time to live of zero', { maxTimeoutSeconds: 0 }, 'maxTimeoutSeconds is not a positive integer'],
  ['a time to live that is a string', { maxTimeoutSeconds: '60' }, 'maxTimeoutSeconds is not a positive integer'],
  ['a time to live of NaN', { maxTimeoutSeconds: Number.NaN }, 'maxTimeoutSeconds is not a positive integer'],
  [
    'decimals that a known token has not',
    { extra: { decimals: 18 } },
    'extra.decimals of this asset is 6, not what it says',
  ],
  [
    'an unknown way of transfer',
    { extra: { assetTransferMethod: 'erc7710' } },
    'extra.assetTransferMethod is neither eip3009 nor permit2',
  ],
  [
    'an unknown payment flow',
    { extra: { paymentFlow: 'escrow' } },
    'extra.paymentFlow is neither authorization nor upfront',
  ],
  [
    'a token without EIP-3009, where that is asked for',
    { ...MEGA_USD, extra: { assetTransferMethod: 'eip3009' } },
    'its asset has no EIP-3009 and needs permit2',
  ],
  [
    'an unknown token without a name',
    { asset: UNKNOWN, extra: { version: '2' } },
    'extra.name is missing and its asset is not a known one',
  ],
  [
    'an unknown token without a version',
    { asset: UNKNOWN, extra: { name: 'Token' } },
    'extra.version is missing and its asset is not a known one',
  ],
  [
    'an unknown token without extra',
    { asset: UNKNOWN, extra: undefined },
    'extra.name is missing and its asset is not a known one',
  ],
  [
    'a known token by another name',
    { extra: { name: 'USD Coin' } },
    'extra.name of this asset is "USDC", not what it says',
  ],
  [
    'a known token in another version',
    { extra: { version: '1' } },
    'extra.version of this asset is "2", not what it says',
  ],
  ['a name that is no string', { extra: { name: 7 } }, notText('name')],
  [
    'an unknown token whose name is null',
    { asset: UNKNOWN, extra: { name: null, version: '2' } },
    'extra.name is missing and its asset is not a known one',
  ],
  ['an empty name', { asset: UNKNOWN, extra: { name: '', version: '1' } }, notText('name')],
  ['a name of 65 characters', { asset: UNKNOWN, extra: { name: 'x'.repeat(65), version: '1' } }, notText('name')],
  ['a name with a line break', { asset: UNKNOWN, extra: { name: 'USD\nCoin', version: '1' } }, notText('name')],
  ['a name that runs backwards', { asset: UNKNOWN, extra: { name: 'USD\u202ECoin', version: '1' } }, notText('name')],
  ['half a character as name', { asset: UNKNOWN, extra: { name: '\uD83D', version: '1' } }, notText('name')],
  ['a version that is no string', { extra: { version: 2 } }, notText('version')],
])('ExactEvmScheme: refuses %s, and never asks the signer', async (_what, changes, reason) => {
  const signTypedData = vi.fn<() => Promise<string>>()
  const scheme = new ExactEvmScheme({ address, signTypedData })
  const terms = createTerms(changes)
  expect(scheme.refuse(terms)).toBe(reason)
  await expect(scheme.createPaymentPayload(2, terms)).rejects.toMatchObject({
    code: 'TERMS_REFUSED',
    money: 'untouched',
    shortMessage: `Refused to sign: ${reason}.`,
  })
  expect(signTypedData).not.toHaveBeenCalled()
})

test.each<[what: string, changes: Record<string, unknown>]>([
  ['the vector', {}],
  ['eip3009 by name', { extra: { assetTransferMethod: 'eip3009' } }],
  ['the authorization flow by name', { extra: { paymentFlow: 'authorization' } }],
  ['addresses in lower case', { asset: asset.toLowerCase(), payTo: payTo.toLowerCase() }],
  ['addresses in upper case', { payTo: `0x${payTo.slice(2).toUpperCase()}` }],
  ['an unknown token whose domain is given', { asset: UNKNOWN, extra: { name: 'x'.repeat(64), version: '1' } }],
  ['the largest amount', { amount: (2n ** 256n - 1n).toString() }],
  ['the largest chain id', { network: 'eip155:9007199254740991', extra: { name: 'Token', version: '1' } }],
])('ExactEvmScheme: takes %s', (_what, changes) => {
  const scheme = new ExactEvmScheme(privateKeyToAccount(pinned.evmPrivateKey))
  expect(scheme.refuse(createTerms(changes))).toBeUndefined()
})
