import { describe, expect, it } from 'vitest'
import type { PaymentResponseContext } from '../../../src/index.js'
import { createBuyer } from '../../support/create-buyer.js'
import { listWarnings } from '../../support/list-warnings.js'
import { askToPay, createOffer, deliver, NETWORK, PAY_TO, sell, TRANSACTION } from '../../support/offers.js'
import { openSeller } from '../fetch/open-seller.js'
import { refusalOf } from '../flow/refusal-of.js'

describe('hooks', () => {
  it('are called in the order of the payment, and among themselves in the order in which they were added', async () => {
    const seller = await openSeller(sell)
    const { client, paidFetch, signatures } = createBuyer()
    const told: string[] = []
    const tell = (name: string) => async () => {
      told.push(`${name}: ${signatures()} signed, ${seller.requests.length} sent`)
    }
    client.onPaymentResponse(tell('response 1')).onPaymentResponse(tell('response 2'))
    client.onAfterPaymentCreation(tell('after 1')).onAfterPaymentCreation(tell('after 2'))
    client.onBeforePaymentCreation(tell('before 1')).onBeforePaymentCreation(tell('before 2'))
    await paidFetch(seller.url)
    expect(told).toEqual([
      'before 1: 0 signed, 1 sent',
      'before 2: 0 signed, 1 sent',
      'after 1: 1 signed, 1 sent',
      'after 2: 1 signed, 1 sent',
      'response 1: 1 signed, 2 sent',
      'response 2: 1 signed, 2 sent',
    ])
  })

  it('are not called for what is free', async () => {
    const seller = await openSeller((_request, response) => void response.end('free'))
    const { client, paidFetch } = createBuyer()
    const told: string[] = []
    client.onBeforePaymentCreation(() => void told.push('before'))
    client.onPaymentResponse(() => void told.push('response'))
    await paidFetch(seller.url)
    expect(told).toEqual([])
  })

  it('are shown the address that is really asked, whatever the seller calls the resource', async () => {
    const seller = await openSeller(sell)
    const { client, paidFetch } = createBuyer()
    const shown: unknown[] = []
    client.onBeforePaymentCreation(({ requestUrl, paymentRequired }) => {
      shown.push(requestUrl, paymentRequired.resource?.url)
    })
    await paidFetch(`${seller.url}/real?q=1`)
    expect(shown).toEqual([`${seller.url}/real?q=1`, 'http://127.0.0.1/paid'])
  })

  it('change nothing that is signed or sent by writing to what they are shown', async () => {
    const seller = await openSeller(sell)
    const { client, paidFetch } = createBuyer()
    client.onBeforePaymentCreation((context) => overwrite(context))
    client.onAfterPaymentCreation(async (context) => overwrite(context))
    const response = await paidFetch(seller.url)
    expect(response.status).toBe(200)
    expect(seller.requests[1]?.payment).toMatchObject({
      accepted: createOffer(),
      payload: { authorization: { to: PAY_TO, value: '10000' } },
    })
  })
})

describe('onBeforePaymentCreation', () => {
  it('is shown what it can’t change: all of it is frozen', async () => {
    const seller = await openSeller(sell)
    const { client, paidFetch } = createBuyer()
    const shown: unknown[] = []
    client.onBeforePaymentCreation((context) => void shown.push(context))
    await paidFetch(seller.url)
    expect(shown.map(isFrozenThroughout)).toEqual([true])
  })

  it('sees the offer that was selected, before anything is reserved', async () => {
    const seller = await openSeller(sell)
    const { client, paidFetch, records } = createBuyer()
    const seen: unknown[] = []
    client.onBeforePaymentCreation(async ({ selectedRequirements }) => {
      seen.push(selectedRequirements, await records())
    })
    await paidFetch(seller.url)
    expect(seen).toEqual([createOffer(), []])
  })

  it('stops the payment with its reason, and no later hook is asked', async () => {
    const seller = await openSeller(sell)
    const { client, paidFetch, signatures, records } = createBuyer()
    client.onBeforePaymentCreation(async () => ({ abort: true, reason: 'not today' }))
    client.onBeforePaymentCreation(() => expect.unreachable('a later hook was asked'))
    const error = await refusalOf(paidFetch(seller.url))
    expect(error).toMatchObject({ name: 'SelectionError', code: 'REFUSED_BY_HOOK', money: 'untouched' })
    expect(error.shortMessage).toBe('Refused to pay: a hook stopped the payment (not today).')
    expect(signatures()).toBe(0)
    expect(await records()).toEqual([])
  })

  it('stops the payment by a throw, which becomes the cause', async () => {
    const seller = await openSeller(sell)
    const { client, paidFetch, signatures } = createBuyer()
    const cause = new Error('the approver is offline')
    client.onBeforePaymentCreation(async () => {
      throw cause
    })
    const error = await refusalOf(paidFetch(seller.url))
    expect(error).toMatchObject({ code: 'REFUSED_BY_HOOK', money: 'untouched' })
    expect(error.cause).toBe(cause)
    expect(signatures()).toBe(0)
  })

  it('stops the payment by a throw before its first await, too', async () => {
    const seller = await openSeller(sell)
    const { client, paidFetch } = createBuyer()
    client.onBeforePaymentCreation(() => {
      throw new Error('at once')
    })
    expect(await refusalOf(paidFetch(seller.url))).toMatchObject({ code: 'REFUSED_BY_HOOK', money: 'untouched' })
  })

  it('is not waited for longer than the call lives', async () => {
    const seller = await openSeller(sell)
    const { client, paidFetch, signatures } = createBuyer()
    const abort = new AbortController()
    client.onBeforePaymentCreation(() => {
      abort.abort()
      return new Promise<undefined>(() => undefined)
    })
    const error = await refusalOf(paidFetch(seller.url, { signal: abort.signal }))
    expect(error).toMatchObject({ name: 'AbortError', code: 'ABORTED', money: 'untouched' })
    expect(signatures()).toBe(0)
  })
})

describe('onAfterPaymentCreation', () => {
  it('is shown what it can’t change: all of it is frozen', async () => {
    const seller = await openSeller(sell)
    const { client, paidFetch } = createBuyer()
    const shown: unknown[] = []
    client.onAfterPaymentCreation(async (context) => void shown.push(context))
    await paidFetch(seller.url)
    expect(shown.map(isFrozenThroughout)).toEqual([true])
  })

  it('sees the payment as it will be sent', async () => {
    const seller = await openSeller(sell)
    const { client, paidFetch } = createBuyer()
    const seen: unknown[] = []
    client.onAfterPaymentCreation(async ({ paymentPayload }) => void seen.push(paymentPayload))
    await paidFetch(seller.url)
    expect(seen).toEqual([seller.requests[1]?.payment])
  })

  it('drops the signature by a throw: nothing is sent, and the money is free again', async () => {
    const seller = await openSeller(sell)
    const { client, paidFetch, records } = createBuyer({ limits: { total: '$0.01' } })
    const cause = new Error('no')
    const throwOnce = [cause]
    client.onAfterPaymentCreation(async () => {
      const thrown = throwOnce.pop()
      if (thrown !== undefined) throw thrown
    })
    const error = await refusalOf(paidFetch(seller.url))
    expect(error).toMatchObject({ name: 'SigningError', code: 'REFUSED_BY_HOOK', money: 'released' })
    expect(error.cause).toBe(cause)
    expect(seller.requests).toHaveLength(1)
    expect(await records()).toMatchObject([{ state: 'released', presentation: undefined }])
    expect((await paidFetch(seller.url)).status).toBe(200)
  })
})

describe('onPaymentResponse', () => {
  it('is shown what it can’t change: all of it is frozen', async () => {
    const seller = await openSeller(sell)
    const { client, paidFetch } = createBuyer()
    const shown: unknown[] = []
    client.onPaymentResponse((context) => void shown.push(context))
    await paidFetch(seller.url)
    expect(shown.map(isFrozenThroughout)).toEqual([true])
  })

  it('is shown the receipt of a paid answer', async () => {
    const seller = await openSeller(sell)
    const context = await showResponse(seller.url)
    expect(context).toMatchObject({
      paymentPayload: seller.requests[1]?.payment,
      requirements: createOffer(),
      settleResponse: { success: true, transaction: TRANSACTION, network: NETWORK },
    })
    expect(context?.paymentRequired).toBeUndefined()
  })

  it('is shown the new 402 of a payment that was not taken', async () => {
    const seller = await openSeller((_request, response) => askToPay(response))
    const context = await showResponse(seller.url)
    expect(context?.paymentRequired).toMatchObject({
      x402Version: 2,
      error: 'Payment required',
      accepts: [createOffer()],
    })
    expect(context?.settleResponse).toBeUndefined()
  })

  it('is shown neither when the answer has neither', async () => {
    const seller = await openSeller((request, response) => {
      if (request.payment === undefined) askToPay(response)
      else response.end('bought')
    })
    const context = await showResponse(seller.url)
    expect([context?.settleResponse, context?.paymentRequired]).toEqual([undefined, undefined])
  })

  it('recovers: the same payment is presented once more, and its answer is handed over', async () => {
    const seller = await openSeller((request, response) => {
      if (seller.requests.length < 3) askToPay(response)
      else deliver(response, request)
    })
    const { client, paidFetch, signatures } = createBuyer()
    client.onPaymentResponse(({ paymentRequired }) => (paymentRequired === undefined ? undefined : { recovered: true }))
    expect((await paidFetch(seller.url)).status).toBe(200)
    expect(seller.requests).toHaveLength(3)
    expect(seller.authorizations().size).toBe(1)
    expect(signatures()).toBe(1)
  })

  it('recovers at most once, however often it is asked for', async () => {
    const seller = await openSeller((_request, response) => askToPay(response))
    const { client, paidFetch, signatures } = createBuyer()
    client.onPaymentResponse(async () => ({ recovered: true }))
    expect(await refusalOf(paidFetch(seller.url))).toMatchObject({ code: 'PAYMENT_REJECTED', money: 'in-doubt' })
    expect(seller.requests).toHaveLength(3)
    expect(seller.authorizations().size).toBe(1)
    expect(signatures()).toBe(1)
  })

  it('presents nothing once more that was delivered', async () => {
    const seller = await openSeller(sell)
    const { client, paidFetch } = createBuyer()
    client.onPaymentResponse(async () => ({ recovered: true }))
    expect((await paidFetch(seller.url)).status).toBe(200)
    expect(seller.requests).toHaveLength(2)
  })

  it('becomes a warning by a throw: the answer is handed over, and the other hooks are told', async () => {
    const seller = await openSeller(sell)
    const { client, paidFetch } = createBuyer()
    const warnings = listWarnings(client)
    const cause = new Error('the log is full')
    let told = 0
    client.onPaymentResponse(() => {
      throw cause
    })
    client.onPaymentResponse(() => void told++)
    const response = await paidFetch(seller.url)
    expect(await response.text()).toBe('{"ok":true}')
    expect(warnings).toMatchObject([{ code: 'HOOK_FAILED', cause }])
    expect(told).toBe(1)
  })
})

/** What a response hook is shown when `url` is bought. */
async function showResponse(url: string): Promise<PaymentResponseContext | undefined> {
  let shown: PaymentResponseContext | undefined
  const { client, paidFetch } = createBuyer()
  client.onPaymentResponse((context) => {
    shown = context
  })
  await paidFetch(url).catch((error: unknown) => expect(error).toMatchObject({ code: 'PAYMENT_REJECTED' }))
  return shown
}

function isFrozenThroughout(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true
  return Object.isFrozen(value) && Object.values(value).every(isFrozenThroughout)
}

/** Writes to every field that can be reached, as a hook would that tries to pay itself. */
function overwrite(value: unknown): void {
  if (typeof value !== 'object' || value === null) return
  for (const [key, child] of Object.entries(value)) {
    overwrite(child)
    Reflect.set(value, key, '0x000000000000000000000000000000000000dEaD')
  }
  Reflect.set(value, 'added', true)
}
