import { AuthCaptureEvmScheme } from '@x402/evm/auth-capture/client'
import { BatchSettlementEvmScheme, InMemoryClientChannelStorage } from '@x402/evm/batch-settlement/client'
import { ExactEvmScheme as OfficialExact } from '@x402/evm/exact/client'
import { describe, expect, it } from 'vitest'
import {
  type ClientOptions,
  type Described,
  payFrom,
  readable,
  type SchemeContext,
  type SchemeNetworkClient,
  x402Client,
} from '../../../src/index.js'
import { account } from '../../support/create-buyer.js'
import { createOffer, USDC } from '../../support/offers.js'
import { askFor } from '../../unit/flow/ask-for.js'
import { createScheme } from '../../unit/flow/create-scheme.js'
import { refusalOf } from '../../unit/flow/refusal-of.js'

const url = 'https://api.example.com/report'
const AUTHORIZER = `0x${'66'.repeat(20)}`

const channelOffer = (extra: object = {}) =>
  createOffer({
    scheme: 'batch-settlement',
    extra: { name: 'USDC', version: '2', receiverAuthorizer: AUTHORIZER, withdrawDelay: 900, ...extra },
  })
const captureOffer = (extra: object = {}) =>
  createOffer({
    scheme: 'auth-capture',
    extra: {
      name: 'USDC',
      version: '2',
      captureAuthorizer: AUTHORIZER,
      feeRecipient: AUTHORIZER,
      captureDeadline: 2_000_000_000,
      refundDeadline: 2_100_000_000,
      minFeeBps: 0,
      maxFeeBps: 100,
      ...extra,
    },
  })

/** A client with one scheme; what it is handed is kept. */
function createBuyer(
  scheme: SchemeNetworkClient,
  options: ClientOptions = {},
  how?: { unreadable: 'trust-the-price' },
) {
  const contexts: SchemeContext[] = []
  const sign = scheme.createPaymentPayload.bind(scheme)
  const watched = Object.assign(scheme, {
    createPaymentPayload(...[version, terms, context = {}]: Parameters<typeof sign>) {
      contexts.push(context)
      return sign(version, terms, context)
    },
  })
  const client = new x402Client(options).register('eip155:*', watched, how)
  return {
    client,
    contexts,
    pay: (offer: object) => client.createPaymentPayload(askFor([offer]), { url }),
    held: async () => (await client.spending())[0],
  }
}

describe('R9, what others can take is what counts:', () => {
  it.each([
    ['five times the price, where the seller names no deposit', channelOffer(), '50000'],
    ['the deposit that the seller names', channelOffer({ minDeposit: '70000' }), '70000'],
    ['five times the price, where the seller names less than the price', channelOffer({ minDeposit: '9' }), '50000'],
    ['five times the price, where what the seller names is no amount', channelOffer({ minDeposit: 70_000 }), '50000'],
  ])('a channel is reserved with %s', async (_what, offer, exposure) => {
    const { client, contexts, pay } = createBuyer(new BatchSettlementEvmScheme(account as never))
    expect(await pay(offer)).toMatchObject({ payload: { type: 'deposit', deposit: { amount: exposure } } })
    expect(contexts).toMatchObject([{ maxAmountPerPayment: exposure }])
    const dollars = `$${Number(exposure) / 1_000_000}`
    expect(await client.spending()).toMatchObject([{ limit: 'perDay', held: dollars }])
    // The price stays the price.
    expect(await client.payments()).toMatchObject([{ amount: '10000', price: '0.01 USDC', exposure }])
  })

  it('a policy of the object that fills channels more is reserved so', async () => {
    const scheme = new BatchSettlementEvmScheme(account as never, { depositMultiplier: 20 })
    const { pay, held } = createBuyer(scheme)
    expect(await pay(channelOffer())).toMatchObject({ payload: { deposit: { amount: '200000' } } })
    expect(await held()).toMatchObject({ held: '$0.20' })
  })

  it('a voucher counts its price again, and not the deposit that was foreseen', async () => {
    const storage = new InMemoryClientChannelStorage()
    storage.get = async () => ({ balance: '500000', chargedCumulativeAmount: '20000' })
    const { pay, held } = createBuyer(new BatchSettlementEvmScheme(account as never, { storage }))
    expect(await pay(channelOffer())).toMatchObject({
      payload: { type: 'voucher', voucher: { maxClaimableAmount: '30000' } },
    })
    expect(await held()).toMatchObject({ held: '$0.01' })
  })

  it('a voucher never dies by time', async () => {
    const storage = new InMemoryClientChannelStorage()
    storage.get = async () => ({ balance: '500000', chargedCumulativeAmount: '20000' })
    const { client, pay } = createBuyer(new BatchSettlementEvmScheme(account as never, { storage }))
    await pay(channelOffer())
    expect(await client.inDoubt()).toMatchObject([{ validUntilSeconds: undefined }])
  })

  it('error: SIGNED_MORE when a strategy fills a channel with more than was reserved, and nothing is handed out', async () => {
    const depositStrategy = async () => '50001'
    const { client, pay, held } = createBuyer(new BatchSettlementEvmScheme(account as never, { depositStrategy }))
    const error = await refusalOf(pay(channelOffer()))
    expect(error).toMatchObject({ name: 'SigningError', code: 'SIGNED_MORE', money: 'released' })
    expect(error.facts).toMatchObject({ 'could be taken': '50001 units', reserved: '50000 units' })
    expect(await client.payments()).toMatchObject([{ money: 'released' }])
    expect(await held()).toMatchObject({ held: '$0.00' })
  })

  it('error: SIGNED_MORE when a scheme reads more out of its own payload than it foretold', async () => {
    const scheme = createScheme()
    const read = scheme.describe?.bind(scheme)
    const greedy = createScheme({
      describe: (...asked) => ({ ...(read?.(...asked) as Described), exposure: 10_001n }),
    })
    expect(await refusalOf(createBuyer(greedy).pay(createOffer()))).toMatchObject({ code: 'SIGNED_MORE' })
    const honest = { ...greedy, predictExposure: () => 10_001n }
    const { contexts, pay } = createBuyer(honest)
    await pay(createOffer())
    expect(contexts).toMatchObject([{ maxAmountPerPayment: '10001' }])
  })

  it('no scheme foretells less than the price', async () => {
    const { contexts, pay, held } = createBuyer(createScheme({ predictExposure: () => 0n }))
    await pay(createOffer())
    expect(contexts).toMatchObject([{ maxAmountPerPayment: '10000' }])
    expect(await held()).toMatchObject({ held: '$0.01' })
  })

  it('whoever approves, and a quote, are shown it', async () => {
    const asked: unknown[] = []
    const approve = ({ amount, price, dollars, exposure }: Readonly<Record<string, unknown>>) => {
      asked.push({ amount, price, dollars, exposure })
      return true
    }
    const { pay } = createBuyer(new BatchSettlementEvmScheme(account as never), { limits: { approve } })
    await pay(channelOffer({ minDeposit: '70000' }))
    expect(asked).toEqual([{ amount: '10000', price: '0.01 USDC', dollars: '$0.01', exposure: '70000' }])
  })

  it('approval is asked by the exposure, not by the price', async () => {
    const asked: unknown[] = []
    const limits = { approve: () => asked.push(0) > 0, approveAbove: '$0.02' }
    const { pay } = createBuyer(new BatchSettlementEvmScheme(account as never), { limits })
    await pay(channelOffer())
    expect(asked).toHaveLength(1)
  })

  it('of several accounts, the one that fills its channels most is foreseen', async () => {
    const other = new BatchSettlementEvmScheme(account as never, { depositMultiplier: 20 })
    const scheme = payFrom([Object.assign(other, { payer: account.address })])
    expect(await createBuyer({ ...scheme }).pay(channelOffer())).toMatchObject({ payload: { type: 'deposit' } })
  })
})

describe('R9, what is in escrow:', () => {
  it('is refused, whatever flow the seller names, unless escrow is allowed', async () => {
    const { pay } = createBuyer(new AuthCaptureEvmScheme(account as never))
    for (const offer of [captureOffer(), captureOffer({ paymentFlow: 'authorization' })]) {
      const error = await refusalOf(pay(offer))
      expect(error).toMatchObject({ code: 'NO_PAYABLE_OFFER', money: 'untouched' })
      expect(error.message).toContain('its payment flow is "escrow"')
    }
  })

  it('counts whole where it is allowed', async () => {
    const options = { paymentFlows: ['authorization', 'escrow'] }
    const { pay, held } = createBuyer(new AuthCaptureEvmScheme(account as never), options)
    expect(await pay(captureOffer())).toMatchObject({ payload: { authorization: { value: '10000' } } })
    expect(await held()).toMatchObject({ held: '$0.01' })
  })

  it('is paid on no other terms than were approved', async () => {
    const scheme = new AuthCaptureEvmScheme(account as never)
    const sign = scheme.createPaymentPayload.bind(scheme)
    const stranger = `0x${'77'.repeat(20)}`
    // The recipient is in the payload as a hash alone.
    scheme.createPaymentPayload = (version, terms) => sign(version, { ...terms, payTo: stranger })
    const { pay } = createBuyer(scheme, { paymentFlows: ['escrow'] })
    expect(await refusalOf(pay(captureOffer()))).toMatchObject({ code: 'SIGNED_OTHER_TERMS', money: 'released' })
  })
})

describe('R9, an official object without `describe`', () => {
  it.each([
    ['another payTo', { payTo: `0x${'77'.repeat(20)}` }, 'the payTo'],
    ['another amount', { amount: '10001' }, 'the amount'],
    ['a longer life', { maxTimeoutSeconds: 9999 }, 'how long it is valid'],
    ['another way', { extra: { assetTransferMethod: 'permit2' } }, 'what it authorizes'],
  ])('is held to what was approved when it signs for %s', async (_what, changes, named) => {
    const scheme = new OfficialExact(account)
    const sign = scheme.createPaymentPayload.bind(scheme)
    scheme.createPaymentPayload = (version, terms, context) => sign(version, { ...terms, ...changes } as never, context)
    const error = await refusalOf(createBuyer(scheme as never).pay(createOffer()))
    expect(error).toMatchObject({ code: 'SIGNED_OTHER_TERMS', money: 'released' })
    expect(error.shortMessage).toContain(named)
  })

  it('pays as before when it signs what was approved', async () => {
    const { client, pay } = createBuyer(new OfficialExact(account) as never)
    expect(await pay(createOffer())).toMatchObject({ payload: { authorization: { value: '10000' } } })
    expect(await client.inDoubt()).toMatchObject([
      { amount: '10000', exposure: '10000', validUntilSeconds: expect.any(Number) },
    ])
  })
})

describe('R9, a scheme whose payload nothing can read', () => {
  const tab = () => createScheme({ scheme: 'tab', describe: undefined as never })
  const offer = createOffer({ scheme: 'tab' })

  it('is passed over before anything is signed, with what to do about it', async () => {
    const { contexts, pay } = createBuyer(tab())
    const error = await refusalOf(pay(offer))
    expect(error).toMatchObject({ code: 'NO_PAYABLE_OFFER', money: 'untouched' })
    expect(Reflect.get(error, 'considered')).toMatchObject([
      {
        reason:
          "what it signs can't be read: register it with `{ unreadable: 'trust-the-price' }`, or wrap it with `readable(scheme, describe)`",
      },
    ])
    expect(contexts).toEqual([])
  })

  it('is passed over for an offer that can be read', async () => {
    const client = new x402Client()
      .register('eip155:*', tab())
      .register('eip155:*', new OfficialExact(account) as never)
    const paid = await client.createPaymentPayload(askFor([offer, createOffer()]), { url })
    expect(paid).toMatchObject({ accepted: { scheme: 'exact' } })
  })

  it('is paid where its owner trusts the price: that is reserved, it is marked, and it never dies by time', async () => {
    const { client, contexts, pay, held } = createBuyer(tab(), {}, { unreadable: 'trust-the-price' })
    await pay(offer)
    expect(contexts).toMatchObject([{ maxAmountPerPayment: '10000' }])
    expect(await held()).toMatchObject({ held: '$0.01' })
    expect(await client.payments()).toMatchObject([{ exposure: 'unread', validUntilSeconds: undefined }])
  })

  it('presents no payload that a hook supplies, also where its owner trusts the price', async () => {
    const failing = createScheme({
      scheme: 'tab',
      describe: undefined as never,
      createPaymentPayload: () => Promise.reject(new Error('asleep')),
    })
    const { client, pay } = createBuyer(failing, {}, { unreadable: 'trust-the-price' })
    const payload = { x402Version: 2, payload: { signature: 'signed' } } as never
    client.onPaymentCreationFailure(async () => ({ recovered: true, payload }))
    expect(await refusalOf(pay(offer))).toMatchObject({ code: 'SIGNED_OTHER_TERMS', money: 'released' })
  })

  it('is paid and compared once it is wrapped with what reads it', async () => {
    const reading = createScheme({ scheme: 'tab' })
    const scheme = readable(tab(), (...asked) => reading.describe?.(...asked))
    const { client, pay } = createBuyer({ ...scheme, describe: scheme.describe as never })
    await pay(offer)
    expect(await client.payments()).toMatchObject([{ exposure: '10000', payer: 'buyer' }])
  })

  it('is found among several accounts', async () => {
    const scheme = payFrom([tab(), createScheme({ scheme: 'tab', payer: 'other' })])
    expect(await refusalOf(createBuyer({ ...scheme }).pay(offer))).toMatchObject({ code: 'NO_PAYABLE_OFFER' })
  })
})

describe('R9, an allowance next to a payment', () => {
  const BY = 'eip2612GasSponsoring'
  const PERMIT2 = '0x000000000022D473030F116dDEE9F6B43aC78BA3'
  const permit = { by: BY, asset: USDC, spender: PERMIT2, amount: '999999999' }

  /** A scheme that names one allowance, says that it signed it, and shows the seller an info. */
  async function allow(named: typeof permit, info: object) {
    const told: unknown[] = []
    const scheme = createScheme({
      listAllowances: () => [named],
      createPaymentPayload: async (x402Version, _terms, context) => {
        told.push(Object.keys(context?.extensions ?? {}))
        const extensions = { [BY]: { info } }
        return { x402Version, payload: { signature: 'signed' }, extensions, allowances: [named] }
      },
    })
    const { client } = createBuyer(scheme)
    const required = { ...askFor([createOffer()]), extensions: { [BY]: { info: { version: '1' } }, other: {} } }
    const paying = client.createPaymentPayload(required as never, { url })
    return { told, client, error: await refusalOf(paying).catch(() => undefined) }
  }

  it('adds nothing where it is to Permit2, whatever its amount', async () => {
    const { client, error } = await allow(permit, { spender: PERMIT2, amount: '999999999' })
    expect(error).toBeUndefined()
    expect(await client.spending()).toMatchObject([{ held: '$0.01' }])
  })

  it('to anyone else isn’t asked for, and is dropped if it is signed all the same', async () => {
    const { told, error } = await allow({ ...permit, spender: AUTHORIZER }, {})
    expect(told).toEqual([['other']])
    expect(error).toMatchObject({ code: 'SIGNED_OTHER_TERMS', money: 'released' })
  })

  it.each([
    ['another spender', { spender: AUTHORIZER }],
    ['another amount', { amount: '1000000000' }],
    ['another token', { asset: AUTHORIZER }],
  ])('is dropped where the seller would be shown %s than was named', async (_what, info) => {
    expect((await allow(permit, info)).error).toMatchObject({ code: 'SIGNED_OTHER_TERMS', money: 'released' })
  })
})
