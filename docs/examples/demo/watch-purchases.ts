import type { x402Client } from 'pay402'
import type { Address, Hex } from 'viem'
import { z } from 'zod'
import type { Shop } from './open-shop.js'

/** What the buyer signed. Never the signature: until its time is over, anyone who has it can take the money. */
export type SignedTerms = { payer: Address; payTo: Address; amount: bigint; validUntilSeconds: number; nonce: Hex }

/** Atomic units that the chain says each one has. */
export type Balances = { buyer: bigint; seller: bigint }

/** One purchase, as seen by someone who watches the buyer and reads the chain. */
export type Purchase = {
  offer: { amount: bigint; description: string } | undefined
  signed: SignedTerms | undefined
  /** The payment of each send, in order: an id of the client's own. */
  sent: readonly string[]
  /** What the call resolved to, or else what it rejected with. */
  answer: Response | undefined
  error: unknown
  before: Balances
  after: Balances
  /** When things had happened, in milliseconds after the call. */
  times: Times & { done: number }
}

type Times = { offered?: number; signed?: number }

const HexText = z.templateLiteral(['0x', z.string()])
const Eip3009 = z.object({
  authorization: z.object({ from: HexText, to: HexText, value: z.string(), validBefore: z.string(), nonce: HexText }),
})

/**
 * Watches through a client's hooks what it is offered and what it signs.
 *
 * @returns A function that makes one purchase and tells what was seen.
 */
export function watchPurchases(client: x402Client, { chain, buyer, seller }: Shop) {
  let offer: Purchase['offer']
  let signed: Purchase['signed']
  let sent: string[] = []
  let startedAt = 0
  let times: Times = {}

  client.onBeforePaymentCreation(async ({ selectedRequirements, paymentRequired }) => {
    times.offered = performance.now() - startedAt
    offer = { amount: BigInt(selectedRequirements.amount), description: paymentRequired.resource?.description ?? '' }
  })
  client.onAfterPaymentCreation(async ({ paymentPayload }) => {
    times.signed = performance.now() - startedAt
    const { from, to, value, validBefore, nonce } = Eip3009.parse(paymentPayload.payload).authorization
    signed = { payer: from, payTo: to, amount: BigInt(value), validUntilSeconds: Number(validBefore), nonce }
  })

  client.on('payment', (event) => {
    if (event.type === 'sent') sent.push(event.payment)
  })

  const readBalances = async (): Promise<Balances> => ({
    buyer: await chain.balanceOf(buyer.address),
    seller: await chain.balanceOf(seller.payTo),
  })

  return async function watch(buy: () => Promise<Response>): Promise<Purchase> {
    offer = undefined
    signed = undefined
    sent = []
    times = {}
    const before = await readBalances()
    startedAt = performance.now()
    const outcome = await buy().then(
      (answer) => ({ answer, error: undefined }),
      (error: unknown) => ({ answer: undefined, error }),
    )
    const done = performance.now() - startedAt
    return { offer, signed, sent, ...outcome, before, after: await readBalances(), times: { ...times, done } }
  }
}
