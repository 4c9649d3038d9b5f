import {
  type createSolanaRpc,
  generateKeyPair,
  generateKeyPairSigner,
  type TransactionModifyingSigner,
  type TransactionPartialSigner,
} from '@solana/kit'
import type { SchemeNetworkClient as OfficialSchemeNetworkClient } from '@x402/core/types'
import * as kit8 from 'kit8'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { ExactSvmScheme, type SvmRpcClient, type SvmSigner, toClientSvmSigner } from '../../../../schemes/svm/index.js'
import type { SchemeNetworkClient } from '../../../../src/payment/scheme.js'
import { createTerms, PAYER, SEED } from './exact/terms.js'

test('ExactSvmScheme: is a scheme client of pay402 and of @x402/core, and takes what @solana/kit makes', () => {
  expectTypeOf<ExactSvmScheme>().toExtend<SchemeNetworkClient>()
  expectTypeOf<ExactSvmScheme>().toExtend<OfficialSchemeNetworkClient>()
  expectTypeOf<TransactionPartialSigner>().toExtend<SvmSigner>()
  expectTypeOf<TransactionModifyingSigner>().toExtend<SvmSigner>()
  expectTypeOf<kit8.TransactionPartialSigner>().toExtend<SvmSigner>()
  expectTypeOf<kit8.TransactionModifyingSigner>().toExtend<SvmSigner>()
  expectTypeOf<ReturnType<typeof createSolanaRpc>>().toExtend<SvmRpcClient>()
  expectTypeOf<ReturnType<typeof kit8.createSolanaRpc>>().toExtend<SvmRpcClient>()
})

const SECRET = '5J3mBbAH58CpQ3Y5RNJpUKPE62SQ5tfcvU2JpbnkeyhfsYB1Jcn'

describe('a signer that is none', () => {
  test.each<[what: string, signer: unknown, message: RegExp]>([
    ['nothing', undefined, /is not an object/],
    ['a secret key as text', SECRET, /is a key, not a signer/],
    ['a secret key as bytes', new Uint8Array(64), /is a key, not a signer/],
    ['a secret key as numbers', [...new Uint8Array(64)], /is a key, not a signer/],
    ['a promise of one', Promise.resolve({}), /is a promise/],
    ['a Keypair of web3.js', { publicKey: {}, secretKey: new Uint8Array(64) }, /is a Keypair of @solana\/web3\.js/],
    ['a CryptoKeyPair', { privateKey: {}, publicKey: {} }, /is a CryptoKeyPair/],
    [
      'an address of an EVM chain',
      { address: `0x${'1'.repeat(40)}`, signTransactions: async () => [] },
      /not 32 bytes in base58/,
    ],
    ['an address alone', { address: PAYER }, /neither signTransactions nor modifyAndSignTransactions/],
    ['a wallet that only sends', { address: PAYER, signAndSendTransactions: async () => [] }, /can only send/],
  ])('INVALID_SIGNER: is thrown where it is given, for %s, and says nothing of it', (_what, signer, message) => {
    const construct = () => new ExactSvmScheme(signer as SvmSigner)
    expect(construct).toThrow(message)
    expect(construct).toThrow(expect.objectContaining({ code: 'INVALID_SIGNER', money: 'untouched' }))
    expect(construct).not.toThrow(SECRET)
  })
})

describe('toClientSvmSigner', () => {
  test('toClientSvmSigner: hands a signer of @solana/kit back as it is', async () => {
    const signer = await generateKeyPairSigner()
    expect(toClientSvmSigner(signer)).toBe(signer)
  })

  test('toClientSvmSigner: makes the signer that @solana/kit makes of the same key', async () => {
    const theirs = await kit8.createKeyPairSignerFromPrivateKeyBytes(SEED)
    const ours = await toClientSvmSigner(SEED)
    expect(ours.address).toBe(theirs.address)
    const sign = async (signer: SvmSigner) => {
      const scheme = new ExactSvmScheme(signer, { rpc: {} })
      const { payload } = await scheme.createPaymentPayload(2, createTerms(), {
        random: (length) => new Uint8Array(length),
      })
      return payload.transaction
    }
    expect(await sign(ours)).toBe(await sign(theirs))
  })

  test.each<[what: string, key: Uint8Array | string, message: RegExp]>([
    ['31 bytes', new Uint8Array(31), /not 32 or 64 bytes/],
    ['a text that is not base58', '0OIl', /not 32 or 64 bytes/],
    ['a key of another chain', SECRET, /not 32 or 64 bytes/],
    ['halves of two keys', Uint8Array.from([...SEED, ...SEED]), /halves/],
  ])('toClientSvmSigner: refuses %s, and says nothing of it', async (_what, key, message) => {
    const refused = toClientSvmSigner(key)
    await expect(refused).rejects.toMatchObject({ code: 'INVALID_SIGNER' })
    await expect(refused).rejects.toThrow(message)
    await expect(refused).rejects.not.toThrow(SECRET)
  })
})

describe('a signer that answers something else', () => {
  const sign = (signer: object) =>
    new ExactSvmScheme({ address: PAYER, ...signer } as SvmSigner, { rpc: {} }).createPaymentPayload(2, createTerms())

  test.each<[what: string, answer: unknown]>([
    ['nothing', undefined],
    ['an empty list', []],
    ['no signature', [{}]],
    ["another account's signature", [{ So11111111111111111111111111111111111111112: new Uint8Array(64).fill(1) }]],
    ['63 bytes', [{ [PAYER]: new Uint8Array(63).fill(1) }]],
    ['zeros', [{ [PAYER]: new Uint8Array(64) }]],
    ['a text', [{ [PAYER]: 'signature' }]],
  ])('SIGNATURE_MALFORMED: is thrown for %s', async (_what, answer) => {
    await expect(sign({ signTransactions: async () => answer })).rejects.toMatchObject({
      code: 'SIGNATURE_MALFORMED',
      money: 'untouched',
    })
  })

  test('createPaymentPayload: passes on what the signer throws', async () => {
    const error = new Error('the person said no')
    const signTransactions = async () => {
      throw error
    }
    await expect(sign({ signTransactions })).rejects.toBe(error)
  })

  test('createPaymentPayload: signs what it was given, also when the signer changes its copy of the message', async () => {
    const { privateKey } = await generateKeyPair()
    const signTransactions = async ([transaction]: readonly { messageBytes: Uint8Array }[]) => {
      transaction?.messageBytes.fill(0)
      return [{ [PAYER]: new Uint8Array(await crypto.subtle.sign('Ed25519', privateKey, new Uint8Array(1))) }]
    }
    const { payload } = await sign({ signTransactions })
    const scheme = new ExactSvmScheme({ address: PAYER, signTransactions: async () => [] }, { rpc: {} })
    expect(scheme.describe(payload, createTerms())).toMatchObject({ amount: 1_000n })
  })
})
