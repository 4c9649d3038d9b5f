import { describe, expect, it } from 'vitest'
import { x402Client } from '../../../src/index.js'
import { type Described, MAX_VALIDITY_SECONDS, type SchemeNetworkClient } from '../../../src/payment/scheme.js'
import { createManualClock } from '../../../src/testing/manual-clock.js'
import { createBuyer } from '../../support/create-buyer.js'
import { createOffer, PAY_TO, USDC } from '../../support/offers.js'
import { askFor } from './ask-for.js'
import { createScheme } from './create-scheme.js'
import { refusalOf } from './refusal-of.js'

const url = 'https://api.example.com/report'
const clock = createManualClock()
const approved: Described = {
  payer: 'buyer',
  payTo: PAY_TO,
  asset: USDC,
  amount: 10_000n,
  validUntilSeconds: clock.nowSeconds() + MAX_VALIDITY_SECONDS,
  nonce: '1',
}

describe('sign', () => {
  it('takes what says that it is what was approved', async () => {
    const { client } = createClient({ describe: () => approved })
    await expect(client.createPaymentPayload(askFor(), { url })).resolves.toBeDefined()
  })

  it('takes hexadecimal addresses in any case', async () => {
    const described = { ...approved, payTo: PAY_TO.toLowerCase(), asset: USDC.toLowerCase() }
    const { client } = createClient({ describe: () => described })
    await expect(client.createPaymentPayload(askFor(), { url })).resolves.toBeDefined()
  })

  it.each<[string, Partial<Described>]>([
    ['the payTo', { payTo: `0x${'66'.repeat(20)}` }],
    ['the asset', { asset: `0x${'66'.repeat(20)}` }],
    ['the amount', { amount: 10_001n }],
    ['how long it is valid', { validUntilSeconds: approved.validUntilSeconds + 1 }],
    ['how long it is valid', { validUntilSeconds: Number.NaN }],
    ['the payer', { payer: 'mallory' }],
  ])('error: SIGNED_OTHER_TERMS when %s was changed, and nothing is handed out', async (what, changes) => {
    const { client, states } = createClient({ describe: () => ({ ...approved, ...changes }) })
    const error = await refusalOf(client.createPaymentPayload(askFor(), { url }))
    expect(error).toMatchObject({ name: 'SigningError', code: 'SIGNED_OTHER_TERMS', money: 'released' })
    expect(error.shortMessage).toBe(`Dropped a signature: ${what} is not what was approved.`)
    expect(await states()).toEqual(['released'])
  })

  it('error: SIGNER_FAILED when the signer fails, with what it said as cause, and the money is free again', async () => {
    const cause = new Error('user rejected')
    const { client, states } = createClient({ createPaymentPayload: () => Promise.reject(cause) })
    const error = await refusalOf(client.createPaymentPayload(askFor(), { url }))
    expect(error).toMatchObject({ name: 'SigningError', code: 'SIGNER_FAILED', money: 'untouched', cause })
    expect(await states()).toEqual(['released'])
  })

  it('error: SIGNER_FAILED when the signer throws before its first await', async () => {
    const { client } = createClient({
      createPaymentPayload() {
        throw new Error('no key')
      },
    })
    expect(await refusalOf(client.createPaymentPayload(askFor(), { url }))).toMatchObject({ code: 'SIGNER_FAILED' })
  })

  it('drops a signature that arrives after the abort: it is neither handed out nor stored', async () => {
    const abort = new AbortController()
    let finish: () => void = () => undefined
    const { client, records } = createClient({
      createPaymentPayload: (x402Version) =>
        new Promise((resolve) => {
          finish = () => resolve({ x402Version, payload: { signature: 'late' } })
          abort.abort()
        }),
    })
    const error = await refusalOf(client.createPaymentPayload(askFor(), { url, signal: abort.signal }))
    finish()
    await new Promise(setImmediate)
    expect(error).toMatchObject({ name: 'AbortError', code: 'ABORTED' })
    expect(await records()).toMatchObject([{ state: 'released', presentation: undefined }])
  })

  it('asks for no longer life than our ceiling, and sends the seller’s own time back', async () => {
    const asked: number[] = []
    const { client } = createClient({
      async createPaymentPayload(x402Version, { maxTimeoutSeconds }) {
        asked.push(maxTimeoutSeconds)
        return { x402Version, payload: {} }
      },
    })
    const { accepted } = await client.createPaymentPayload(askFor([createOffer({ maxTimeoutSeconds: 86_400 })]), {
      url,
    })
    expect(asked).toEqual([MAX_VALIDITY_SECONDS])
    expect(accepted).toMatchObject({ maxTimeoutSeconds: 86_400 })
  })

  it('shows the scheme terms and extensions that it can’t change', async () => {
    const shown: unknown[] = []
    const { client } = createClient({
      async createPaymentPayload(x402Version, requirements, context) {
        shown.push(requirements, requirements.extra, context?.extensions, context?.extensions?.['a'])
        return { x402Version, payload: {} }
      },
    })
    await client.createPaymentPayload(askFor(undefined, { extensions: { a: { info: 1 } } }), { url })
    expect(shown.map((one) => typeof one === 'object' && Object.isFrozen(one))).toEqual([true, true, true, true])
  })

  it('keeps what was signed, whatever the scheme does with its object afterwards', async () => {
    const payload = { signature: 'signed' }
    const { client } = createClient({ createPaymentPayload: async (x402Version) => ({ x402Version, payload }) })
    client.onAfterPaymentCreation(async () => void Object.assign(payload, { signature: 'changed' }))
    expect(await client.createPaymentPayload(askFor(), { url })).toMatchObject({ payload: { signature: 'signed' } })
  })

  it('adds what the scheme says to the seller’s extensions, and changes none of them', async () => {
    const extensions = { sponsored: { info: { own: 2, by: 'scheme' } }, added: { info: {} } }
    const { client } = createClient({ createPaymentPayload: async () => ({ x402Version: 2, payload: {}, extensions }) })
    const required = askFor(undefined, { extensions: { sponsored: { info: { own: 1 } }, other: true } })
    const payload = await client.createPaymentPayload(required, { url })
    expect(payload.extensions).toEqual({
      sponsored: { info: { own: 1, by: 'scheme' } },
      added: { info: {} },
      other: true,
    })
  })
})

function createClient(changes: Partial<SchemeNetworkClient>) {
  const { ledger, records } = createBuyer()
  const client = new x402Client({ clock, ledger }).register('eip155:*', createScheme(changes))
  return { client, records, states: async () => (await records()).map(({ state }) => state) }
}
