import { readFileSync } from 'node:fs'
import { recoverTypedDataAddress } from 'viem'
import { describe, expect, it } from 'vitest'
import { ExactEvmScheme } from '../../../schemes/evm/index.js'
import { type ClientOptions, encodePaymentSignatureHeader, x402Client } from '../../../src/index.js'
import { createLimits } from '../../../src/limits/create-limits.js'
import { createManualClock } from '../../../src/testing/manual-clock.js'
import { account, createBuyer } from '../../support/create-buyer.js'
import { createOffer, NETWORK, PAY_TO, sell, USDC } from '../../support/offers.js'
import { openSeller } from '../fetch/open-seller.js'
import { askFor } from '../flow/ask-for.js'
import { refusalOf } from '../flow/refusal-of.js'

const url = 'https://api.example.com/report?q=secret'

describe('new x402Client', () => {
  it('error: UNKNOWN_OPTION when an option is misspelt, since a limit that is ignored is no limit', () => {
    expect(() => new x402Client({ limit: { perPayment: '$1' } } as ClientOptions)).toThrow(
      expect.objectContaining({
        name: 'ConfigurationError',
        code: 'UNKNOWN_OPTION',
        money: 'untouched',
        shortMessage: 'The option `x402Client.limit` is unknown.',
      }),
    )
  })

  it('error: UNKNOWN_OPTION when a limit is misspelt', () => {
    expect(() => new x402Client({ limits: { perDya: '$1' } } as ClientOptions)).toThrow(
      expect.objectContaining({ code: 'UNKNOWN_OPTION', money: 'untouched' }),
    )
  })

  it.each<unknown>([null, 'payments.ledger', Promise.resolve()])(
    'error: INVALID_OPTION when the ledger is none: %s',
    (ledger) => {
      const options = { ledger } as ClientOptions
      expect(() => new x402Client(options)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
    },
  )

  it('error: INVALID_OPTION when the options are no object', () => {
    expect(() => new x402Client([] as ClientOptions)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
  })

  it('takes limits that were made before', async () => {
    const { client } = createBuyer({ limits: createLimits({ perPayment: '$0.001' }) })
    expect(await refusalOf(client.createPaymentPayload(askFor(), { url }))).toMatchObject({ code: 'LIMIT_PER_PAYMENT' })
  })

  it('leaves a limit that isn’t given at its default', async () => {
    const { client } = createBuyer({ limits: { perDay: '$100' } })
    const required = askFor([createOffer({ amount: '1000001' })])
    expect(await refusalOf(client.createPaymentPayload(required, { url }))).toMatchObject({ code: 'LIMIT_PER_PAYMENT' })
  })
})

describe('createPaymentPayload', () => {
  it('signs byte for byte what the official client signs', async () => {
    const { client, vector } = createPinnedClient()
    const payload = await client.createPaymentPayload(vector.paymentRequired)
    expect(JSON.stringify(payload)).toBe(JSON.stringify(vector.payload))
    expect({ 'PAYMENT-SIGNATURE': encodePaymentSignatureHeader(payload) }).toEqual(vector.header)
  })

  it('signs so that the chain recovers the payer', async () => {
    const { client } = createBuyer()
    const { payload } = await client.createPaymentPayload(askFor(), { url })
    const { authorization, signature } = payload as { authorization: Record<string, string>; signature: `0x${string}` }
    const signer = await recoverTypedDataAddress({
      domain: { name: 'USDC', version: '2', chainId: 84_532, verifyingContract: USDC },
      types: { TransferWithAuthorization },
      primaryType: 'TransferWithAuthorization',
      message: {
        from: account.address,
        to: PAY_TO,
        value: 10_000n,
        validAfter: BigInt(authorization['validAfter'] ?? ''),
        validBefore: BigInt(authorization['validBefore'] ?? ''),
        nonce: authorization['nonce'] as `0x${string}`,
      },
      signature,
    })
    expect(signer).toBe(account.address)
  })

  it('writes the payment down as sent, since whoever holds it can spend it', async () => {
    const { client, records } = createBuyer()
    const payload = await client.createPaymentPayload(askFor(), { url, method: 'POST' })
    expect(await records()).toMatchObject([
      {
        state: 'sent',
        delivery: 'none',
        call: {
          method: 'POST',
          origin: 'https://api.example.com',
          host: 'api.example.com',
          resource: 'POST https://api.example.com/report',
        },
        terms: { network: NETWORK, payTo: PAY_TO, amount: 10_000n },
        payer: account.address,
        presentation: { payload },
      },
    ])
  })

  it('counts what it hands out', async () => {
    const { client, signatures } = createBuyer({ limits: { total: '$0.02' } })
    await client.createPaymentPayload(askFor(), { url })
    await client.createPaymentPayload(askFor(), { url })
    const error = await refusalOf(client.createPaymentPayload(askFor(), { url }))
    expect(error).toMatchObject({ code: 'LIMIT_TOTAL', money: 'untouched' })
    expect(signatures()).toBe(2)
  })

  it('takes the host from nobody where it isn’t told the address', async () => {
    const { client, records } = createBuyer()
    await client.createPaymentPayload(askFor(undefined, { resource: { url: 'https://seller.example/x' } }))
    expect(await records()).toMatchObject([{ call: { host: '', origin: '' } }])
  })

  it('signs what it was given, whatever becomes of the caller’s object meanwhile', async () => {
    const { client } = createBuyer()
    const offer = createOffer()
    const extensions = { loyalty: { info: { card: 1 } } }
    client.onBeforePaymentCreation(() => {
      Object.assign(offer, { payTo: `0x${'66'.repeat(20)}`, amount: '1' })
      extensions.loyalty.info.card = 2
    })
    const payment = await client.createPaymentPayload(askFor([offer], { extensions }), { url })
    expect(payment).toMatchObject({
      accepted: createOffer(),
      extensions: { loyalty: { info: { card: 1 } } },
      payload: { authorization: { to: PAY_TO, value: '10000' } },
    })
  })

  it('hands out a copy: changing it changes nothing in the ledger', async () => {
    const { client, records } = createBuyer()
    const payload = await client.createPaymentPayload(askFor(), { url })
    payload.payload['signature'] = 'overwritten'
    expect(JSON.stringify((await records()).map(({ presentation }) => presentation))).not.toContain('overwritten')
  })

  it('asks the hooks', async () => {
    const { client, signatures } = createBuyer()
    client.onBeforePaymentCreation(({ requestUrl }) => ({ abort: true, reason: requestUrl }))
    const error = await refusalOf(client.createPaymentPayload(askFor(), { url: 'https://api.example.com/x' }))
    expect(error.shortMessage).toContain('https://api.example.com/x')
    expect(signatures()).toBe(0)
  })

  it('error: ABORTED when the signal was aborted before', async () => {
    const { client, signatures, records } = createBuyer()
    const signal = AbortSignal.abort()
    const error = await refusalOf(client.createPaymentPayload(askFor(), { url, signal }))
    expect(error).toMatchObject({ name: 'AbortError', code: 'ABORTED', money: 'untouched' })
    expect(signatures()).toBe(0)
    expect((await records()).filter(({ state }) => state !== 'released')).toEqual([])
  })

  it.each(['/report', ''])('error: URL_NOT_ABSOLUTE when the address is %j', async (relative) => {
    const { client, signatures } = createBuyer()
    const error = await refusalOf(client.createPaymentPayload(askFor(), { url: relative }))
    expect(error).toMatchObject({ name: 'ChallengeError', code: 'URL_NOT_ABSOLUTE', money: 'untouched' })
    expect(signatures()).toBe(0)
  })

  it('error: UNSUPPORTED_VERSION when the 402 speaks a protocol of the future', async () => {
    const { client } = createBuyer()
    const error = await refusalOf(client.createPaymentPayload(askFor(undefined, { x402Version: 3 }), { url }))
    expect(error).toMatchObject({ name: 'ChallengeError', code: 'UNSUPPORTED_VERSION', money: 'untouched' })
  })

  it('error: CHALLENGE_MALFORMED when the 402 holds no list of offers', async () => {
    const { client } = createBuyer()
    const error = await refusalOf(client.createPaymentPayload(askFor(undefined, { accepts: {} }), { url }))
    expect(error).toMatchObject({ code: 'CHALLENGE_MALFORMED', money: 'untouched' })
  })

  it('error: UNKNOWN_OPTION when an option is misspelt', async () => {
    const { client } = createBuyer()
    const options = { uri: url } as object
    expect(await refusalOf(client.createPaymentPayload(askFor(), options))).toMatchObject({ code: 'UNKNOWN_OPTION' })
  })
})

describe('a listener of warnings', () => {
  it('takes no paid answer away by a throw of its own', async () => {
    const seller = await openSeller(sell)
    const { client, paidFetch } = createBuyer()
    const heard: string[] = []
    client.on('payment', (event) => {
      if (event.type !== 'warning') return
      heard.push(event.warning.code)
      throw new Error('the log is full')
    })
    client.onPaymentResponse(() => {
      throw new Error('and so is this one')
    })
    expect((await paidFetch(seller.url)).status).toBe(200)
    expect(heard).toEqual(['HOOK_FAILED'])
  })
})

/** Source: EIP-3009, "transferWithAuthorization". */
const TransferWithAuthorization = [
  { name: 'from', type: 'address' },
  { name: 'to', type: 'address' },
  { name: 'value', type: 'uint256' },
  { name: 'validAfter', type: 'uint256' },
  { name: 'validBefore', type: 'uint256' },
  { name: 'nonce', type: 'bytes32' },
] as const

/** A client with the time and the randomness of the published vectors, and the vector of a whole payment. */
function createPinnedClient() {
  const path = new URL('../../support/vectors/official-2.27.json', import.meta.url)
  const { pinned, vectors } = JSON.parse(readFileSync(path, 'utf8'))
  const vector = vectors.find(({ name }: { name: string }) => name === 'http-v2-envelope')
  const client = new x402Client({
    clock: createManualClock(pinned.nowSeconds),
    random: (length) => Uint8Array.from({ length }, (_, index) => 0xa0 + index),
  })
  return { client: client.register('eip155:*', new ExactEvmScheme(account)), vector }
}
