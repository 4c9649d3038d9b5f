import { createPrivateKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { toClientAvmSigner } from '@x402/avm'
import { ExactAvmScheme } from '@x402/avm/exact/client'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { describeAlgorandPayload } from '../../../../docs/examples/readers/algorand.js'
import { type Network, readable } from '../../../../src/index.js'
import { type Seller, startSeller } from '../../../support/start-seller.js'
import { askFor, askForV1, pay, payOfficially } from './create-clients.js'

const NETWORK: Network = 'algorand:SGO1GKSzyE7IEPItTxCByw9x8FmnrCDe'
const GENESIS_HASH = 'SGO1GKSzyE7IEPItTxCByw9x8FmnrCDexi9/cOUJOiI='
/** USDC on the testnet; `@x402/avm` 2.26. */
const USDC = '10458941'

const seed = Buffer.alloc(32, 0x11)
const signer = toClientAvmSigner(Buffer.concat([seed, toPublicKey(seed)]).toString('base64'))
const seller = toClientAvmSigner(
  Buffer.concat([Buffer.alloc(32, 0x22), toPublicKey(Buffer.alloc(32, 0x22))]).toString('base64'),
)
const offer = {
  scheme: 'exact',
  network: NETWORK,
  amount: '10000',
  asset: USDC,
  payTo: seller.address,
  maxTimeoutSeconds: 60,
  extra: { feePayer: seller.address },
}

/** A node of the testnet, as far as a payment asks one. */
let node: Seller
beforeAll(async () => {
  node = await startSeller(({ path }, response) => {
    const params = {
      'consensus-version': 'future',
      fee: 0,
      'genesis-hash': GENESIS_HASH,
      'genesis-id': 'testnet-v1.0',
      'last-round': 40_000_000,
      'min-fee': 1000,
    }
    response.writeHead(path === '/v2/transactions/params' ? 200 : 404, { 'content-type': 'application/json' })
    response.end(JSON.stringify(params))
  })
})
afterAll(() => node.stop())

// The scheme writes the time into each payment.
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: 1_760_000_000_000 })
  return () => vi.useRealTimers()
})

const createOfficial = () => new ExactAvmScheme(signer, { algodUrl: node.url, algodToken: 'none' })
const createScheme = () => readable(createOfficial(), describeAlgorandPayload)

describe('ExactAvmScheme of @x402/avm', () => {
  it('pays as it does in the official client, byte for byte', async () => {
    const ours = await pay('algorand:*', createScheme(), askFor(offer))
    expect(ours).toEqual(await payOfficially('algorand:*', createOfficial(), askFor(offer)))
    expect(ours.payload).toMatchObject({ paymentIndex: 1, paymentGroup: [expect.any(String), expect.any(String)] })
  })

  it.each<Network>(['algorand:*', NETWORK, `algorand:${GENESIS_HASH}`])(
    'pays under its older id, which goes back as it was written, registered for %s',
    async (registered) => {
      const old = { ...offer, network: `algorand:${GENESIS_HASH}` }
      const { payload } = await pay('algorand:*', createScheme(), askFor(offer))
      expect(await pay(registered, createScheme(), askFor(old))).toMatchObject({ accepted: old, payload })
    },
  )

  it('pays without a fee payer, too', async () => {
    const plain = { ...offer, extra: {} }
    const ours = await pay(NETWORK, createScheme(), askFor(plain))
    expect(ours).toEqual(await payOfficially(NETWORK, createOfficial(), askFor(plain)))
    expect(ours.payload).toMatchObject({ paymentIndex: 0 })
  })

  it('serves protocol 1 with the terms in the shape that it knows', async () => {
    const expected = await createScheme().createPaymentPayload(1, offer)
    const paid = await pay('algorand:*', createScheme(), askForV1(offer))
    expect(paid).toEqual({ x402Version: 1, scheme: 'exact', network: NETWORK, payload: expected.payload })
  })

  it.each([
    ['dollars, since it names its asset', { perPayment: '$0.009' }, 'LIMIT_PER_PAYMENT'],
    ['its own asset', { assets: [{ network: NETWORK, asset: USDC, perPayment: '9999' }] }, 'LIMIT_PER_PAYMENT'],
  ] as const)('is held to a limit in %s', async (_what, limits, code) => {
    const paid = pay('algorand:*', createScheme(), askFor(offer), limits)
    await expect(paid).rejects.toMatchObject({ code, money: 'untouched' })
  })

  it('error: ASSET_NOT_ALLOWED for an asset that nobody named', async () => {
    const paid = pay('algorand:*', createScheme(), askFor({ ...offer, asset: '31566704' }))
    await expect(paid).rejects.toMatchObject({ code: 'ASSET_NOT_ALLOWED', money: 'untouched' })
  })

  it('error: SIGNER_FAILED when its chain can’t be asked, and the money is untouched', async () => {
    const unasked = new ExactAvmScheme(signer, { algodUrl: 'http://127.0.0.1:1', algodToken: 'none' })
    const scheme = readable(unasked, describeAlgorandPayload)
    await expect(pay('algorand:*', scheme, askFor(offer))).rejects.toMatchObject({
      code: 'SIGNER_FAILED',
      money: 'untouched',
    })
  })
})

it('docs/guides/other-chains.md: shows the reader for Algorand that is tested here', () => {
  const page = readFileSync('docs/guides/other-chains.md', 'utf8')
  expect(page).toContain(readFileSync('docs/examples/readers/algorand.ts', 'utf8'))
})

/** Source: RFC 8410: what stands before the 32 bytes of an Ed25519 key in PKCS #8. */
function toPublicKey(privateKey: Buffer): Buffer {
  const key = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), privateKey])
  const { x = '' } = createPrivateKey({ key, format: 'der', type: 'pkcs8' }).export({ format: 'jwk' })
  return Buffer.from(x, 'base64url')
}
