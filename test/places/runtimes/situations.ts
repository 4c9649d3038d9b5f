import type { Runtime } from './runtimes.js'

/** What reached the seller in one situation. */
export type Seen = {
  readonly requests: number
  /** Requests that carried a payment. */
  readonly payments: number
  /** Different ones among them. */
  readonly authorizations: number
}

/** One thing that is shown on every runtime. */
export type Situation = {
  /** As in the scenario. */
  readonly name: string
  /** What the page says of it. */
  readonly title: string
  /** The column of the page. */
  readonly column: 'free' | 'paid' | 'refused' | 'lost response' | 'redirected'
  /** What the buyer tells. */
  readonly told: (runtime: Runtime) => Readonly<Record<string, unknown>>
  /** What reached the seller at the same path in all, where it's counted here. */
  readonly seen?: (runtime: Runtime) => Seen
}

const SETTLED = { status: 200, body: 'sunny', money: 'settled', amount: '10000', receipt: 'verified', signatures: 1 }
const ECHOED = { ...SETTLED, body: 'two words' }
const IN_DOUBT = { error: 'DeliveryError', money: 'in-doubt', isLimitError: false, signatures: 1 }
const UNPAID = { requests: 1, payments: 0, authorizations: 0 }
const PAID = { requests: 2, payments: 1, authorizations: 1 }
const PRESENTED_TWICE = { requests: 3, payments: 2, authorizations: 1 }

/** Browsers don't show where a redirect leads. */
const followed = (told: object) => (runtime: Runtime) =>
  runtime.way.kind === 'browser' ? { ...IN_DOUBT, code: 'REDIRECTED' } : { ...told }
const seenFollowed = (runtime: Runtime) => (runtime.way.kind === 'browser' ? PAID : PRESENTED_TWICE)

/** What a buyer does and what must come of it, in the order of the scenario. */
export const situations: readonly Situation[] = [
  {
    name: 'free',
    title: 'A free response is handed on: one request, nothing signed.',
    column: 'free',
    told: () => ({ status: 200, body: 'free', signatures: 0 }),
    seen: () => UNPAID,
  },
  {
    name: 'paid',
    title: 'A `402` is paid once, and the response comes with a receipt that fits.',
    column: 'paid',
    told: () => SETTLED,
    seen: () => PAID,
  },
  {
    name: 'body',
    title: 'A `Request` with a body, a signal and timeouts is paid, and its body arrives both times.',
    column: 'paid',
    told: () => ECHOED,
    seen: () => PAID,
  },
  {
    name: 'protocol-1',
    title: 'A `402` of protocol 1, with its terms in the body, is paid.',
    column: 'paid',
    told: () => SETTLED,
    seen: () => PAID,
  },
  {
    name: 'over-the-limit',
    title: 'What is over the limit is refused with `LimitError`, `LIMIT_PER_PAYMENT`; the money is untouched.',
    column: 'refused',
    told: () => ({
      error: 'LimitError',
      code: 'LIMIT_PER_PAYMENT',
      money: 'untouched',
      isLimitError: true,
      signatures: 0,
    }),
    seen: () => UNPAID,
  },
  {
    name: 'returned',
    title: "When the wallet says no, `refusals: 'return'` hands over the seller's `402`, whole and with its address.",
    column: 'refused',
    told: () => ({ status: 402, body: '{}', isFrom: true, code: 'SIGNER_FAILED', money: 'untouched' }),
    seen: () => UNPAID,
  },
  {
    name: 'at-once',
    title: 'Of three calls at once on a budget for one, one is paid.',
    column: 'refused',
    told: () => ({ paid: 1, refused: ['LIMIT_TOTAL', 'LIMIT_TOTAL'] }),
    seen: () => ({ requests: 4, payments: 1, authorizations: 1 }),
  },
  {
    name: 'lost',
    title:
      'When the paid response to a GET is lost, the call presents the same payment again by itself: one authorization.',
    column: 'lost response',
    told: () => SETTLED,
    seen: () => PRESENTED_TWICE,
  },
  {
    name: 'lost-post',
    title: 'When the paid response to a POST is lost, the call fails with `ANSWER_LOST`, and the money is in doubt.',
    column: 'lost response',
    told: () => ({ ...IN_DOUBT, code: 'ANSWER_LOST' }),
  },
  {
    name: 'resumed',
    title: 'The same POST again presents the same payment: nothing is signed, one authorization in all.',
    column: 'lost response',
    told: () => ({ ...ECHOED, signatures: 0 }),
    // Both calls, each with a question and a payment.
    seen: () => ({ requests: 4, payments: 2, authorizations: 1 }),
  },
  {
    name: 'redirected',
    title:
      "A payment follows a redirect within the seller's origin; where that is hidden, it stays, and the money is in doubt.",
    column: 'redirected',
    told: followed(SETTLED),
    seen: seenFollowed,
  },
  {
    name: 'redirected-request',
    title: 'So does the payment for a `Request` with a body.',
    column: 'redirected',
    told: followed(ECHOED),
    seen: seenFollowed,
  },
  {
    name: 'redirected-elsewhere',
    title: 'A payment never follows a redirect to another origin.',
    column: 'redirected',
    told: (runtime) => followed({ ...IN_DOUBT, code: 'REDIRECTED_ELSEWHERE' })(runtime),
    seen: () => PAID,
  },
]

/** Situations that are one purchase leave their traces at one path. */
export function toPath(name: string): string {
  return name === 'resumed' ? 'lost-post' : name
}
