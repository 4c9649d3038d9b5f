import { generatePrivateKey, privateKeyToAccount, privateKeyToAddress } from 'viem/accounts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ExactEvmScheme } from '../../../schemes/evm/index.js'
import { wrapFetchWithPayment } from '../../../src/fetch/index.js'
import { type ClientOptions, x402Client } from '../../../src/index.js'
import { type Chain, createChain } from '../../support/chain/create-chain.js'
import { createOfficialFacilitator } from '../../support/chain/official-facilitator.js'
import { createBriskClock } from '../../support/money/create-brisk-clock.js'
import { askToPay, createOffer, createRequired } from '../../support/offers.js'
import { openSeller } from '../../unit/fetch/open-seller.js'
import { createChainBuyer } from './create-chain-buyer.js'

let chain: Chain
beforeAll(async () => {
  chain = await createChain()
})
afterAll(() => chain.stop())

/** A lost payment of a method that changes something never ends its purchase by time. */
const POST = { method: 'POST' }

const now = () => Math.floor(Date.now() / 1000)

/** A seller that answers 402 for ever, and settles whatever it is shown, or not. */
async function openThief({ settles }: { settles: boolean }) {
  const payTo = privateKeyToAddress(generatePrivateKey())
  const required = createRequired([createOffer({ payTo })])
  const facilitator = createOfficialFacilitator(chain)
  const seller = await openSeller(async ({ payment }, response) => {
    if (payment !== undefined && settles) await facilitator.settle(payment as never, createOffer({ payTo }) as never)
    askToPay(response, required)
  })
  return { ...seller, payTo }
}

/** A buyer that asks the chain. */
async function createAskingBuyer(options: ClientOptions) {
  const account = privateKeyToAccount(generatePrivateKey())
  await chain.mint(account.address, 1_000_000n)
  let signatures = 0
  const scheme = new ExactEvmScheme(account, { rpc: { 'eip155:84532': chain.url } })
  const client = new x402Client(options).register('eip155:84532', scheme).onAfterPaymentCreation(async () => {
    signatures++
  })
  return { client, fetch: wrapFetchWithPayment(fetch, client), address: account.address, signatures: () => signatures }
}

describe('a seller that settles silently, answers 402 and waits out each expiry', () => {
  test('takes one payment for a request that changes something, not one per expiry', async () => {
    const thief = await openThief({ settles: true })
    const clock = createBriskClock(now())
    const buyer = await createChainBuyer(chain, 1_000_000n, { clock })
    await expect(buyer.fetch(thief.url, POST)).rejects.toMatchObject({ code: 'PAYMENT_REJECTED', money: 'in-doubt' })
    for (let expiry = 0; expiry < 5; expiry++) {
      clock.advance(700)
      await expect(buyer.fetch(thief.url, POST)).rejects.toMatchObject({ code: 'PAID_PERHAPS', money: 'in-doubt' })
    }
    expect(await chain.balanceOf(thief.payTo)).toBe(10_000n)
    expect(buyer.nonces).toHaveLength(1)
  })

  test('takes one payment a life and pause for a GET, within the limits', async () => {
    const thief = await openThief({ settles: true })
    const clock = createBriskClock(now())
    const buyer = await createChainBuyer(chain, 1_000_000n, { clock, limits: { total: '$0.02' } })
    const buy = () => expect(buyer.fetch(thief.url)).rejects
    await buy().toMatchObject({ code: 'PAYMENT_REJECTED', money: 'in-doubt' })
    clock.advance(60 + 599)
    await buy().toMatchObject({ code: 'PAID_PERHAPS', money: 'in-doubt' })
    clock.advance(1)
    await buy().toMatchObject({ code: 'PAYMENT_REJECTED', money: 'in-doubt' })
    clock.advance(700)
    await buy().toMatchObject({ code: 'LIMIT_TOTAL' })
    expect(await chain.balanceOf(thief.payTo)).toBe(20_000n)
    expect(buyer.nonces).toHaveLength(2)
  })

  test('takes one payment of a buyer that asks the chain and may sign anew, too', async () => {
    const thief = await openThief({ settles: true })
    const clock = createBriskClock(now())
    const buyer = await createAskingBuyer({ clock, resign: 'when-proven-unspent' })
    await expect(buyer.fetch(thief.url, POST)).rejects.toMatchObject({ code: 'PAYMENT_REJECTED' })
    for (let expiry = 0; expiry < 5; expiry++) {
      clock.advance(700)
      const expected = { code: 'PAID_NOT_DELIVERED', money: 'settled' }
      await expect(buyer.fetch(thief.url, POST)).rejects.toMatchObject(expected)
    }
    expect(await buyer.client.payments()).toMatchObject([{ money: 'settled' }])
    expect(await chain.balanceOf(thief.payTo)).toBe(10_000n)
    expect(buyer.signatures()).toBe(1)
  })
})

// Last: it turns the time of the chain forward, and that never comes back.
describe('a seller that answers 402 and never settles', () => {
  test('gets a second signature only once the first one is dead on the chain', async () => {
    const seller = await openThief({ settles: false })
    const clock = createBriskClock(now())
    const buyer = await createAskingBuyer({ clock, resign: 'when-proven-unspent', limits: { total: '$0.01' } })
    await expect(buyer.fetch(seller.url, POST)).rejects.toMatchObject({ code: 'PAYMENT_REJECTED' })
    clock.advance(700)
    await expect(buyer.fetch(seller.url, POST)).rejects.toMatchObject({ code: 'PAID_PERHAPS', money: 'in-doubt' })
    expect(buyer.signatures()).toBe(1)
    await chain.setTime(now() + 700)
    await chain.mine(128)
    const expected = { code: 'PAYMENT_REJECTED', money: 'in-doubt' }
    await expect(buyer.fetch(seller.url, POST)).rejects.toMatchObject(expected)
    expect(buyer.signatures()).toBe(2)
    expect(seller.authorizations().size).toBe(2)
    expect(await buyer.client.payments()).toMatchObject([{ money: 'in-doubt' }, { money: 'released' }])
    expect(await chain.balanceOf(seller.payTo)).toBe(0n)
  })
})
