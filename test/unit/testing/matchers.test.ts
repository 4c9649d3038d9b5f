import axios from 'axios'
import { expect as jestExpect } from 'expect'
import { x402Client } from 'pay402'
import { wrapAxiosWithPayment } from 'pay402/axios'
import { createSeller, paymentMatchers, TestScheme } from 'pay402/testing'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { createBuyer } from './seller/buyers.js'

beforeAll(() => {
  expect.extend(paymentMatchers)
  jestExpect.extend(paymentMatchers)
})

/** What an assertion says when it fails. */
async function failureOf(assertion: Promise<unknown>): Promise<string> {
  return assertion.then(
    () => 'it passed',
    (error: Error) => error.message,
  )
}

/** A client that paid for as many things as there are prices. */
async function pay(...prices: readonly string[]) {
  const routes = Object.fromEntries(prices.map((price, place) => [`/${place}`, { price }]))
  const seller = createSeller({ routes })
  const buyer = createBuyer(seller)
  const responses: Response[] = []
  for (const path of Object.keys(routes)) responses.push(await buyer.paidFetch(`${seller.url}${path}`))
  return { ...buyer, seller, responses }
}

describe.each([
  ['vitest', expect],
  ['Jest', jestExpect as unknown as typeof expect], // the same assertions; what differs is how they are typed
])('the matchers in the expect of %s', (_, expectIt) => {
  it('toHavePaid: compares all that a client paid', async () => {
    const { client } = await pay('$0.01', '$0.02')
    await expectIt(client).toHavePaid('$0.03')
    await expectIt(client).toHavePaid('0.03 USDC')
    await expectIt(client.restrict({ name: 'agent' })).not.toHavePaid('$0.03')
    await expectIt(client).not.toHavePaid('$0.02')
    expect(await failureOf(expectIt(client).toHavePaid('$0.05'))).toMatchInlineSnapshot(`
      "Expected $0.05 to have been paid, and it was $0.03.
        0.02 USDC for GET https://seller.example/1 (settled)
        0.01 USDC for GET https://seller.example/0 (settled)"
    `)
    expect(await failureOf(expectIt(client).not.toHavePaid('$0.03'))).toContain('another amount')
  })

  it('toHavePaid: compares what one response cost, of fetch and of axios', async () => {
    const { client, seller, responses } = await pay('$0.01', 'free')
    await expectIt(responses[0]).toHavePaid('$0.01')
    await expectIt(responses[1]).toHaveSpentNothing()
    expect(await failureOf(expectIt(responses[1]).toHavePaid('$0.01'))).toContain('and it was nothing')
    const { url, stop } = await seller.listen()
    onTestFinished(stop)
    await expectIt(await wrapAxiosWithPayment(axios.create(), client).get(`${url}/0`)).toHavePaid('$0.01')
  })

  it('toHavePaid: counts what is in doubt, and says so', async () => {
    const seller = createSeller({ whenPaid: ['asks-again'] })
    const { client, paidFetch } = createBuyer(seller)
    await paidFetch(seller.url).catch(() => undefined)
    await expectIt(client).toHavePaid('$0.01')
    expect(await failureOf(expectIt(client).toHaveSpentNothing())).toMatchInlineSnapshot(`
      "Expected no payment, and 1 left:
        0.01 USDC for GET https://seller.example/ (in-doubt)"
    `)
  })

  it('toHavePaid: fails in a unit in which a payment isn’t known', async () => {
    const { client } = await pay('$0.01')
    expect(await failureOf(expectIt(client).toHavePaid('0.01 EURC'))).toContain('Not known in that unit: 0.01 USDC.')
  })

  it('toHaveSpentNothing: passes where nothing left, also after a refusal', async () => {
    const seller = createSeller({ price: '$5' })
    const { client, paidFetch } = createBuyer(seller)
    await expectIt(client).toHaveSpentNothing()
    await paidFetch(seller.url).catch(() => undefined)
    await expectIt(client).toHaveSpentNothing()
    expect(await failureOf(expectIt(client).not.toHaveSpentNothing())).toBe('Expected a payment, and none left.')
  })

  it('toHaveSpentNothing: counts no payment that was released before it left', async () => {
    const scheme = Object.assign(new TestScheme(), {
      async createPaymentPayload() {
        throw new TypeError('the wallet is locked')
      },
    })
    const { client, paidFetch } = createBuyer(createSeller(), scheme)
    await expect(paidFetch('https://seller.example/')).rejects.toMatchObject({ code: 'SIGNER_FAILED' })
    await expectIt(client).toHaveSpentNothing()
  })

  it('error: INVALID_OPTION for anything else than a client or a response, INVALID_MONEY for no amount', async () => {
    const client = new x402Client()
    await expect(expectIt('a client').toHavePaid('$1')).rejects.toMatchObject({ code: 'INVALID_OPTION' })
    await expect(expectIt({}).toHaveSpentNothing()).rejects.toMatchObject({ code: 'INVALID_OPTION' })
    await expect(expectIt(client).toHavePaid(1 as unknown as string)).rejects.toMatchObject({ code: 'INVALID_OPTION' })
    await expect(expectIt(client).toHavePaid('1')).rejects.toMatchObject({ code: 'INVALID_MONEY' })
  })
})
