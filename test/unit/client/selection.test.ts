import { afterEach, describe, expect, it } from 'vitest'
import { ExactEvmScheme } from '../../../schemes/evm/index.js'
import type { ClientOptions } from '../../../src/client/options.js'
import { x402Client } from '../../../src/client/x402-client.js'
import type { SelectionError } from '../../../src/errors/step-errors.js'
import { wrapFetchWithPayment } from '../../../src/fetch/wrap-fetch-with-payment.js'
import type { Funding } from '../../../src/payment/scheme.js'
import type { PaymentRequirements } from '../../../src/wire/requirements.js'
import { account } from '../../support/create-buyer.js'
import { askToPay, createOffer, createRequired, deliver, USDC } from '../../support/offers.js'
import { type Seller, startSeller } from '../../support/start-seller.js'

const BASE_USDC = '0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913'
const onBase = { network: 'eip155:8453', asset: BASE_USDC, extra: { name: 'USD Coin', version: '2' } }

let seller: Seller
afterEach(() => seller.stop())

/** Offers these, and tells the amount that was paid. */
async function buy(accepts: readonly unknown[], options: ClientOptions, set?: (client: x402Client) => void) {
  seller = await startSeller((request, response) => {
    if (request.payment === undefined) askToPay(response, createRequired(accepts))
    else deliver(response, request)
  })
  const client = new x402Client(options).register('eip155:*', new ExactEvmScheme(account))
  set?.(client)
  await wrapFetchWithPayment(fetch, client)(seller.url)
  return seller.requests[1]?.payment?.accepted?.['amount']
}

const offers = [
  createOffer({ amount: '30000' }),
  createOffer({ amount: '20000' }),
  createOffer({ ...onBase, amount: '15000' }),
  createOffer({ ...onBase, amount: '10000' }),
]

describe('selection', () => {
  it('takes the cheapest of the first network by default', async () => {
    expect(await buy(offers, {})).toBe('20000')
  })

  it('takes a preferred network first, and the cheapest there', async () => {
    expect(await buy(offers, { prefer: { networks: ['eip155:8453'] } })).toBe('10000')
  })

  it('keeps other networks possible', async () => {
    expect(await buy(offers, { prefer: { networks: ['eip155:1', 'eip155:*'] } })).toBe('20000')
  })

  it('takes a preferred asset first, in any case of its letters', async () => {
    expect(await buy(offers, { prefer: { assets: [BASE_USDC.toLowerCase()] } })).toBe('10000')
  })

  it('takes the cheapest anywhere when asked to', async () => {
    expect(await buy(offers, { prefer: { cheapest: 'anywhere' } })).toBe('10000')
  })

  it('lets a policy filter and reorder', async () => {
    const reverse = (_version: number, given: PaymentRequirements[]) => given.toReversed().slice(0, 3)
    expect(await buy(offers, {}, (client) => client.registerPolicy(reverse))).toBe('10000')
  })

  it('drops an offer that a policy changed', async () => {
    const cheat = (_version: number, given: PaymentRequirements[]) =>
      given.map((offer) => (offer.amount === '20000' ? { ...offer, payTo: USDC } : offer))
    expect(await buy(offers, {}, (client) => client.registerPolicy(cheat))).toBe('30000')
  })

  it('shows policies frozen copies', async () => {
    const mutate = (_version: number, given: PaymentRequirements[]) => {
      for (const offer of given) expect(() => Object.assign(offer, { amount: '1' })).toThrow(TypeError)
      return given
    }
    expect(await buy(offers, {}, (client) => client.registerPolicy(mutate))).toBe('20000')
  })

  it('lets a selector take any offer, as an option or in place of options', async () => {
    const takeThird = (_version: number, given: PaymentRequirements[]) => given[2] as PaymentRequirements
    expect(await buy(offers, { paymentRequirementsSelector: takeThird })).toBe('15000')
    await seller.stop()
    const client = new x402Client(takeThird).register('eip155:*', new ExactEvmScheme(account))
    seller = await startSeller((request, response) => {
      if (request.payment === undefined) askToPay(response, createRequired(offers))
      else deliver(response, request)
    })
    await wrapFetchWithPayment(fetch, client)(seller.url)
    expect(seller.requests[1]?.payment?.accepted).toEqual(offers[2])
  })

  it('holds a selector to the limits and to what was offered', async () => {
    const invent = (_version: number, given: PaymentRequirements[]) =>
      ({ ...given[0], amount: '1' }) as PaymentRequirements
    await expect(buy(offers, { paymentRequirementsSelector: invent })).rejects.toMatchObject({
      code: 'NO_PAYABLE_OFFER',
      money: 'untouched',
    })
  })

  it('gives a reason for every offer that was not taken', async () => {
    const accepts = [
      null,
      createOffer({ scheme: 'upto' }),
      createOffer({ payTo: undefined }),
      createOffer({ amount: '5000000' }),
    ]
    const error: SelectionError = await buy(accepts.slice(0, 3), {}).then(
      () => expect.unreachable(),
      (thrown: SelectionError) => thrown,
    )
    expect(error.considered.map(({ reason }) => reason)).toEqual([
      'it is not an object',
      'no scheme is registered for it',
      'payTo is missing',
    ])
  })
})

describe('prefer.funded', () => {
  /** A scheme whose reading of balances a test decides; all else is real. */
  class ReadingScheme extends ExactEvmScheme {
    readonly asked: string[] = []
    readonly answer: (amount: string) => Promise<Funding>
    constructor(answer: (amount: string) => Promise<Funding>) {
      super(account)
      this.answer = answer
    }
    override readFunding({ amount }: PaymentRequirements): Promise<Funding> {
      this.asked.push(amount)
      return this.answer(amount)
    }
  }

  async function buyFunded(answer: (amount: string) => Promise<Funding>) {
    seller = await startSeller((request, response) => {
      if (request.payment === undefined) askToPay(response, createRequired(offers))
      else deliver(response, request)
    })
    const client = new x402Client({ prefer: { funded: true } }).register('eip155:*', new ReadingScheme(answer))
    await wrapFetchWithPayment(fetch, client)(seller.url)
    return seller.requests[1]?.payment?.accepted?.['amount']
  }

  it('passes over what the wallet is known not to hold', async () => {
    expect(await buyFunded(async (amount) => (amount === '20000' ? 'short' : 'enough'))).toBe('30000')
  })

  it('reads a failing RPC as unknown, never as an empty wallet', async () => {
    expect(await buyFunded(async () => Promise.reject(new Error('429')))).toBe('20000')
  })

  it('refuses when the wallet is known to hold too little for any offer', async () => {
    await expect(buyFunded(async () => 'short')).rejects.toMatchObject({
      code: 'NO_PAYABLE_OFFER',
      facts: { 'offer 1': expect.stringContaining('the wallet holds too little of its asset') },
    })
  })
})
