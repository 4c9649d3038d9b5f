import {
  appendPaymentIdentifierToExtensions,
  declarePaymentIdentifierExtension,
  extractPaymentIdentifier,
  PAYMENT_IDENTIFIER,
} from '@x402/extensions/payment-identifier'
import { describe, expect, it } from 'vitest'
import type { BeforePaymentCreationHook } from '../../../src/index.js'
import { createBuyer } from '../../support/create-buyer.js'
import { askToPay, createRequired, deliver } from '../../support/offers.js'
import { openSeller } from '../fetch/open-seller.js'
import { refusalOf } from '../flow/refusal-of.js'

const id = 'pay_7d5d747be160e280504c099d984bcfe0'
const declared = {
  [PAYMENT_IDENTIFIER]: { ...declarePaymentIdentifierExtension(true) },
  shop: { info: { seats: ['a'], name: 'the shop' } },
}

/** Buys once where a seller declares these extensions. */
async function buy(hooks: readonly BeforePaymentCreationHook[], extensions: object | undefined = declared) {
  const seller = await openSeller((request, response) => {
    if (request.payment === undefined) askToPay(response, createRequired(undefined, extensions && { extensions }))
    else deliver(response, request)
  })
  const buyer = createBuyer()
  for (const hook of hooks) buyer.client.onBeforePaymentCreation(hook)
  const ended = await refusalOf(buyer.paidFetch(seller.url)).catch(() => undefined)
  return { ...buyer, seller, ended, sent: seller.requests[1]?.payment?.extensions }
}

const addName: BeforePaymentCreationHook = async ({ paymentRequired }) => {
  if (paymentRequired.extensions) appendPaymentIdentifierToExtensions(paymentRequired.extensions, id)
}

describe('what a hook adds to the extensions of a 402', () => {
  it('is sent: the official hook for payment-identifier names the payment', async () => {
    const { seller, sent, records } = await buy([addName])
    expect(sent).toEqual({
      ...declared,
      [PAYMENT_IDENTIFIER]: { ...declared[PAYMENT_IDENTIFIER], info: { required: true, id } },
    })
    expect(extractPaymentIdentifier(seller.requests[1]?.payment as never)).toBe(id)
    expect(await records()).toMatchObject([{ state: 'settled' }])
  })

  it('is seen by the hooks after it, and all of it is sent', async () => {
    const { sent } = await buy([
      ({ paymentRequired }) => void Object.assign(paymentRequired.extensions?.['shop'] ?? {}, { coupon: 'x' }),
      ({ paymentRequired }) => {
        expect(paymentRequired.extensions?.['shop']).toMatchObject({ coupon: 'x' })
        Object.assign(paymentRequired.extensions ?? {}, { mine: { info: { a: 1 } } })
      },
    ])
    expect(sent).toMatchObject({ shop: { ...declared.shop, coupon: 'x' }, mine: { info: { a: 1 } } })
  })

  it('names nothing where the client does by itself', async () => {
    const { sent } = await buy([() => undefined])
    expect(sent?.[PAYMENT_IDENTIFIER]).toMatchObject({ info: { id: expect.stringMatching(/^pay402_/) } })
  })

  it('is in a payment that is handed out, too', async () => {
    const buyer = createBuyer()
    buyer.client.onBeforePaymentCreation(addName)
    const required = createRequired(undefined, { extensions: declared }) as never
    const { extensions } = await buyer.client.createPaymentPayload(required)
    expect(extensions?.[PAYMENT_IDENTIFIER]).toMatchObject({ info: { required: true, id } })
  })

  it.each<[string, BeforePaymentCreationHook, string]>([
    [
      'changes a member',
      ({ paymentRequired }) => void Object.assign(paymentRequired.extensions?.['shop'] ?? {}, { info: 1 }),
      'a hook changed `extensions.shop` as the seller declared it',
    ],
    [
      'adds to a list',
      ({ paymentRequired }) => void (paymentRequired.extensions as typeof declared).shop.info.seats.push('b'),
      'a hook changed `extensions.shop` as the seller declared it',
    ],
    [
      'takes one away',
      ({ paymentRequired }) => void Reflect.deleteProperty(paymentRequired.extensions ?? {}, 'shop'),
      'a hook changed `extensions.shop` as the seller declared it',
    ],
    [
      'adds what is no JSON',
      ({ paymentRequired }) => void Object.assign(paymentRequired.extensions ?? {}, { size: 1n }),
      'what it added to `extensions` is unusable: it can not be written as JSON',
    ],
  ])('is refused with nothing signed where a hook %s', async (_what, hook, message) => {
    const { ended, signatures, seller } = await buy([hook])
    expect(ended).toMatchObject({ code: 'REFUSED_BY_HOOK', money: 'untouched' })
    expect(ended?.message).toContain(message)
    expect([signatures(), seller.requests.length]).toEqual([0, 1])
  })

  it('can only be added where the seller declared any', async () => {
    const hook: BeforePaymentCreationHook = ({ paymentRequired }) => {
      paymentRequired.extensions = { mine: {} }
    }
    const { ended } = await buy([hook], undefined)
    expect(ended?.message).toMatch(/a hook stopped the payment \(Cannot (add|assign to).* property '?extensions/)
  })

  it('adds nothing to the offers, whose writing throws', async () => {
    const hook: BeforePaymentCreationHook = ({ paymentRequired }) => {
      const [offer] = paymentRequired.accepts
      if (offer) offer.payTo = '0x0000000000000000000000000000000000000001'
    }
    expect((await buy([hook])).ended).toMatchObject({ code: 'REFUSED_BY_HOOK', money: 'untouched' })
  })
})

describe('what a hook throws', () => {
  it('is in the message, with nothing that looks like a key or a signature', async () => {
    const { ended } = await buy([() => Promise.reject(new Error(`no budget for 0x${'ab'.repeat(65)}\nat all`))])
    expect(ended?.message).toContain('a hook stopped the payment (no budget for … at all)')
  })

  it('is in the message of a hook that is shown the 402, and of one that is shown the signature', async () => {
    const seller = await openSeller((_request, response) => askToPay(response))
    const early = createBuyer()
    early.client.onPaymentRequired(() => Promise.reject(new Error('not today')))
    await expect(early.paidFetch(seller.url)).rejects.toThrow('a hook threw when it was shown the 402 (not today).')
    const late = createBuyer()
    late.client.onAfterPaymentCreation(() => Promise.reject(new Error('not this one')))
    await expect(late.paidFetch(seller.url)).rejects.toThrow('a hook stopped the payment (not this one).')
  })
})
