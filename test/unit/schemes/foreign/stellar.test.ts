import { readFileSync } from 'node:fs'
import {
  Address,
  contract,
  Horizon,
  Keypair,
  Networks,
  SorobanDataBuilder,
  type Transaction,
  TransactionBuilder,
  xdr,
} from '@stellar/stellar-sdk'
import { createEd25519Signer } from '@x402/stellar'
import { ExactStellarScheme } from '@x402/stellar/exact/client'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { describeStellarPayload } from '../../../../docs/examples/readers/stellar.js'
import { type Network, readable } from '../../../../src/index.js'
import { type Seller, startSeller } from '../../../support/start-seller.js'
import { askFor, askForV1, pay, payOfficially } from './create-clients.js'

const NETWORK: Network = 'stellar:testnet'
/** USDC on the testnet; `@x402/stellar` 2.9. */
const USDC = 'CBIELTK6YBZJU5UP2WWQEUCYKLPU6AUNZ2BQ4WWFEIE3USCIHMXQDAMA'

const buyer = Keypair.fromRawEd25519Seed(Buffer.alloc(32, 0x11))
const signer = createEd25519Signer(buyer.secret(), NETWORK)
const offer = {
  scheme: 'exact',
  network: NETWORK,
  amount: '100000',
  asset: USDC,
  payTo: Keypair.fromRawEd25519Seed(Buffer.alloc(32, 0x22)).publicKey(),
  maxTimeoutSeconds: 60,
  extra: { areFeesSponsored: true },
}

/** The asset, as a limit names it: the scheme itself can't. */
const limits = { assets: [{ network: NETWORK, asset: USDC, perPayment: '100000' }] }

/** A node of the testnet, as far as a payment asks one. */
let node: Seller
beforeAll(async () => {
  node = await startSeller(({ body }, response) => {
    const { id, method, params } = JSON.parse(body.toString())
    const result =
      method === 'simulateTransaction'
        ? simulate(params.transaction)
        : { sequence: 1_000_000, id: 'a', protocolVersion: 23 }
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ jsonrpc: '2.0', id, result }))
  })
})
afterAll(() => node.stop())

beforeEach(() => {
  // The scheme asks a server whose address is written into it how fast blocks come; it makes do without.
  const ledgers = vi.spyOn(Horizon.Server.prototype, 'ledgers').mockImplementation(() => {
    throw new Error('the tests reach no network')
  })
  // Nor can it be told that a node on this machine speaks no TLS.
  const { build } = contract.AssembledTransaction
  const local = vi
    .spyOn(contract.AssembledTransaction, 'build')
    .mockImplementation((options) => build({ ...options, allowHttp: true }))
  vi.useFakeTimers({ toFake: ['Date'], now: 1_760_000_000_000 })
  return () => {
    vi.useRealTimers()
    ledgers.mockRestore()
    local.mockRestore()
  }
})

const createOfficial = () => new ExactStellarScheme(signer, { url: node.url })
const createScheme = () => readable(createOfficial(), describeStellarPayload)

describe('ExactStellarScheme of @x402/stellar', () => {
  it('pays as it does in the official client, byte for byte', async () => {
    const ours = await pay('stellar:*', createScheme(), askFor(offer), limits)
    expect(ours).toEqual(await payOfficially('stellar:*', createOfficial(), askFor(offer)))
    expect(readTransfer(ours.payload)).toEqual({ payTo: offer.payTo, amount: 100_000n, signers: [buyer.publicKey()] })
  })

  it('serves protocol 1 with the terms in the shape that it knows', async () => {
    const expected = await createScheme().createPaymentPayload(1, offer)
    const paid = await pay('stellar:*', createScheme(), askForV1(offer), limits)
    expect(paid).toEqual({ x402Version: 1, scheme: 'exact', network: NETWORK, payload: expected.payload })
  })

  it('signs nothing that lives longer than ten minutes, whatever the seller asks', async () => {
    const greedy = { ...offer, maxTimeoutSeconds: 86_400 }
    const asked: object[] = []
    const scheme = createOfficial()
    const sign = scheme.createPaymentPayload.bind(scheme)
    scheme.createPaymentPayload = async (version, requirements) => {
      asked.push(requirements)
      return sign(version, requirements)
    }
    expect(await pay('stellar:*', readable(scheme, describeStellarPayload), askFor(greedy), limits)).toMatchObject({
      accepted: greedy,
    })
    expect(asked).toMatchObject([{ maxTimeoutSeconds: 600 }])
  })

  it('error: ASSET_NOT_ALLOWED until a limit names its asset', async () => {
    const paid = pay('stellar:*', createScheme(), askFor(offer))
    await expect(paid).rejects.toMatchObject({ code: 'ASSET_NOT_ALLOWED', money: 'untouched' })
  })

  it('error: LIMIT_PER_PAYMENT when it costs a unit more than the limit of its asset', async () => {
    const paid = pay('stellar:*', createScheme(), askFor({ ...offer, amount: '100001' }), limits)
    await expect(paid).rejects.toMatchObject({ code: 'LIMIT_PER_PAYMENT', money: 'untouched' })
  })
})

it('docs/guides/other-chains.md: shows the reader for Stellar that is tested here', () => {
  const page = readFileSync('docs/guides/other-chains.md', 'utf8')
  expect(page).toContain(readFileSync('docs/examples/readers/stellar.ts', 'utf8'))
})

/** Answers that the transfer works, once the buyer signs for it. */
function simulate(transaction: string): object {
  const entry = new xdr.SorobanAuthorizationEntry({
    credentials: xdr.SorobanCredentials.sorobanCredentialsAddress(
      new xdr.SorobanAddressCredentials({
        address: Address.fromString(buyer.publicKey()).toScAddress(),
        nonce: xdr.Int64.fromString('7'),
        signatureExpirationLedger: 0,
        signature: xdr.ScVal.scvVoid(),
      }),
    ),
    rootInvocation: new xdr.SorobanAuthorizedInvocation({
      function: xdr.SorobanAuthorizedFunction.sorobanAuthorizedFunctionTypeContractFn(readCall(transaction).call),
      subInvocations: [],
    }),
  })
  return {
    latestLedger: 1_000_000,
    minResourceFee: '1000',
    transactionData: new SorobanDataBuilder().build().toXDR('base64'),
    results: [{ xdr: xdr.ScVal.scvVoid().toXDR('base64'), auth: [entry.toXDR('base64')] }],
    events: [],
  }
}

function readCall(transaction: string) {
  const [operation] = (TransactionBuilder.fromXDR(transaction, Networks.TESTNET) as Transaction).operations
  if (operation?.type !== 'invokeHostFunction') throw new Error('the transaction calls no contract')
  return { call: operation.func.invokeContract(), auth: operation.auth ?? [] }
}

/** What a payload moves, and who signed it. */
function readTransfer(payload: unknown) {
  const { call, auth } = readCall(Reflect.get(new Object(payload), 'transaction'))
  const [, to, amount] = call.args()
  if (to === undefined || amount === undefined) throw new Error('the call is no transfer')
  const signed = auth.filter((entry) => entry.credentials().address().signature().switch().name !== 'scvVoid')
  return {
    payTo: Address.fromScVal(to).toString(),
    amount: amount.i128().lo().toBigInt(),
    signers: signed.map((entry) => Address.fromScAddress(entry.credentials().address().address()).toString()),
  }
}
