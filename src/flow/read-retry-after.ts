import { readHttpDate } from '../wire/http-date.js'
import type { Answer } from './ports.js'

/** Longest pause that a seller may ask for, in milliseconds. */
const MAX_RETRY_AFTER_MS = 10_000

/**
 * For how long the seller asks not to be asked again: seconds, or a date.
 *
 * A date is compared with the seller's own `Date`, so that its clock may be wrong; with ours where it sends none.
 *
 * @returns Milliseconds; infinite when it's longer than we wait, and `undefined` when the seller names no time.
 */
export function readRetryAfter(answer: Pick<Answer, 'header'>, nowSeconds: number): number | undefined {
  const text = answer.header('retry-after')?.trim() ?? ''
  const seconds = /^[0-9]{1,9}$/.test(text) ? Number(text) : readSecondsUntil(text, answer.header('date'), nowSeconds)
  if (seconds === undefined) return undefined
  const milliseconds = Math.max(0, seconds) * 1000
  return milliseconds <= MAX_RETRY_AFTER_MS ? milliseconds : Number.POSITIVE_INFINITY
}

function readSecondsUntil(text: string, sent: string | null, nowSeconds: number): number | undefined {
  const until = readHttpDate(text)
  return until === undefined ? undefined : until - (readHttpDate(sent ?? '') ?? nowSeconds)
}
