import type { PrepayOptions } from '../../../../src/prices/rules.js'
import { encodeJsonHeader } from '../../../../src/wire/header-codec.js'
import { createOffer, createRequired } from '../../offers.js'
import { ORIGIN, type Told } from '../any-story.js'
import { answerAs, at, LIFE } from '../open-told-shop.js'
import { type Nature, priceOf } from './timed-story.js'

export const ATOMIC_PER_CENT = 10_000

/** What a seller asks for at one of its addresses. */
export type Asked = Pick<Nature, 'scheme'> & { readonly url: string; readonly cents: number }

/** What a payment is for, as it says itself. */
type Accepted = { readonly amount?: unknown } | undefined

/** What a seller says to a payment, and whether it asks for another amount. */
export type Reply = { readonly told: Told; readonly isChanged: boolean; readonly response: () => Response }

/** Asks to be paid. */
export function askToPay(asked: Asked): Response {
  return at(asked.url, new Response('{}', { status: 402, headers: toHeaders(asked) }))
}

/**
 * Answers a payment as it's told, but asks whoever pays another amount than it asks for, unless it says nothing, or a call pays for the second time.
 *
 * @param told - What is said to who pays what is asked.
 */
export function reply(told: Told, accepted: Accepted, isFirst: boolean, asked: Asked): Reply {
  const isOther = accepted?.amount !== String(asked.cents * ATOMIC_PER_CENT)
  const isAsked = told !== undefined && (told.status === 402 || (isOther && isFirst))
  if (!isAsked) return { told, isChanged: false, response: () => at(asked.url, answerAs(told)) }
  const refuses = { ...told, status: 402, headers: {} }
  const response = () => at(asked.url, answerAs(refuses, toHeaders(asked)))
  return { told: refuses, isChanged: isOther, response }
}

/** What buyers know ahead, and where they learn it: one address, and all of its origin. */
export function toPrepay({ prepay: onChange, scheme }: Nature): readonly PrepayOptions[] | undefined {
  if (onChange === undefined) return undefined
  const url = `${ORIGIN}/a`
  const terms = toTerms({ url, cents: priceOf(url), scheme }) as PrepayOptions['terms'] // as a 402 has them
  return [
    { route: url, terms, onChange },
    { route: ORIGIN, onChange },
  ]
}

function toHeaders(asked: Asked): Record<string, string> {
  return { 'payment-required': encodeJsonHeader(toTerms(asked)) }
}

function toTerms({ url, cents, scheme }: Asked): object {
  const offer = createOffer({ scheme, amount: String(cents * ATOMIC_PER_CENT), maxTimeoutSeconds: LIFE })
  return createRequired([offer], { resource: { url: url.split('#')[0] } })
}
