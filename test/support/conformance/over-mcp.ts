/** Whether the situations of a file run through MCP: all, none and why, or all but those whose names hold a text, and why. */
type Decision = 'all' | { readonly none: string } | { readonly but: Readonly<Record<string, string>> }

/**
 * Tells why a situation has no meaning for tools.
 *
 * @param file - The test's.
 * @returns `undefined` when it has one.
 * @throws When nobody decided.
 */
export function whyNotOverMcp(file: string, situation: string): string | undefined {
  const name = Object.keys(OVER_MCP).find((known) => file.endsWith(`/promises/${known}.test.ts`))
  const decision = name === undefined ? undefined : OVER_MCP[name]
  if (decision === undefined) throw new Error(`whether ${file} runs through MCP has to be said in over-mcp.ts`)
  if (decision === 'all') return undefined
  if ('none' in decision) return decision.none
  return Object.entries(decision.but).find(([text]) => situation.includes(text))?.[1]
}

const HEADER = 'neither terms nor payment are headers'
const TOKEN = 'credentials belong to the connection'
const STATUS = 'a result has no status'
const WHOLE = 'a result comes whole'
const TOOL = 'a tool is one resource, whatever its arguments'
const VERSION = 'terms are known by their version and their offers'

/** Each file with situations for every door. */
export const OVER_MCP: Readonly<Record<string, Decision>> = {
  'attacks/answers-oddly': { none: STATUS },
  'attacks/asks-again-in-another-form': { none: WHOLE },
  'attacks/wears-down-honest-buyers': { none: WHOLE },
  'r1-one-live-payment/goes-on-after-honest-refusals': 'all',
  'r1-one-live-payment/holds-a-key-to-its-request': { but: { 'takes a key with another': TOKEN } },
  'r1-one-live-payment/keeps-tenants-apart': {
    but: { 'an Authorization': TOKEN, 'an API key': TOKEN, 'a cookie': TOKEN, 'a header of its own': TOKEN },
  },
  'r1-one-live-payment/makes-forty-purchases-of-forty-calls': 'all',
  'r1-one-live-payment/makes-one-authorization-when-the-seller-keeps-asking': 'all',
  'r1-one-live-payment/makes-one-payment-of-a-refreshed-token': { none: TOKEN },
  'r1-one-live-payment/makes-one-purchase-of-one-key': 'all',
  'r1-one-live-payment/names-a-purchase-before-any-redirect': { none: 'a call of a tool is not redirected' },
  'r1-one-live-payment/never-redelivers-when-told-not-to': 'all',
  'r1-one-live-payment/never-shows-one-buyer-what-another-paid-for': { but: { 'never shows one buyer': TOKEN } },
  'r1-one-live-payment/obeys-retry-after-with-the-same-payment': {
    none: 'a result has no status that says when to ask again',
  },
  'r1-one-live-payment/pays-once-and-returns-the-paid-answer': 'all',
  'r1-one-live-payment/presents-a-lost-payment-again-by-itself': 'all',
  'r1-one-live-payment/presents-a-post-again-only-where-that-is-safe': {
    but: { 'presents it again after a 503': STATUS },
  },
  'r1-one-live-payment/presents-the-same-payment-after-a-4xx': 'all',
  'r1-one-live-payment/presents-what-its-own-name-lost': { but: { ', with another token': TOKEN } },
  'r1-one-live-payment/waits-for-a-settlement-that-is-pending': 'all',
  'r2-what-left-counts/counts-a-payment-that-is-only-accepted': {
    but: { 'presents a payment again that is accepted and not delivered': STATUS },
  },
  'r2-what-left-counts/stays-in-doubt-when-the-answer-is-lost': 'all',
  'r2-what-left-counts/tells-by-the-status-what-was-delivered': { none: STATUS },
  'r2-what-left-counts/tells-how-far-the-clocks-are-apart': {
    but: { 'tells that our clock is': 'a result has no date' },
  },
  'r3-reserve-first/counts-a-late-signature-from-when-it-came': 'all',
  'r3-reserve-first/never-pays-after-an-abort': { but: { 'presents nothing again once the call is aborted': STATUS } },
  'r3-reserve-first/releases-a-payment-that-never-left': 'all',
  'r4-closed-caps/approvals-that-travel': 'all',
  'r4-closed-caps/asks-no-one-in-vain': 'all',
  'r4-closed-caps/asks-the-limits-before-presenting-again': { but: { 'asks nobody again': STATUS } },
  'r4-closed-caps/buys-each-resource-once': {
    but: {
      'and others all the same': TOOL,
      'to another address each time': 'a call of a tool is not redirected',
      'as an amount allows': TOOL,
      'tells queries apart': TOOL,
    },
  },
  'r4-closed-caps/compares-the-resource-with-who-asks': 'all',
  'r4-closed-caps/counts-what-it-presents-with-what-it-buys': 'all',
  'r4-closed-caps/each-tag-by-itself': 'all',
  'r4-closed-caps/holds-its-limits': { but: { 'above the default limit of a dollar': TOOL } },
  'r4-closed-caps/lasting-names': 'all',
  'r4-closed-caps/limits-are-replaced-meanwhile': 'all',
  'r4-closed-caps/never-floods-whoever-approves': 'all',
  'r4-closed-caps/one-402-and-two-buyers': 'all',
  'r4-closed-caps/owners-limits-are-not-told': 'all',
  'r4-closed-caps/pays-only-flows-that-are-allowed': 'all',
  'r4-closed-caps/r4-any-clock': 'all',
  'r4-closed-caps/signs-nothing-for-bad-terms': {
    but: { 'no version': VERSION, 'a list instead of an object': VERSION },
  },
  'r4-closed-caps/takes-the-cheapest-of-the-first-scheme': 'all',
  'r5-the-retry-is-the-request/echoes-what-only-the-body-declares': { none: 'terms stand in one place' },
  'r5-the-retry-is-the-request/keeps-a-free-call-untouched': 'all',
  'r5-the-retry-is-the-request/keeps-the-payment-header-short': { none: HEADER },
  'r5-the-retry-is-the-request/reads-every-dialect': {
    but: {
      'accepts is missing': VERSION,
      'a header that': HEADER,
      'by the header': HEADER,
      'without a header': HEADER,
    },
  },
  'r5-the-retry-is-the-request/returns-a-402-that-is-not-x402': 'all',
  'r5-the-retry-is-the-request/reuses-the-connection': { none: 'its connection is the SDK’s' },
  'r5-the-retry-is-the-request/sends-accepted-exactly-as-offered': 'all',
  'r5-the-retry-is-the-request/sends-the-same-request-again': { none: 'arguments are JSON, and go with no header' },
  'r6-evidence/reads-why-a-seller-refuses-in-the-body': { but: { 'tells no reason when the body': WHOLE } },
  'r6-evidence/says-when-a-payment-was-taken-and-not-delivered': 'all',
  'r7-paid-responses/bounds-what-callers-share': { none: WHOLE },
  'r7-paid-responses/bounds-what-it-reads': { none: WHOLE },
  'r7-paid-responses/counts-a-paid-answer-without-a-body': { none: WHOLE },
  'r7-paid-responses/ends-whatever-becomes-of-the-paid-answer': { none: WHOLE },
  'r7-paid-responses/hands-over-a-failure-after-the-payment': { but: { 'a 500': STATUS, 'a 503': STATUS } },
  'r7-paid-responses/hands-over-an-answer-whatever-its-receipt': 'all',
  'r7-paid-responses/lets-answers-flow': { none: WHOLE },
  'r8-the-origin-that-asked/asks-only-where-it-may': {
    but: {
      'a redirect (': 'a call of a tool is not redirected',
      'follows redirects': 'a call of a tool is not redirected',
      'hands no credentials': TOKEN,
    },
  },
  'r8-the-origin-that-asked/follows-a-redirect-within-the-origin': { none: 'a call of a tool is not redirected' },
  'r8-the-origin-that-asked/never-carries-a-payment-elsewhere': { none: 'a call of a tool is not redirected' },
  'r8-the-origin-that-asked/never-pays-over-plain-http': 'all',
  'r8-the-origin-that-asked/never-pays-terms-from-a-cache': { none: 'no cache keeps results' },
  'r8-the-origin-that-asked/pays-a-redirected-origin-only-when-allowed': { none: 'a call of a tool is not redirected' },
  'r8-the-origin-that-asked/refuses-a-challenge-from-elsewhere': { none: 'a call of a tool is not redirected' },
  'r8-the-origin-that-asked/sends-hooks-headers-only-where-it-may-pay': { none: HEADER },
  'r9-exposure/holds-a-deposit-to-its-limits': 'all',
}
