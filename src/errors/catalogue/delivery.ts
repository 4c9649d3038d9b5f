import { DeliveryError } from '../step-errors.js'

const AGAIN = 'Call again: the same payment is presented, never a second one.'
const ELSEWHERE = 'The paid request was redirected, and a payment goes nowhere but to the origin that asked for it.'
const CALL_DIRECTLY = 'Call the final address directly if you trust it; this payment stays counted.'

export const ABORTED_IN_FLIGHT = {
  code: 'ABORTED',
  kind: DeliveryError,
  sentence: 'The call was aborted after the payment was sent.',
  hint: AGAIN,
} as const

/**
 * @page The payment was sent, but no response arrived. Money: `in-doubt`. Call again: the same payment is presented,
 * never a second one.
 *
 * In a browser, a seller on another origin whose CORS settings don't allow the header `PAYMENT-SIGNATURE` ends the
 * same way, although the payment never left: the browser doesn't say which it was. See [in the
 * browser](guides/browser.md#cors-for-sellers).
 */
export const ANSWER_LOST = {
  code: 'ANSWER_LOST',
  kind: DeliveryError,
  sentence: 'The payment was sent, but no response arrived.',
  hint: AGAIN,
} as const

export const ANSWER_UNREAD = {
  code: 'ANSWER_LOST',
  kind: DeliveryError,
  sentence: 'The payment was sent, and its response could not be read.',
  hint: AGAIN,
} as const

/** @page The platform hid a redirect of the paid request, so no one knows what became of it. Money: `in-doubt`. */
export const REDIRECTED = { code: 'REDIRECTED', kind: DeliveryError, sentence: ELSEWHERE, hint: CALL_DIRECTLY } as const

/**
 * @page The paid request was redirected to another origin, or too many times. The payment wasn't sent there. Money:
 * `in-doubt`.
 */
export const REDIRECTED_ELSEWHERE = {
  code: 'REDIRECTED_ELSEWHERE',
  kind: DeliveryError,
  sentence: ELSEWHERE,
  hint: CALL_DIRECTLY,
} as const

export const LEDGER_UNAVAILABLE_TO_SEND = {
  code: 'LEDGER_UNAVAILABLE',
  kind: DeliveryError,
  sentence: 'The ledger could not write the payment down, so it was not sent.',
  hint: 'See the cause. Nothing was sent by this call.',
} as const

/** A payment that can't be looked up may be waiting to be presented again. */
export const LEDGER_UNAVAILABLE_TO_CLAIM = {
  code: 'LEDGER_UNAVAILABLE',
  kind: DeliveryError,
  money: 'untouched',
  sentence: 'Refused to pay: the ledger could not say whether this was paid already.',
  hint: 'See the cause; nothing is signed while the ledger can’t be read.',
} as const

/** Of a payment that waits to be presented again. */
export const LEDGER_UNAVAILABLE_TO_PRESENT = {
  code: 'LEDGER_UNAVAILABLE',
  kind: DeliveryError,
  sentence: 'Did not present an earlier payment again: the ledger could not say whether it may be.',
  hint: 'See the cause. The payment stays as it is, and the same call presents it once the ledger can be read.',
} as const

/**
 * @page The request can be sent only once: its body or headers are a stream, or it is a request object of another
 * library. Money: `untouched`. Send a string, bytes, a Blob, FormData or URLSearchParams.
 */
export const BODY_NOT_REPLAYABLE = {
  code: 'BODY_NOT_REPLAYABLE',
  kind: DeliveryError,
  money: 'untouched',
  sentence: 'Refused to pay: the request can’t be replayed, because its body or headers are a stream.',
  hint: 'Send a string, bytes, a Blob, FormData or URLSearchParams, plain headers, and a Request of the platform’s own.',
} as const

/**
 * Once the payment has left by it, it would be too late.
 *
 * @page The `transport` in your axios config isn't one that pay402 knows, and may follow a redirect to another origin
 * with the payment. Money: `untouched`. Use an agent (`httpAgent`, `httpsAgent`) instead. If the transport follows no
 * redirects, say so: `wrapAxiosWithPayment(instance, client, { redirects: 'never-followed' })`. See [adapters and
 * transports](guides/axios.md#adapters).
 *
 * `wrapFetchWithPayment` throws this for a fetch that is made of XMLHttpRequest, such as React Native's own. See
 * [React Native](guides/react-native.md#redirects).
 */
export const TRANSPORT_MAY_REDIRECT = {
  code: 'TRANSPORT_MAY_REDIRECT',
  kind: DeliveryError,
  money: 'untouched',
  sentence: 'Refused to pay: the transport of this request may follow a redirect, with the payment, to another origin.',
  hint: "Send it by something that follows none by itself, or give your word for it: wrap with `{ redirects: 'never-followed' }`.",
} as const

/**
 * Limits and lists go by the address; who answers may go by the header.
 *
 * @page The request has a `Host` header that names another host than its address. A shared server goes by that
 * header, while limits, pins and lists go by the address. Money: `untouched`. Call that host by its own address, and
 * leave the header to your HTTP library.
 */
export const HOST_HEADER_DIFFERS = {
  code: 'HOST_HEADER_DIFFERS',
  kind: DeliveryError,
  money: 'untouched',
  sentence: 'Refused to pay: the `Host` header of this request names another host than its address.',
  hint: 'Call that host by its own address: it is what limits hold to, and what the payment is listed under.',
} as const

/**
 * @page The request, or a header that a hook returned, already carries a payment. Money: `untouched`. Leave that
 * header to pay402.
 */
export const PAYMENT_HEADER_PRESENT = {
  code: 'PAYMENT_HEADER_PRESENT',
  kind: DeliveryError,
  money: 'untouched',
  sentence: 'Refused to pay: the request already carries a payment.',
  hint: 'Leave the payment header to pay402, or call the unwrapped fetch.',
} as const

/** A hook's headers may say who is asking, but a payment is made only by the steps. */
export const PAYMENT_HEADER_BY_HOOK = {
  code: 'PAYMENT_HEADER_PRESENT',
  kind: DeliveryError,
  money: 'untouched',
  sentence: 'Refused to ask again: a hook returned a payment header, {header}.',
  hint: 'Payments are made by schemes, under the limits; a hook may return any other header.',
} as const

/**
 * @page Another call is making this purchase, or made it while this call waited, and this call can't
 * share its response. That is so if the other call came through another wrapper, such as axios, if it has the same
 * key in another process, or if this call says [`inFlight:
 * 'refuse'`](concepts/where-the-money-is.md#equal-calls-at-once). Or another call has been presenting the same
 * payment for five seconds.
 *
 * This call signed nothing. `money` is where the other call's money is. Wait for the other call: if its response is
 * lost, calling again presents its payment.
 */
export const PURCHASE_UNDER_WAY = {
  code: 'PURCHASE_UNDER_WAY',
  kind: DeliveryError,
  sentence: 'Refused to pay: this purchase is already under way, by another call.',
  hint: 'This call signed nothing. Wait for the other one; if its response is lost, calling again presents its payment.',
} as const

/**
 * @page The key names another request, whose purchase is open, in flight, or was delivered within `purchaseFor`. This
 * call wasn't given what that request bought. Money: `untouched`. Give each request its own key. Another method,
 * address, body or tag makes it another request; a new token or cookie doesn't.
 */
export const PURCHASE_KEY_REUSED = {
  code: 'PURCHASE_KEY_REUSED',
  kind: DeliveryError,
  money: 'untouched',
  sentence: 'Refused to pay: this key names another request, whose purchase is not over.',
  hint: 'Give each request a key of its own. A new token or cookie doesn’t make it another request; method, address, body and tags do.',
} as const

/**
 * @page Several calls share one response, and this one was read more than 1 MiB behind the fastest. The payment was
 * made and delivered; `error.facts.payment` names it, and `money` says where its money is. The other calls read on.
 * Read a shared body as it comes, or set [`inFlight: 'separate'`](concepts/where-the-money-is.md#equal-calls-at-once)
 * for calls that each buy their own.
 */
export const COPY_FELL_BEHIND = {
  code: 'COPY_FELL_BEHIND',
  kind: DeliveryError,
  sentence: 'The response is shared with other calls, and this one was read more than 1 MiB behind another one.',
  hint: "It was paid for, and no more of it is kept. Read a shared body as it comes, or set `inFlight: 'separate'` for calls that each buy their own.",
} as const
