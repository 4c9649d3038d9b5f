import { DeliveryError } from '../step-errors.js'

/** In a file of their own, since they are loaded with what waits for a job. */
const AGAIN = 'Wait again, or keep `JSON.stringify(job)` and take it up later: nothing is paid a second time.'

/**
 * @page What you paid for [comes later](guides/jobs.md), and the seller wasn't done in time. Wait again, or keep the
 * job as JSON. Nothing is paid a second time.
 */
export const JOB_NOT_DONE = {
  code: 'JOB_NOT_DONE',
  kind: DeliveryError,
  sentence: 'The seller accepted what was paid for, and was not done in time.',
  hint: AGAIN,
} as const

/**
 * A seller may ask for money anywhere, so that is the caller's to decide.
 *
 * @page The address where you were to fetch what you paid for asks for money. Nothing was paid there. Make the
 * original call again: as long as nothing was delivered, it presents the same payment.
 */
export const JOB_UNPAID = {
  code: 'JOB_UNPAID',
  kind: DeliveryError,
  sentence: 'Where the seller said to ask for what was paid for, it asks for money.',
  hint: 'Nothing was paid there. If you made the call, make it again: as long as nothing was delivered, the same payment is presented.',
} as const

/**
 * The headers of the caller go to no other origin.
 *
 * @page What you paid for [comes later](guides/jobs.md), and is to be fetched from another origin, or behind a
 * redirect that the platform hides. Nothing was sent there. `error.facts['led to']` says where, if that is known. If
 * you trust it, use `fetch` yourself.
 */
export const JOB_ELSEWHERE = {
  code: 'JOB_ELSEWHERE',
  kind: DeliveryError,
  sentence: 'What was paid for is to be asked for at another origin, or at one that the platform hides.',
  hint: 'Nothing was sent there. Ask by yourself, with `fetch`, if you trust it.',
} as const

export const ABORTED_JOB = {
  code: 'ABORTED',
  kind: DeliveryError,
  sentence: 'The wait for what was paid for was aborted.',
  hint: AGAIN,
} as const
