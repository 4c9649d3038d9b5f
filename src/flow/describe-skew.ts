import { readHttpDate } from '../wire/http-date.js'
import type { Answer, Ports } from './ports.js'

/** Skew that a network alone can make, in seconds: not worth a word. */
const TOLERANCE_SECONDS = 5

/**
 * How far our clock is from the seller's, where that is more than the network explains. It explains an error and nothing more: a `Date`
 * is the seller's word, and no time that is signed follows from it.
 *
 * @param answer - Its `Date` header is compared, to the second.
 * @returns One fact of an error; `undefined` where the clocks agree or the seller names no time.
 */
export function describeSkew(answer: Pick<Answer, 'header'>, { clock }: Pick<Ports, 'clock'>): string | undefined {
  const theirs = readHttpDate(answer.header('date') ?? '')
  if (theirs === undefined) return undefined
  const seconds = Math.round(clock.nowSeconds() - theirs)
  if (Math.abs(seconds) <= TOLERANCE_SECONDS) return undefined
  return `${Math.abs(seconds)} seconds ${seconds > 0 ? 'ahead of' : 'behind'} the seller's`
}
