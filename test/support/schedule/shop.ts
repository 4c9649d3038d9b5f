import type { PrepayOptions } from '../../../src/prices/rules.js'
import { decodeJsonHeader, encodeJsonHeader } from '../../../src/wire/header-codec.js'
import { createOffer, createRequired, NETWORK, TRANSACTION } from '../offers.js'

/** What is sold, without a network between. */
export const URL_OF_SHOP = 'https://api.example.com/paid'

/** Says which call a request is of. It's no part of the name of what is bought. */
export const CALL_HEADER = 'x-call'

/** A request that carries a payment. */
export type PaidRequest = {
  readonly call: number
  readonly nonce: string
  /** What others can take by it, in atomic units. */
  readonly value: bigint
  readonly url: string
  readonly method: string
  readonly credential: string | undefined
}

/** How requests reach the shop. */
export type Road = {
  /** Carries an unpaid request. */
  ask(call: number): Promise<void>
  /** Carries a paid one; `sell` is when the shop takes the payment. */
  carry(request: PaidRequest, sell: () => Response): Promise<Response>
}

/**
 * A seller that takes each payment once, and answers it whenever it comes, as sellers with `payment-identifier` or a cache do. A dearer one takes less
 * than it asks for, too, and brings nothing for it.
 */
export type Shop = {
  /** The nonces of the payments that it took. */
  readonly taken: ReadonlySet<string>
  visit(road: Road): typeof fetch
  /** Sells at both prices from now on. */
  relent(): void
}

const toTerms = (...amounts: readonly string[]) =>
  createRequired(
    amounts.map((amount) => createOffer({ amount })),
    { resource: { url: URL_OF_SHOP } },
  )

const PRICE = '10000'
const DEARER = '20000'

/** What whoever prepays was told ahead. */
export const TERMS_TOLD = toTerms(PRICE) as PrepayOptions['terms'] // as a 402 has them

/** Creates a shop that sold nothing yet. */
export function createShop(isDearer = false): Shop {
  const taken = new Set<string>()
  let sold = isDearer ? [DEARER] : [PRICE]
  const ask = () => {
    const headers = { 'payment-required': encodeJsonHeader(toTerms(...sold)) }
    return new Response('{}', { status: 402, headers })
  }
  return {
    taken,
    relent() {
      sold = isDearer ? [PRICE, DEARER] : sold
    },
    visit: (road) => async (input, init) => {
      const headers = new Headers(init?.headers)
      const call = Number(headers.get(CALL_HEADER))
      const header = headers.get('payment-signature')
      if (header === null) {
        await road.ask(call)
        return ask()
      }
      const { nonce, from, value } = readAuthorization(header)
      const url = input instanceof Request ? input.url : String(input)
      const credential = headers.get('authorization') ?? undefined
      const request = { call, nonce, value: BigInt(value), url, method: init?.method ?? 'GET', credential }
      return road.carry(request, () => {
        taken.add(nonce)
        if (!sold.includes(value)) return ask()
        const receipt = { success: true, transaction: TRANSACTION, network: NETWORK, payer: from }
        return new Response('{"ok":true}', { headers: { 'payment-response': encodeJsonHeader(receipt) } })
      })
    },
  }
}

type Authorization = { readonly nonce: string; readonly from: string; readonly value: string }

function readAuthorization(header: string): Authorization {
  const decoded = decodeJsonHeader(header)
  if ('problem' in decoded) throw new Error(decoded.problem)
  const payload = new Object(decoded.value['payload'])
  const authorization = new Object(Reflect.get(payload, 'authorization'))
  const read = (name: keyof Authorization) => String(Reflect.get(authorization, name))
  return { nonce: read('nonce'), from: read('from'), value: read('value') }
}
