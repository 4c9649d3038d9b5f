import { ChallengeError, ReceiptError } from '../step-errors.js'

/** @page The 402 can't be read; the message says what is wrong with it. Tell the seller. */
export const CHALLENGE_MALFORMED = {
  code: 'CHALLENGE_MALFORMED',
  kind: ChallengeError,
  money: 'untouched',
  sentence: "Refused to pay: the 402 can't be read, since {problem}.",
  hint: 'Tell the seller what is wrong with it.',
} as const

/** @page The seller speaks a protocol other than 1 and 2. */
export const UNSUPPORTED_VERSION = {
  code: 'UNSUPPORTED_VERSION',
  kind: ChallengeError,
  money: 'untouched',
  sentence: "Refused to pay: the 402 can't be read, since {problem}.",
  hint: 'Tell the seller what is wrong with it.',
} as const

/** Thrown when a 402 was only to be read, and not to be paid. */
export const CHALLENGE_UNREADABLE = {
  code: 'CHALLENGE_MALFORMED',
  kind: ChallengeError,
  money: 'untouched',
  sentence: "The 402 can't be read, since {problem}.",
} as const

/**
 * @page The 402 came from another origin than the one that you called, or a request with a body was redirected. If
 * you trust the final address, call it yourself, or set
 * [`allowRedirectedOrigin`](guides/client-options.md#whom-to-believe) for requests without a body.
 */
export const CHALLENGE_REDIRECTED = {
  code: 'CHALLENGE_REDIRECTED',
  kind: ChallengeError,
  money: 'untouched',
  sentence:
    'Refused to pay: the request was redirected to another origin, which asks for money under the first one’s name.',
  hint: 'Call the final address directly if you trust it, or set `allowRedirectedOrigin`.',
} as const

export const CHALLENGE_REDIRECTED_WITH_BODY = {
  code: 'CHALLENGE_REDIRECTED',
  kind: ChallengeError,
  money: 'untouched',
  sentence:
    'Refused to pay: the request was redirected, and sending its body to another address is not what the caller asked for.',
  hint: 'Call the final address directly if you trust it.',
} as const

/**
 * @page The 402 came over plain HTTP, or a WebSocket of `ws:`, from another machine: anyone in between can change the
 * terms and take the payment. Call the `https` or `wss` address, or set
 * [`allowPlainHttp`](guides/client-options.md#whom-to-believe).
 */
export const INSECURE_TRANSPORT = {
  code: 'INSECURE_TRANSPORT',
  kind: ChallengeError,
  money: 'untouched',
  sentence: 'Refused to pay over plain HTTP: anyone in between can change the terms and take the payment.',
  hint: 'Call the `https` or `wss` address, or set `allowPlainHttp` where you trust the network.',
} as const

/**
 * @page Under `strictResource`: `resource.url` of the terms is of another host than the one that asks for the money.
 */
export const RESOURCE_MISMATCH = {
  code: 'RESOURCE_MISMATCH',
  kind: ChallengeError,
  money: 'untouched',
  sentence: 'Refused to pay: the terms name a resource of another host than the one that asks for the money.',
  hint: 'Tell the seller, or leave `strictResource` out to be warned only.',
} as const

/**
 * @page The 402 has an `Age` header, so it came from a cache, and so did the one that bypassed the caches. Its terms
 * may be another buyer's, or old. The seller's 402 needs `Cache-Control: no-store`.
 */
export const TERMS_FROM_CACHE = {
  code: 'TERMS_FROM_CACHE',
  kind: ChallengeError,
  money: 'untouched',
  sentence: 'Refused to pay: the terms come from a cache, so no one is asking for this money now.',
  hint: 'Tell the seller that its 402 needs `Cache-Control: no-store`, or call it past the cache.',
} as const

/** @page The address of the request has no origin that a payment could be bound to. Give an absolute URL. */
export const URL_NOT_ABSOLUTE = {
  code: 'URL_NOT_ABSOLUTE',
  kind: ChallengeError,
  money: 'untouched',
  sentence: 'Refused to pay: the address of the request is not absolute, so no origin is bound to the payment.',
  hint: 'Give an absolute URL, such as `https://api.example.com/weather`.',
} as const

/** Of a payment that goes over a transport of one's own: protocols that the web doesn't know have no origins. */
export const URL_WITHOUT_ORIGIN = {
  code: 'URL_NOT_ABSOLUTE',
  kind: ChallengeError,
  money: 'untouched',
  sentence: 'Refused to pay: the address has no origin that a payment could be bound to.',
  hint: 'Write it with `https` or `wss`, whatever carries it: of gRPC, `https://api.example.com/package.Service/Method`.',
} as const

/** @page The header isn't a receipt. */
export const RECEIPT_MALFORMED = {
  code: 'RECEIPT_MALFORMED',
  kind: ReceiptError,
  money: 'in-doubt',
  sentence: "The receipt can't be read, since {problem}.",
  hint: 'An unreadable receipt proves nothing: the payment may have been taken.',
} as const

/** @page The response has no receipt header. That proves nothing: the payment may have been taken. */
export const RECEIPT_MISSING = {
  code: 'RECEIPT_MISSING',
  kind: ReceiptError,
  money: 'in-doubt',
  sentence: 'The response has no {header} header.',
  hint: 'A missing receipt proves nothing: the payment may have been taken.',
} as const
