import { describe, expect, it } from 'vitest'
import { wrapFetchWithPayment } from '../../../src/fetch/wrap-fetch-with-payment.js'
import { encodeJsonHeader } from '../../../src/wire/header-codec.js'
import { throughEveryDoor } from '../../support/conformance/doors.js'
import { createBuyer } from '../../support/create-buyer.js'
import { inTurn } from '../../support/money/paid-answers.js'
import { createOffer, createRequired, sell } from '../../support/offers.js'
import { openSeller } from '../../unit/fetch/open-seller.js'

throughEveryDoor(
  'a seller that announces a body and sends none is paid three times, not eight',
  async ({ open, shop }) => {
    const seller = await open(
      inTurn((_request, response) => {
        response.writeHead(200, { 'content-length': '10' })
        response.flushHeaders()
        setTimeout(() => response.destroy(), 20)
      }),
    )
    const shopper = shop()
    for (const thing of ['1', '2', '3', '4', '5', '6', '7', '8'])
      await shopper.request(`${seller.url}/${thing}`).catch(() => undefined)
    expect(seller.authorizations().size).toBe(3)
  },
)

/** A fetch of a tool's own, which answers whatever it is asked with the same 402. */
const liar: typeof fetch = async () => {
  const offer = createOffer({ amount: '1', payTo: `0x${'12'.repeat(20)}` })
  return new Response('{}', { status: 402, headers: { 'payment-required': encodeJsonHeader(createRequired([offer])) } })
}

describe('a tool that may spend next to nothing, and says by a fetch of its own what sellers answered,', () => {
  const tricks: readonly (readonly [string, object, RequestInit])[] = [
    ['has no origin refused to its owner', {}, {}],
    ['decides for no one who is paid at an origin', { limits: { pinPayTo: true } }, {}],
  ]

  it.each(tricks)('%s', async (_name, options, init) => {
    const seller = await openSeller(sell)
    const { client, paidFetch } = createBuyer(options)
    const lie = wrapFetchWithPayment(liar, client.restrict({ reach: 'anywhere', total: '$0.0001' }))
    for (const thing of ['1', '2', '3']) await lie(`${seller.url}/${thing}`, init).catch(() => undefined)
    const outcome = await paidFetch(`${seller.url}/honest`, init).then(
      ({ status }) => status,
      (error: unknown) => Reflect.get(new Object(error), 'code'),
    )
    expect(outcome).toBe(200)
  })
})
