import { afterEach, describe, it } from 'vitest'
import type { ClientOptions } from '../../src/client/client-options.js'
import { isX402Error, type X402Error } from '../../src/errors.js'
import { type Payment, paymentOf } from '../../src/flow/payment.js'
import { createBuyer } from '../support/create-buyer.js'
import { type Handler, type Seller, startSeller } from '../support/start-seller.js'
import { shopByAxios } from './shop-by-axios.js'

/** What every door answers with, in one shape. */
export type DoorAnswer = { status: number; text: string; payment: Payment | undefined }

/** A buyer in front of one door. */
export type Shopper = Omit<ReturnType<typeof createBuyer>, 'paidFetch'> & {
  request(url: string, init?: RequestInit): Promise<DoorAnswer>
  /** The error of a request that must fail with one of ours. */
  refusal(url: string, init?: RequestInit): Promise<X402Error>
}

/** Opens one door for a situation. */
export type Situation = {
  open(handler: Handler): Promise<Seller>
  shop(options?: ClientOptions): Shopper
}

const doors: Record<string, (options: ClientOptions) => Shopper> = {
  fetch(options) {
    const buyer = createBuyer(options)
    return {
      ...buyer,
      async request(url, init) {
        const response = await buyer.paidFetch(url, init)
        return { status: response.status, text: await response.text(), payment: paymentOf(response) }
      },
      refusal: (url, init) => expectRefusal(buyer.paidFetch(url, init)),
    }
  },
  'axios (http adapter)': (options) => withRefusal(shopByAxios('http', options)),
  'axios (fetch adapter)': (options) => withRefusal(shopByAxios('fetch', options)),
}

function withRefusal(shopper: Omit<Shopper, 'refusal'>): Shopper {
  return { ...shopper, refusal: (url, init) => expectRefusal(shopper.request(url, init)) }
}

/** Runs one wire situation through every door, against real sellers that it ends. */
export function throughEveryDoor(situation: string, run: (tools: Situation) => Promise<void>): void {
  const sellers: Seller[] = []
  afterEach(async () => {
    await Promise.all(sellers.splice(0).map((seller) => seller.stop()))
  })
  describe(situation, () => {
    for (const [name, shop] of Object.entries(doors)) {
      it(`through ${name}`, () =>
        run({
          async open(handler) {
            const seller = await startSeller(handler)
            sellers.push(seller)
            return seller
          },
          shop: (options = {}) => shop(options),
        }))
    }
  })
}

async function expectRefusal(answer: Promise<unknown>): Promise<X402Error> {
  try {
    await answer
  } catch (error) {
    if (isX402Error(error)) return error
    throw error
  }
  throw new Error('the request was not refused')
}
