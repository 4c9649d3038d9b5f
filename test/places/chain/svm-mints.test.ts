import { type Address, generateKeyPairSigner, some } from '@solana/kit'
import { AccountState, extension } from '@solana-program/token-2022'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ExactSvmScheme, toClientSvmSigner } from '../../../schemes/svm/index.js'
import { cosign } from '../../support/chain/svm/cosign.js'
import {
  createSvmChain,
  PYUSD_MINT,
  type SvmChain,
  TOKEN,
  TOKEN_2022,
  USDC_MINT,
} from '../../support/chain/svm/create-svm-chain.js'
import { createTerms, PAYER, SEED } from '../../unit/schemes/svm/exact/terms.js'

let chain: SvmChain
let payTo: Address
let mint: Address
beforeEach(async () => {
  chain = await createSvmChain()
  ;[payTo, mint] = (await Promise.all([generateKeyPairSigner(), generateKeyPairSigner()])).map(
    ({ address }) => address,
  ) as [Address, Address]
})
afterEach(() => chain.stop())

type Extensions = NonNullable<Parameters<SvmChain['createMint']>[2]>

const issuer = '2wKupLR9q6wXYppw8Gr2NvWxKBUqm4PPJKkQfoxHDBg4' as Address
const authority = some(issuer)
const nobody = '11111111111111111111111111111111' as Address
const fee = (transferFeeBasisPoints: number, maximumFee: bigint) => ({ epoch: 0n, maximumFee, transferFeeBasisPoints })
const feeConfig = (older: ReturnType<typeof fee>, newer: ReturnType<typeof fee>) =>
  extension('TransferFeeConfig', {
    transferFeeConfigAuthority: issuer,
    withdrawWithheldAuthority: issuer,
    withheldAmount: 0n,
    olderTransferFee: older,
    newerTransferFee: newer,
  })
const hook = (programId: Address) => extension('TransferHook', { authority: issuer, programId })

/** What the buyer's scheme does with a payment of 1,000 units, and what comes of it on the cluster. */
async function pay() {
  let signatures = 0
  const { address, signTransactions } = await toClientSvmSigner(SEED)
  const signer = {
    address,
    signTransactions(...parameters: Parameters<typeof signTransactions>) {
      signatures++
      return signTransactions(...parameters)
    },
  }
  const scheme = new ExactSvmScheme(signer, { rpc: { [chain.network]: chain.url } })
  const terms = createTerms({ asset: mint, payTo, extra: { feePayer: chain.facilitator.address } })
  const paid = async () => {
    const { payload } = await scheme.createPaymentPayload(2, {
      ...terms,
      extra: { ...terms.extra, recentBlockhash: undefined },
    })
    chain.send(await cosign(chain.facilitator, payload.transaction))
    return chain.landed.at(-1)?.err
  }
  return { paid, signatures: () => signatures }
}

describe('a mint of Token-2022', () => {
  test.each<[what: string, extensions: Extensions]>([
    ['no extension', []],
    [
      'the extensions of PYUSD: a fee of nothing, no hook, a permanent delegate, names',
      [
        feeConfig(fee(0, 0n), fee(0, 0n)),
        hook(nobody),
        extension('PermanentDelegate', { delegate: issuer }),
        extension('MintCloseAuthority', { closeAuthority: issuer }),
        extension('MetadataPointer', { authority, metadataAddress: authority }),
      ],
    ],
    ['a fee that is capped at nothing', [feeConfig(fee(100, 0n), fee(0, 5n))]],
    ['a pause that is off', [extension('PausableConfig', { authority, paused: false })]],
    [
      'amounts that are shown scaled',
      [
        extension('ScaledUiAmountConfig', {
          authority: issuer,
          multiplier: 2,
          newMultiplierEffectiveTimestamp: 0n,
          newMultiplier: 2,
        }),
      ],
    ],
  ])('is paid in with %s, and the payTo gets the price', async (_what, extensions) => {
    chain.createMint(mint, TOKEN_2022, extensions)
    const has = (type: string) => extensions.some(({ __kind }) => __kind === type)
    const accountExtensions: Extensions = [
      ...(has('TransferFeeConfig') ? [extension('TransferFeeAmount', { withheldAmount: 0n })] : []),
      ...(has('TransferHook') ? [extension('TransferHookAccount', { transferring: false })] : []),
      ...(has('PausableConfig') ? [{ __kind: 'PausableAccount' } as const] : []),
    ]
    await chain.writeAccount(payTo, { mint, extensions: accountExtensions })
    await chain.writeAccount(PAYER as Address, { mint, amount: 5_000n, extensions: accountExtensions })
    const { paid } = await pay()
    expect(await paid()).toBeNull()
    expect(await chain.balanceOf(payTo, mint)).toBe(1_000n)
  })

  test.each<[what: string, extensions: Extensions, reason: RegExp]>([
    ['a transfer fee', [feeConfig(fee(100, 1_000n), fee(100, 1_000n))], /asset takes a transfer fee/],
    ['a fee that is to come', [feeConfig(fee(0, 0n), fee(1, 1n))], /asset takes a transfer fee/],
    ['a fee that is to go', [feeConfig(fee(1, 1n), fee(0, 0n))], /asset takes a transfer fee/],
    ['a transfer hook', [hook(issuer)], /asset calls another program at each transfer/],
    ['tokens that can not be transferred', [extension('NonTransferable', {})], /asset can not be transferred/],
    ['a pause', [extension('PausableConfig', { authority, paused: true })], /asset is paused/],
  ])('is refused with %s, and nothing is signed', async (_what, extensions, reason) => {
    chain.createMint(mint, TOKEN_2022, extensions)
    await chain.writeAccount(payTo, { mint })
    const { paid, signatures } = await pay()
    await expect(paid()).rejects.toMatchObject({ code: 'TERMS_REFUSED', shortMessage: expect.stringMatching(reason) })
    expect(signatures()).toBe(0)
  })

  test('is refused with an extension that is not known, and with one that is cut off', async () => {
    for (const [type, length] of [
      [999, 1],
      [28, 32],
      [1, 5_000],
    ] as const) {
      chain.createMint(mint, TOKEN_2022, [])
      chain.growMint(mint, [type & 255, type >> 8, length & 255, length >> 8, ...new Uint8Array(Math.min(length, 100))])
      const { paid, signatures } = await pay()
      await expect(paid()).rejects.toMatchObject({
        code: 'TERMS_REFUSED',
        shortMessage: expect.stringMatching(
          /asset has (an extension that is not known|extensions that can not be read)/,
        ),
      })
      expect(signatures()).toBe(0)
    }
  })
})

describe('an asset that is no mint to pay in', () => {
  test.each<[what: string, prepare: () => unknown, reason: RegExp]>([
    ['no account at all', () => undefined, /asset does not exist on this cluster/],
    ['an account of another program', () => chain.createMint(mint, nobody), /asset is no mint of Token or Token-2022/],
    [
      'a token account',
      async () => {
        mint = await chain.writeAccount(payTo)
      },
      /asset is no mint/,
    ],
  ])('is refused: %s', async (_what, prepare, reason) => {
    await prepare()
    const { paid, signatures } = await pay()
    await expect(paid()).rejects.toMatchObject({ code: 'TERMS_REFUSED', shortMessage: expect.stringMatching(reason) })
    expect(signatures()).toBe(0)
  })

  test.each<[what: string, known: Address, change: () => void]>([
    ['program is another', PYUSD_MINT, () => chain.createMint(PYUSD_MINT, TOKEN)],
    ['decimals are others', USDC_MINT, () => chain.createMint(USDC_MINT, TOKEN, undefined, 9)],
  ])('is refused: a known token whose %s on the cluster', async (_what, known, change) => {
    change()
    mint = known
    await chain.writeAccount(payTo, { mint })
    const { paid, signatures } = await pay()
    await expect(paid()).rejects.toMatchObject({
      code: 'TERMS_REFUSED',
      shortMessage: expect.stringContaining('its program or its decimals are others'),
    })
    expect(signatures()).toBe(0)
  })
})

describe('the payTo’s token account', () => {
  test.each<[what: string, options: Parameters<SvmChain['writeAccount']>[1], reason: RegExp]>([
    ['is frozen', { state: AccountState.Frozen }, /token account of payTo is frozen/],
    [
      'takes only transfers that follow a memo',
      { extensions: [extension('MemoTransfer', { requireIncomingTransferMemos: true })] },
      /token account of payTo takes only transfers that follow a memo/,
    ],
  ])('is found before anything is signed when it %s', async (_what, options, reason) => {
    mint = PYUSD_MINT
    await chain.writeAccount(payTo, { mint, ...options })
    const { paid, signatures } = await pay()
    await expect(paid()).rejects.toMatchObject({ code: 'TERMS_REFUSED', shortMessage: expect.stringMatching(reason) })
    expect(signatures()).toBe(0)
  })

  test('is looked for again once it was missing', async () => {
    chain.createMint(mint, TOKEN)
    const { paid, signatures } = await pay()
    await expect(paid()).rejects.toMatchObject({ code: 'RECIPIENT_ACCOUNT_MISSING', money: 'untouched' })
    expect(signatures()).toBe(0)
    await chain.writeAccount(payTo, { mint })
    await chain.writeAccount(PAYER as Address, { mint, amount: 5_000n })
    expect(await paid()).toBeNull()
  })
})
