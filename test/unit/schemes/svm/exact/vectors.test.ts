import { getBase64Encoder, getTransactionDecoder, verifySignature } from '@solana/kit'
import { describe, expect, test } from 'vitest'
import { ExactSvmScheme, toClientSvmSigner } from '../../../../../schemes/svm/index.js'
import { readRequirements } from '../../../../../src/wire/requirements.js'
import { pinned, readVector } from '../../../../support/vectors/read-vector.js'
import { startRpc } from '../../evm/start-rpc.js'
import { BLOCKHASH, PAYER, SEED } from './terms.js'

/** What a devnet node says of USDC and of the recipient's account; the blockhash of the vectors. */
const node = () =>
  startRpc(({ method }) => {
    const slot = { slot: 7 }
    if (method === 'getGenesisHash') return 'EtWTRABZaYq6iMfeYKouRu166VU2xqa1wcaWoxPkrZBG'
    if (method === 'getLatestBlockhash')
      return { context: slot, value: { blockhash: BLOCKHASH, lastValidBlockHeight: 100 } }
    const owner = 'TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA'
    const [mint, account] = [new Uint8Array(82), new Uint8Array(165)]
    mint.set([6, 1], 44)
    account.set(getAssetBytes())
    account[108] = 1
    const value = [mint, account].map((data) => ({ owner, data: [Buffer.from(data).toString('base64'), 'base64'] }))
    return { context: slot, value }
  })

const getAssetBytes = () =>
  new Uint8Array(Buffer.from('3b442cb3912157f13a933d0134282d032b5ffecd01a2dbf1b7790608df002ea7', 'hex'))

/** What the pinned random bytes would add to the compute unit limit, which the official client never varies. */
const random = (length: number) => (length === 2 ? new Uint8Array(2) : pinned.random(length))

describe.each([
  ['exact-svm-random-memo', 2],
  ['exact-svm-seller-memo', 2],
  ['exact-svm-token2022', 2],
  ['v1-exact-svm', 1],
] as const)('vector %s', (name, version) => {
  const { requirements, result } = readVector(name)
  const read = readRequirements(requirements, version)
  if ('problem' in read) throw new Error(read.problem)
  const sign = async () => {
    // The vector of protocol 1 has no blockhash, so that one comes from a node.
    const rpc = version === 1 ? { [read.value.network]: (await node()).url } : {}
    const scheme = new ExactSvmScheme(await toClientSvmSigner(SEED), { rpc })
    return scheme.createPaymentPayload(version, read.value, { clock: pinned.clock, random })
  }

  test(`vector ${name}: is the same transaction, byte for byte`, async () => {
    const { x402Version, payload } = await sign()
    expect({ x402Version, payload }).toEqual({ x402Version: result?.x402Version, payload: result?.payload })
  })

  test(`vector ${name}: is signed by the buyer`, async () => {
    const { payload } = await sign()
    const bytes = getBase64Encoder().encode(payload.transaction)
    const { messageBytes, signatures } = getTransactionDecoder().decode(bytes)
    const [, signature] = Object.values(signatures)
    expect(Object.keys(signatures)[1]).toBe(PAYER)
    const raw = Buffer.from('a09aa5f47a6759802ff955f8dc2d2a14a5c99d23be97f864127ff9383455a4f0', 'hex')
    const key = await crypto.subtle.importKey('raw', raw, 'Ed25519', true, ['verify'])
    expect(signature && (await verifySignature(key, signature, messageBytes))).toBe(true)
  })
})
