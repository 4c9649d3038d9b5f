import { createSolanaRpc, generateKeyPair, generateKeyPairSigner, getBase58Decoder } from '@solana/kit'
import * as kit8 from 'kit8'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ExactSvmScheme, type SvmSigner, toClientSvmSigner } from '../../../schemes/svm/index.js'
import { cosign } from '../../support/chain/svm/cosign.js'
import { createGuardingWallet } from '../../support/chain/svm/create-guarding-wallet.js'
import { createSvmChain, LOCAL_GENESIS, type SvmChain, USDC_MINT } from '../../support/chain/svm/create-svm-chain.js'
import { createTerms } from '../../unit/schemes/svm/exact/terms.js'

let chain: SvmChain
beforeAll(async () => {
  chain = await createSvmChain({ genesisHash: LOCAL_GENESIS })
})
afterAll(() => chain.stop())

/** A new key as Solana's tools write it: the seed, then the public key. */
async function createKeyFile(): Promise<Uint8Array> {
  const { privateKey } = await crypto.subtle
    .generateKey('Ed25519', true, ['sign', 'verify'])
    .then((pair) => pair as CryptoKeyPair)
  const { d = '', x = '' } = await crypto.subtle.exportKey('jwk', privateKey)
  return Uint8Array.from([...Buffer.from(d, 'base64url'), ...Buffer.from(x, 'base64url')])
}

const base58 = (bytes: Uint8Array) => getBase58Decoder().decode(bytes)

const signers: Record<string, () => SvmSigner | Promise<SvmSigner>> = {
  'a key pair signer of @solana/kit 5': () => generateKeyPairSigner(),
  'a key pair signer of @solana/kit 8': () => kit8.generateKeyPairSigner(),
  'a signer of a CryptoKeyPair of @solana/kit 8': async () => kit8.createSignerFromKeyPair(await generateKeyPair()),
  'a wallet that may modify, and does not': async () =>
    createGuardingWallet(await generateKeyPairSigner(), (message) => message),
  '64 bytes of a key file': async () => toClientSvmSigner(await createKeyFile()),
  '32 bytes of a seed': async () => toClientSvmSigner((await createKeyFile()).slice(0, 32)),
  'a key of 64 bytes in base58': async () => toClientSvmSigner(base58(await createKeyFile())),
  'a key of 32 bytes in base58': async () => toClientSvmSigner(base58((await createKeyFile()).slice(0, 32))),
}

const sources = {
  'a URL': (url: string) => url,
  'an RPC of @solana/kit 5': (url: string) => createSolanaRpc(url),
  'an RPC of @solana/kit 8': (url: string) => kit8.createSolanaRpc(url),
}

/** Pays on a local cluster, whoever signs and whoever is asked, and sends it as a facilitator would. */
async function pay(signer: SvmSigner, source: (typeof sources)[keyof typeof sources]) {
  const { address: payTo } = await generateKeyPairSigner()
  await chain.writeAccount(payTo)
  await chain.writeAccount(signer.address as typeof payTo, { amount: 5_000n })
  const scheme = new ExactSvmScheme(signer, { rpc: { [chain.network]: source(chain.url) } })
  const extra = { feePayer: chain.facilitator.address, recentBlockhash: undefined }
  const terms = createTerms({ network: chain.network, payTo, extra })
  expect(await scheme.readFunding(terms)).toBe('enough')
  const { payload } = await scheme.createPaymentPayload(2, terms)
  const described = scheme.describe(payload, terms)
  const transaction = chain.send(await cosign(chain.facilitator, payload.transaction))
  expect(chain.landed.at(-1)?.err).toBeNull()
  expect(await chain.balanceOf(payTo, USDC_MINT)).toBe(1_000n)
  expect(described && (await scheme.reconcile(described, terms))).toEqual({ verdict: 'spent', transaction })
}

describe('a payment on a local cluster', () => {
  test.each(Object.entries(signers))('is signed by %s, and lands', async (_name, create) => {
    await pay(await create(), sources['a URL'])
  })

  test.each(Object.entries(sources))('asks %s, and lands', async (_name, source) => {
    await pay(await generateKeyPairSigner(), source)
  })
})
