import { ChallengeError } from '../errors/step-errors.js'
import { PAYMENT_HEADERS } from '../wire/payload.js'
import type { Answer, Exchange } from './ports.js'
import { sendUnpaid } from './send-unpaid.js'
import type { Call } from './steps.js'

/** Whether a cache has held the answer for a while. Source: RFC 9111, section 5.1, where a cache that answers must say so. */
export function isAged({ answer }: Pick<Exchange, 'answer'>): boolean {
  const age = answer.header('age')?.trim() ?? ''
  return age !== '' && !/^0+$/.test(age)
}

/**
 * Asks once more for terms that a cache held: they may be another buyer's, or no longer the seller's. The platform is told to pass
 * its caches by.
 *
 * @param exchange - Whose answer is old.
 * @param call - Where the terms came from is asked again.
 * @returns The exchange with the answer that is new; it may be no 402 at all.
 * @throws {@link ChallengeError} `TERMS_FROM_CACHE` when the request can't be sent twice, or a cache answers again; nothing was signed.
 */
export async function askAfresh<Native>(exchange: Exchange<Native>, call: Call): Promise<Exchange<Native>> {
  const { resource } = call
  const isPaid = PAYMENT_HEADERS.some((name) => exchange.header(name) !== null)
  if (!exchange.replayable || isPaid) throw createCacheError(resource)
  const answer = await sendUnpaid(call, exchange, {})
  exchange.discard(exchange.answer.native)
  const afresh = toExchange(exchange, answer)
  if (answer.status === 402 && isAged(afresh)) throw createCacheError(resource, answer)
  return afresh
}

function toExchange<Native>(exchange: Exchange<Native>, answer: Answer<Native>): Exchange<Native> {
  return {
    ...exchange,
    answer,
    readBody: async (maxBytes) => answer.readBody?.(maxBytes),
    // Its connection is taken back when it is read or let go.
    drain: async () => undefined,
  }
}

function createCacheError(resource: string, answer?: Answer): ChallengeError {
  return new ChallengeError('Refused to pay: the terms come from a cache, so nobody asks for this money now.', {
    code: 'TERMS_FROM_CACHE',
    money: 'untouched',
    facts: { resource },
    hint: 'Tell the seller that its 402 needs `Cache-Control: no-store`, or call it past the cache.',
    ...(answer !== undefined && { response: answer.native }),
  })
}
