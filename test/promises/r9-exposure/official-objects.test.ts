import { createKeyPairSignerFromPrivateKeyBytes } from '@solana/kit'
import { AuthCaptureEvmScheme } from '@x402/evm/auth-capture/client'
import { BatchSettlementEvmScheme, InMemoryClientChannelStorage } from '@x402/evm/batch-settlement/client'
import { ExactEvmScheme } from '@x402/evm/exact/client'
import { ExactEvmSchemeV1 } from '@x402/evm/exact/v1/client'
import { UptoEvmScheme } from '@x402/evm/upto/client'
import { ExactSvmScheme } from '@x402/svm/exact/client'
import { ExactSvmSchemeV1 } from '@x402/svm/exact/v1/client'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type PaymentRequired, type SchemeNetworkClient, x402Client } from '../../../src/index.js'
import { createMemoryLedger } from '../../../src/ledger/index.js'
import { createWatchedAccount, takingsOf } from '../../support/exposure/create-watched-account.js'
import { drawEvmOffer, drawSvmOffer, toV1 } from '../../support/exposure/offers.js'
import { readTransfers } from '../../support/exposure/read-transfers.js'
import { startRpc } from '../../support/exposure/start-rpc.js'

/** Offers that each object is shown. */
const OFFERS = 1000

const url = 'https://api.example.com/report'

/** So wide that nothing but what the payload reads as holds anything back. */
const limits = { perPayment: '$1000000000000', perDay: { payments: 1_000_000 } }

let rpc: Awaited<ReturnType<typeof startRpc>>
beforeAll(async () => {
  rpc = await startRpc()
})
afterAll(() => rpc.stop())

type Offer = Readonly<Record<string, unknown>>

/** What a client that has the object hands out for one offer, and what its ledger counts for that, in atomic units. */
async function pay(offer: Offer, register: (client: x402Client) => x402Client) {
  const ledger = createMemoryLedger()
  const client = register(new x402Client({ ledger, limits, paymentFlows: ['authorization', 'escrow', 'upfront'] }))
  const x402Version = 'maxAmountRequired' in offer ? 1 : 2
  const required = { x402Version, resource: { url }, accepts: [offer] }
  const paid = await client.createPaymentPayload(required as unknown as PaymentRequired, { url }).catch(() => undefined)
  let counted = 0n
  for await (const { state, charges, terms } of ledger.list({})) {
    if (state === 'released') continue
    counted += charges.find(({ unit }) => unit.startsWith(`${terms.network}/`))?.amount ?? 0n
  }
  return { payload: paid?.payload, counted }
}

/** Shows an object many offers, and holds what came of each to what its ledger counts. */
async function hold<Case>(
  cases: fc.Arbitrary<Case>,
  act: (drawn: Case) => Promise<{ taken: bigint; counted: bigint }>,
) {
  let paid = 0
  const property = fc.asyncProperty(cases, async (drawn) => {
    const { taken, counted } = await act(drawn)
    expect(taken).toBeLessThanOrEqual(counted)
    if (taken > 0n) paid++
  })
  await fc.assert(property, { numRuns: OFFERS })
  // What is never signed would hold, too.
  expect(paid).toBeGreaterThan(OFFERS / 8)
}

type Signer = ReturnType<typeof createWatchedAccount>['signer']
type Draw = (signer: Signer) => SchemeNetworkClient

// A thousand real signatures take their time on a busy machine.
describe('what its payload lets anyone take is what the ledger counts, at most:', { timeout: 120_000 }, () => {
  it.each<[string, string, Draw]>([
    ['ExactEvmScheme', 'exact', (signer) => new ExactEvmScheme(signer as never)],
    ['UptoEvmScheme', 'upto', (signer) => new UptoEvmScheme(signer as never)],
    ['AuthCaptureEvmScheme', 'auth-capture', (signer) => new AuthCaptureEvmScheme(signer as never)],
  ])('%s', async (_name, scheme, create) => {
    await hold(drawEvmOffer(scheme), async (offer) => {
      const { signer, signed } = createWatchedAccount()
      const { payload, counted } = await pay(offer, (client) => client.register('eip155:*', create(signer)))
      return { taken: payload === undefined ? 0n : takingsOf(signed), counted }
    })
  })

  it('ExactEvmSchemeV1', async () => {
    await hold(drawEvmOffer('exact').map(toV1('base-sepolia')), async (offer) => {
      const { signer, signed } = createWatchedAccount()
      const { payload, counted } = await pay(offer, (client) =>
        client.registerV1('base-sepolia', new ExactEvmSchemeV1(signer as never) as never),
      )
      return { taken: payload === undefined ? 0n : takingsOf(signed), counted }
    })
  })

  it('BatchSettlementEvmScheme', async () => {
    const units = fc.bigInt({ min: 0n, max: 10n ** 8n })
    const channels = fc.option(fc.record({ balance: units, chargedCumulativeAmount: units }), { nil: undefined })
    const policies = fc.option(fc.record({ depositMultiplier: fc.integer({ min: 3, max: 50 }) }), { nil: undefined })
    const cases = fc.record({ offer: drawEvmOffer('batch-settlement'), channel: channels, depositPolicy: policies })
    await hold(cases, async ({ offer, channel, depositPolicy }) => {
      const { signer, signed } = createWatchedAccount()
      const storage = new InMemoryClientChannelStorage()
      const { balance = 0n, chargedCumulativeAmount = 0n } = channel ?? {}
      const known = { balance: String(balance), chargedCumulativeAmount: String(chargedCumulativeAmount) }
      if (channel !== undefined) storage.get = async () => known
      const options = { storage, ...(depositPolicy !== undefined && { depositPolicy }) }
      const scheme = new BatchSettlementEvmScheme(signer as never, options)
      const { payload, counted } = await pay(offer, (client) => client.register('eip155:*', scheme))
      return { taken: payload === undefined ? 0n : takingsOf(signed, chargedCumulativeAmount), counted }
    })
  })

  it.each([
    ['ExactSvmScheme', (offer: Offer) => offer],
    ['ExactSvmSchemeV1', toV1('solana-devnet')],
  ] as const)('%s', async (name, change) => {
    const signer = await createKeyPairSignerFromPrivateKeyBytes(new Uint8Array(32).fill(0x22))
    // One object for all offers, since it asks for the mint once.
    const scheme = new ExactSvmScheme(signer, { rpcUrl: rpc.url })
    const old = new ExactSvmSchemeV1(signer, { rpcUrl: rpc.url })
    await hold(drawSvmOffer().map(change), async (offer) => {
      const { payload, counted } = await pay(offer, (client) =>
        name === 'ExactSvmScheme'
          ? client.register('solana:*', scheme as never)
          : client.registerV1('solana-devnet', old as never),
      )
      return { taken: readTransfers(payload, signer.address), counted }
    })
  })
})
