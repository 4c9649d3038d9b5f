import type { ServerResponse } from 'node:http'
import { askToPay, createOffer, createRequired, deliver } from './offers.js'
import { type SellerRequest, startSeller } from './start-seller.js'

/** What is returned is of no use. */
type Answer = (request: SellerRequest, response: ServerResponse) => unknown

/** Starts a seller that takes payments for exactly what it asks for, and changes that when a test says so. */
export async function startChangingSeller() {
  let offer = createOffer()
  let answer: Answer | undefined
  const sell = (request: SellerRequest, response: ServerResponse) => {
    const isPaid = JSON.stringify(request.payment?.accepted) === JSON.stringify(offer)
    if (isPaid) deliver(response, request)
    else askToPay(response, createRequired([offer]))
  }
  const seller = await startSeller((request, response) => {
    const answered: Answer = answer ?? sell
    answered(request, response)
  })
  return {
    ...seller,
    /** Asks for something else from now on. */
    change(changes: Readonly<Record<string, unknown>>) {
      offer = createOffer(changes)
    },
    /** Answers each request like this from now on, whether it's paid or not. */
    answer(handler: Answer | undefined) {
      answer = handler
    },
    /** How many requests came, and how many of them had no payment. */
    counts() {
      return [seller.requests.length, seller.requests.filter(({ payment }) => payment === undefined).length] as const
    },
  }
}
