import ky, { HTTPError } from 'ky'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { ClientOptions } from '../../../src/client/options.js'
import { isX402Error, type X402Error } from '../../../src/errors/x402-error.js'
import { wrapKyWithPayment } from '../../../src/ky/wrap-ky-with-payment.js'
import { type PaymentSummary, paymentOf } from '../../../src/payment/summary.js'
import type { Script as SellerScript } from '../../../src/testing/seller/script.js'
import { createSeller, type Seller as KitSeller } from '../../../src/testing/seller/seller.js'
import { openSeller } from '../../unit/fetch/open-seller.js'
import { createBuyer, type Narrow } from '../create-buyer.js'
import type { Handler, Seller } from '../start-seller.js'
import { whyNotOverMcp } from './over-mcp.js'
import { shopByAxios } from './shop-by-axios.js'
import { shopByMcp } from './shop-by-mcp.js'

/** What every door answers with, in one shape. */
export type DoorAnswer = { status: number; text: string; payment: PaymentSummary | undefined }

/** An answer whose body flows. Leaving the loop over it lets it go. */
export type StreamedAnswer = Omit<DoorAnswer, 'text'> & { chunks: AsyncIterable<Uint8Array> }

/** A buyer in front of one door. */
export type Shopper = Omit<ReturnType<typeof createBuyer>, 'paidFetch'> & {
  /** The library makes a `Request` of every call, and those are kept until the answer is known. */
  readonly keepsStreams?: true
  request(url: string, init?: RequestInit): Promise<DoorAnswer>
  /** The answer as it flows, unread. */
  stream(url: string, init?: RequestInit): Promise<StreamedAnswer>
  /** The error of a request that must fail with one of ours. */
  refusal(url: string, init?: RequestInit): Promise<X402Error>
}

/** Opens one door for a situation. */
export type Situation = {
  open(handler: Handler): Promise<Seller>
  /** Starts a seller of the kit: it checks what it is paid, and takes each payment once. */
  sell(script?: SellerScript): Promise<KitSeller>
  /** @param narrow - Restricts the client for the one who calls. */
  shop(options?: ClientOptions, narrow?: Narrow): Shopper
}

type Open = (options: ClientOptions, narrow?: Narrow) => Shopper

/** Where a situation has a meaning for tools. */
const overMcp: Record<string, Open> = {
  'MCP (SDK 1)': (options, narrow) => withRefusal(shopByMcp(1, options, narrow)),
  'MCP (SDK 2)': (options, narrow) => withRefusal(shopByMcp(2, options, narrow)),
}

const doors: Record<string, Open> = {
  fetch(options, narrow) {
    const buyer = createBuyer(options, {}, narrow)
    return {
      ...buyer,
      async request(url, init) {
        const response = await buyer.paidFetch(url, init)
        return { status: response.status, text: await response.text(), payment: paymentOf(response) }
      },
      async stream(url, init) {
        const response = await buyer.paidFetch(url, init)
        return { status: response.status, chunks: chunksOf(response), payment: paymentOf(response) }
      },
      refusal: (url, init) => expectRefusal(buyer.paidFetch(url, init)),
    }
  },
  ky(options, narrow) {
    const buyer = createBuyer(options, {}, narrow)
    // What ky does by itself is not what these situations are about.
    const api = wrapKyWithPayment(ky.create({ retry: 0, timeout: false }), buyer.payer)
    return {
      ...buyer,
      keepsStreams: true,
      async request(url, init) {
        const response = await api(url, { ...init, throwHttpErrors: false })
        const payment = paymentOf(response)
        if (payment?.error !== undefined) throw payment.error
        return { status: response.status, text: await response.text(), payment }
      },
      async stream(url, init) {
        const response = await api(url, { ...init, throwHttpErrors: false })
        return { status: response.status, chunks: chunksOf(response), payment: paymentOf(response) }
      },
      refusal: (url, init) => expectRefusal(api(url, init).catch((error: unknown) => rethrowCause(error))),
    }
  },
  'axios (http adapter)': (options, narrow) => withRefusal(shopByAxios('http', options, narrow)),
  'axios (fetch adapter)': (options, narrow) => withRefusal(shopByAxios('fetch', options, narrow)),
}

function withRefusal(shopper: Omit<Shopper, 'refusal'>): Shopper {
  return { ...shopper, refusal: (url, init) => expectRefusal(shopper.request(url, init)) }
}

/** Runs one wire situation through every door, against real sellers that it ends. */
export function throughEveryDoor(situation: string, run: (tools: Situation) => Promise<void>): void {
  const isForTools = whyNotOverMcp(String(expect.getState().testPath), situation) === undefined
  describe(situation, () => {
    for (const [name, shop] of Object.entries({ ...doors, ...(isForTools && overMcp) })) {
      it(`through ${name}`, async () => {
        const sellers: Seller[] = []
        const kitSellers: KitSeller[] = []
        const shoppers: Shopper[] = []
        await run({
          async open(handler) {
            const seller = await openSeller(handler)
            sellers.push(seller)
            return seller
          },
          async sell(script) {
            const seller = createSeller(script)
            const { url, stop } = await seller.listen()
            onTestFinished(stop)
            kitSellers.push({ ...seller, url })
            return { ...seller, url }
          },
          shop(options, narrow) {
            const shopper = shop(options ?? {}, narrow)
            shoppers.push(shopper)
            return shopper
          },
        })
        await expectCounted(sellers, kitSellers, shoppers)
      })
    }
  })
}

/** Whatever the situation: what sellers hold of signed payments is counted in the ledgers of those who signed. */
async function expectCounted(
  sellers: readonly Seller[],
  kitSellers: readonly KitSeller[],
  shoppers: readonly Shopper[],
): Promise<void> {
  const payments = kitSellers.flatMap((seller) => seller.payments)
  const values = [...sellers.map((seller) => seller.value()), ...payments.map(({ amount }) => amount)]
  const presented = values.reduce((sum, value) => sum + value, 0n)
  // What a seller of the kit was handed is signed by its payer, for the terms that it asked for.
  expect(payments.filter(({ reason }) => /signature|mismatch|payload/.test(reason ?? ''))).toEqual([])
  const records = (await Promise.all(shoppers.map((shopper) => shopper.records()))).flat()
  const counted = records.filter(({ state }) => state !== 'released').reduce((sum, { terms }) => sum + terms.amount, 0n)
  expect(presented).toBeLessThanOrEqual(counted)
}

/** The body of an answer, chunk by chunk. */
async function* chunksOf({ body }: Response): AsyncGenerator<Uint8Array> {
  const reader = body?.getReader()
  if (reader === undefined) return
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) yield read.value
  } finally {
    await reader.cancel()
  }
}

/** ky's own error holds ours as its cause. */
function rethrowCause(error: unknown): never {
  throw error instanceof HTTPError ? error.cause : error
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
