/** What `diagnose` finds, and what to do about it. The codes are on `docs/guides/diagnose.md`; a test holds the page to this file. */

export const NO_RESPONSE = {
  code: 'NO_RESPONSE',
  blocks: true,
  sentence: 'No response came: {cause}.',
  hint: 'Check the address and your connection. A browser hides why: the seller’s CORS may forbid the request, which the console says.',
} as const

export const FREE = {
  code: 'FREE',
  blocks: false,
  sentence: 'The seller asks for no money: it responded {status}.',
  hint: 'There is nothing to pay. If you expected a price, check the address, the method and your headers: some sellers let callers in whom they know.',
} as const

export const NOT_ASKING = {
  code: 'NOT_ASKING',
  blocks: true,
  sentence: 'The seller responded {status} in place of a 402, so it asks for no money yet.',
  hint: '{advice}',
} as const

export const PAY_PER_CRAWL = {
  code: 'PAY_PER_CRAWL',
  blocks: true,
  sentence: 'This is Cloudflare’s Pay Per Crawl and not x402: it charges crawlers {price}.',
  hint: 'pay402 can’t pay it. A crawler registers with Cloudflare, signs its requests (Web Bot Auth) and sends `crawler-exact-price`; anyone else has to ask the site.',
} as const

export const OTHER_PROTOCOL = {
  code: 'OTHER_PROTOCOL',
  blocks: true,
  sentence: 'The 402 asks to be paid by {protocol}, which isn’t x402.',
  hint: 'pay402 can’t pay it. Ask the seller whether it takes x402, too, or use a client of that protocol.',
} as const

export const NOT_X402 = {
  code: 'NOT_X402',
  blocks: true,
  sentence: 'The 402 isn’t x402: it has no `PAYMENT-REQUIRED` header, and its body is {body}.',
  hint: 'Ask the seller how it wants to be paid.',
} as const

export const V1_BODY_ONLY = {
  code: 'V1_BODY_ONLY',
  blocks: false,
  sentence: 'The terms are those of protocol 1, in the body alone.',
  hint: 'pay402 pays them. A buyer that knows only protocol 2 doesn’t see them: the seller should send `PAYMENT-REQUIRED`, too.',
} as const

export const TERMS_IN_BODY = {
  code: 'TERMS_IN_BODY',
  blocks: false,
  sentence: 'The terms are in the body, without the header that protocol 2 has for them.',
  hint: 'pay402 reads them there. Other buyers don’t: the seller should send `PAYMENT-REQUIRED`.',
} as const

export const CACHED_TERMS = {
  code: 'TERMS_FROM_CACHE',
  blocks: false,
  sentence: 'The terms come from a cache.',
  hint: 'A call asks for them once more past the cache, and pays no terms that are still old. The seller’s 402 needs `Cache-Control: no-store`.',
} as const

export const NETWORK_MISSPELLED = {
  code: 'NETWORK_MISSPELLED',
  blocks: true,
  sentence: '{which} names the network {said}, which protocol {version} doesn’t know. Did you mean `{meant}`{name}?',
  hint: 'The seller has to mend it: no client guesses on which chain it pays.',
} as const

export const NETWORK_UNKNOWN = {
  code: 'NETWORK_UNKNOWN',
  blocks: true,
  sentence: '{which} names the network {said}, which protocol {version} doesn’t know.',
  hint: 'The seller has to write it as CAIP-2 does: a namespace, a colon, and the chain’s id.',
} as const

export const ASSET_ELSEWHERE = {
  code: 'ASSET_ELSEWHERE',
  blocks: false,
  sentence: '{which} names an asset that isn’t known on {network}; at this address it is {symbol} on {elsewhere}.',
  hint: 'Ask the seller which of the two it means. One of them is probably a slip.',
} as const

export const NO_SIGNER = {
  code: 'NO_SIGNER',
  blocks: true,
  sentence: '{which} asks for {scheme} on {network}, and this client has no signer for that.',
  hint: 'Register a scheme: `{registration}`.',
} as const

export const OFFER_REFUSED = {
  code: 'OFFER_REFUSED',
  blocks: true,
  sentence: '{which} can’t be signed, since {reason}.',
  hint: 'If your options don’t forbid it, the seller has to mend it.',
} as const

export const ONLY_TESTNET = {
  code: 'ONLY_TESTNET',
  blocks: false,
  sentence: 'Every offer is on a test network, where money is play money: {networks}.',
  hint: 'Pay with tokens of a faucet. If you expected to pay real money, ask the seller for its production address.',
} as const

export const FACILITATOR_LACKS = {
  code: 'FACILITATOR_LACKS',
  blocks: true,
  sentence:
    '{which} asks for {scheme} on {network} in protocol {version}, and the facilitator supports none of that. It has {has}.',
  hint: 'The seller has to offer what its facilitator settles, or to take another facilitator.',
} as const

export const FACILITATOR_SILENT = {
  code: 'FACILITATOR_SILENT',
  blocks: false,
  sentence: 'The facilitator didn’t say what it supports: {cause}.',
  hint: 'Check its address. It has to answer `GET {url}` with a list of `kinds`.',
} as const

export const CORS_HIDES_TERMS = {
  code: 'CORS_HIDES_TERMS',
  blocks: true,
  sentence: 'CORS hides the terms from a page of {origin}.',
  hint: 'The seller has to send `Access-Control-Expose-Headers: PAYMENT-REQUIRED, PAYMENT-RESPONSE` with its responses.',
} as const

export const CORS_FORBIDS_ORIGIN = {
  code: 'CORS_FORBIDS_ORIGIN',
  blocks: true,
  sentence: 'CORS lets no page of {origin} read a response.',
  hint: 'The seller has to send `Access-Control-Allow-Origin` with that origin or `*`, also with its 402.',
} as const

export const CORS_FORBIDS_PAYMENT = {
  code: 'CORS_FORBIDS_PAYMENT',
  blocks: true,
  sentence: 'CORS lets no page of {origin} send a payment.',
  hint: 'The seller has to answer OPTIONS with a 2xx and `Access-Control-Allow-Headers: {header}`.',
} as const

export const CORS_HIDES_RECEIPT = {
  code: 'CORS_HIDES_RECEIPT',
  blocks: false,
  sentence: 'CORS hides the receipt from a page of {origin}, so the money of every payment stays in doubt.',
  hint: 'The seller has to name `PAYMENT-RESPONSE` in `Access-Control-Expose-Headers`, too.',
} as const

export const NO_FUNDS = {
  code: 'NO_FUNDS',
  blocks: true,
  sentence: 'The wallet {payer} holds {balance}, and {price} are needed on {network}.',
  hint: 'Send it the difference in that token, or pay another offer: `prefer: { funded: true }` leaves out what the wallet can’t fund.',
} as const

export const FUNDS_UNKNOWN = {
  code: 'FUNDS_UNKNOWN',
  blocks: false,
  sentence: 'What the wallet {payer} holds on {network} isn’t known.',
  hint: 'Give its scheme a source to ask in `rpc`, or check why the one that it has doesn’t answer.',
} as const

export const ALLOWANCE_MISSING = {
  code: 'ALLOWANCE_MISSING',
  blocks: true,
  sentence: 'The contract {spender} may take {allowed} of the wallet {payer}, and {price} are needed on {network}.',
  hint: 'Allow it once from that wallet, with `approvePermit2` of the scheme’s entry; it costs gas.',
} as const

export const ALLOWANCE_TO_SIGN = {
  code: 'ALLOWANCE_TO_SIGN',
  blocks: false,
  sentence:
    'The contract {spender} may take {allowed} of the wallet {payer}, so an allowance is signed along with the payment.',
  hint: 'Nothing has to be done: the seller submits it. Whoever approves is shown it.',
} as const

export const CLOCK_OFF = {
  code: 'CLOCK_OFF',
  blocks: false,
  sentence: 'Your clock is {seconds} seconds {side} the seller’s.',
  hint: 'Set the clock of this machine, by NTP. What is signed by a clock that is late may have ended when it arrives.',
} as const

export const ORIGIN_PAUSED = {
  code: 'CIRCUIT_OPEN',
  blocks: true,
  sentence: 'This client buys nothing of {origin} for {seconds} more seconds, since payments there brought nothing.',
  hint: 'Ask the seller what went wrong; `client.resetCircuit(origin)` ends the pause.',
} as const
