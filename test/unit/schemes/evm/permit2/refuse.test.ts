import { describe, expect, test, vi } from 'vitest'
import { ExactEvmScheme, UptoEvmScheme } from '../../../../../schemes/evm/index.js'
import { MAX_VALIDITY_SECONDS } from '../../../../../src/payment/scheme.js'
import { pinned } from '../../../../support/vectors/read-vector.js'
import { createPermit2Terms } from './permit2-terms.js'

const { asset } = createPermit2Terms('exact-permit2')
const address = pinned.evmAddress
const ZERO = `0x${'0'.repeat(40)}`
const PROXIES = [
  '0x000000000022D473030F116dDEE9F6B43aC78BA3',
  '0x402085c248EeA27D92E8b30b2C58ed07f9E20001',
  '0x4020A4f3b7b90ccA423B9fabCc0CE57C6C240002',
]
const MEGA_USD = { network: 'eip155:4326', asset: '0xFAfDdbb3FC7688494971a79cc65DCa3EF82079E7' }

type Hostile = readonly [what: string, changes: Record<string, unknown>, reason: string]

/** Terms that neither scheme signs through Permit2. */
const either: readonly Hostile[] = [
  ['the token as payTo', { payTo: asset.toLowerCase() }, 'payTo is the token itself, where money is lost'],
  ['the buyer as payTo', { payTo: address }, 'payTo is the buyer'],
  ['the zero address as payTo', { payTo: ZERO }, 'payTo is the zero address'],
  ...PROXIES.map(
    (payTo): Hostile => [
      `${payTo} as payTo`,
      { payTo },
      'payTo is a contract that only passes money on, where it is lost',
    ],
  ),
  [
    'the domain of another token',
    { extra: { name: 'Tether USD' } },
    'extra.name of this asset is "USDC", not what it says',
  ],
  [
    'another version of the domain',
    { extra: { version: '1' } },
    'extra.version of this asset is "2", not what it says',
  ],
  [
    'a name with a line break',
    { extra: { name: 'USD\nC' } },
    'extra.name is not a text of 1 to 64 printable characters',
  ],
  [
    'decimals that the token has not',
    { extra: { decimals: 18 } },
    'extra.decimals of this asset is 6, not what it says',
  ],
  ['decimals as a text', { extra: { decimals: '6' } }, 'extra.decimals of this asset is 6, not what it says'],
  [
    'a payment flow that it does not know',
    { extra: { paymentFlow: 'escrow' } },
    'extra.paymentFlow is neither authorization nor upfront',
  ],
  ['another network', { network: 'solana:x' }, 'network is not eip155 with a chain id'],
  ['an asset that is a symbol', { asset: 'USDC' }, 'asset is not an address of 20 bytes in hex'],
  ['an amount of zero', { amount: '0' }, 'amount is not a positive integer below 2^256'],
  ['no time to live', { maxTimeoutSeconds: 0 }, 'maxTimeoutSeconds is not a positive integer'],
]

const metered: readonly Hostile[] = [
  ['no facilitator', { extra: { facilitatorAddress: undefined } }, 'extra.facilitatorAddress is missing'],
  [
    'the zero address as facilitator',
    { extra: { facilitatorAddress: ZERO } },
    'extra.facilitatorAddress is the zero address',
  ],
  [
    'a facilitator that is a name',
    { extra: { facilitatorAddress: 'x.eth' } },
    'extra.facilitatorAddress is not an address of 20 bytes in hex',
  ],
  [
    'a mistyped facilitator',
    { extra: { facilitatorAddress: `${address.slice(0, -1)}a` } },
    'extra.facilitatorAddress is in mixed case and fails its checksum (EIP-55): it has a typo, or its capitals were written by hand',
  ],
  ['a transfer by EIP-3009', { extra: { assetTransferMethod: 'eip3009' } }, 'extra.assetTransferMethod is not permit2'],
  ['another scheme', { scheme: 'exact' }, 'its scheme is not upto'],
]

describe.each([
  { name: 'exact-permit2', Scheme: ExactEvmScheme, hostile: either },
  { name: 'upto-permit2', Scheme: UptoEvmScheme, hostile: [...either, ...metered] },
] as const)('$Scheme.name', ({ name, Scheme, hostile }) => {
  test.each(hostile)('refuses %s through Permit2, and never asks the signer', async (_what, changes, reason) => {
    const signTypedData = vi.fn<() => Promise<string>>()
    const scheme = new Scheme({ address, signTypedData })
    const terms = createPermit2Terms(name, changes)
    expect(scheme.refuse(terms)).toBe(reason)
    expect(scheme.listAllowances(terms, {})).toEqual([])
    expect(await scheme.readFunding(terms)).toBe('unknown')
    await expect(scheme.createPaymentPayload(2, terms)).rejects.toMatchObject({
      code: 'TERMS_REFUSED',
      money: 'untouched',
      shortMessage: `Refused to sign: ${reason}.`,
    })
    expect(signTypedData).not.toHaveBeenCalled()
  })

  test.each<[what: string, changes: Record<string, unknown>]>([
    ['the vector', {}],
    ['a token whose domain the seller leaves out', { extra: { name: undefined, version: undefined } }],
    ['a dollar that only Permit2 can move', { ...MEGA_USD, extra: { name: 'MegaUSD', version: '1' } }],
  ])('takes %s', (_what, changes) => {
    expect(
      new Scheme({ address, signTypedData: async () => '' }).refuse(createPermit2Terms(name, changes)),
    ).toBeUndefined()
  })

  test('signs nothing under protocol 1', async () => {
    const signTypedData = vi.fn<() => Promise<string>>()
    const paying = new Scheme({ address, signTypedData }).createPaymentPayload(1, createPermit2Terms(name))
    await expect(paying).rejects.toMatchObject({ code: 'TERMS_REFUSED', money: 'untouched' })
    expect(signTypedData).not.toHaveBeenCalled()
    const scheme = new Scheme({ address, signTypedData })
    expect(scheme.refuse(createPermit2Terms(name), 1)).toBe('protocol 1 knows no permit2')
  })

  test.each([
    ['as long as the seller wants, up to the ceiling', 599, undefined, 599],
    ['never longer than the ceiling, whatever the seller wants', 315_360_000, undefined, MAX_VALIDITY_SECONDS],
    ['shorter, when the client says so', 300, 30, 30],
    ['never longer than the ceiling, whatever the client says', 86_400, 7_200, MAX_VALIDITY_SECONDS],
  ])('lets a payment live %s', async (_what, maxTimeoutSeconds, maxValiditySeconds, lives) => {
    const scheme = new Scheme({ address, signTypedData: async () => `0x${'11'.repeat(65)}` })
    const terms = createPermit2Terms(name, { maxTimeoutSeconds })
    const limit = maxValiditySeconds === undefined ? {} : { maxValiditySeconds }
    const { payload } = await scheme.createPaymentPayload(2, terms, { clock: pinned.clock, ...limit })
    expect(scheme.describe(payload, terms)?.validUntilSeconds).toBe(pinned.nowSeconds + lives)
  })
})

test('ExactEvmScheme: takes EIP-3009 where the offer names no method', async () => {
  const terms = createPermit2Terms('exact-permit2', { extra: { assetTransferMethod: undefined } })
  const scheme = new ExactEvmScheme({ address, signTypedData: async () => `0x${'11'.repeat(65)}` })
  expect((await scheme.createPaymentPayload(2, terms)).payload).toHaveProperty('authorization')
})

test('UptoEvmScheme: takes an offer that names no method, since it knows only one', () => {
  const terms = createPermit2Terms('upto-permit2', { extra: { assetTransferMethod: undefined } })
  expect(new UptoEvmScheme({ address, signTypedData: async () => '' }).refuse(terms)).toBeUndefined()
})

test.each(['allways', 1, null])('error: INVALID_OPTION when the option `allowance` is %j', (allowance) => {
  const signer = { address, signTypedData: async () => '' }
  const create = (Scheme: typeof ExactEvmScheme | typeof UptoEvmScheme) => () =>
    new Scheme(signer, { allowance } as { allowance?: never })
  const expected = expect.objectContaining({ code: 'INVALID_OPTION', money: 'untouched' })
  expect(create(ExactEvmScheme)).toThrow(expected)
  expect(create(UptoEvmScheme)).toThrow(expected)
})
