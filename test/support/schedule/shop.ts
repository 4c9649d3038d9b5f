import { decodeJsonHeader, encodeJsonHeader } from '../../../src/wire/header-codec.js'
import { createOffer, createRequired, NETWORK, TRANSACTION } from '../offers.js'

/** What is sold, without a network between. */
export const URL_OF_SHOP = 'https://api.example.com/paid'

/** A seller that takes each payment once, and answers it whenever it comes, as sellers with `payment-identifier` or a cache do. */
export type Shop = {
  /** The nonces of the payments that it took. */
  readonly taken: ReadonlySet<string>
  /** Whether an answer to each of them got through. */
  isEachDelivered(): boolean
  /** A `fetch` whose paid requests are carried by `carry`. */
  visit(carry: (work: () => Promise<Response>) => Promise<Response>): typeof fetch
}

const CHALLENGE = encodeJsonHeader(createRequired([createOffer()], { resource: { url: URL_OF_SHOP } }))

/** Creates a shop that sold nothing yet. */
export function createShop(): Shop {
  const taken = new Set<string>()
  const delivered = new Set<string>()
  return {
    taken,
    isEachDelivered: () => [...taken].every((nonce) => delivered.has(nonce)),
    visit: (carry) => async (_input, init) => {
      const header = new Headers(init?.headers).get('payment-signature')
      if (header === null) return new Response('{}', { status: 402, headers: { 'payment-required': CHALLENGE } })
      const { nonce, from } = readAuthorization(header)
      const response = await carry(async () => {
        taken.add(nonce)
        const receipt = { success: true, transaction: TRANSACTION, network: NETWORK, payer: from }
        return new Response('{"ok":true}', { headers: { 'payment-response': encodeJsonHeader(receipt) } })
      })
      delivered.add(nonce)
      return response
    },
  }
}

function readAuthorization(header: string): { readonly nonce: string; readonly from: string } {
  const decoded = decodeJsonHeader(header)
  if ('problem' in decoded) throw new Error(decoded.problem)
  const payload = new Object(decoded.value['payload'])
  const authorization = new Object(Reflect.get(payload, 'authorization'))
  return { nonce: String(Reflect.get(authorization, 'nonce')), from: String(Reflect.get(authorization, 'from')) }
}
