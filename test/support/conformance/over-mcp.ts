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

export const OVER_MCP: Readonly<Record<string, Decision>> = {
  'attacks/answers-oddly': 'all',
  'attacks/asks-again-in-another-form': 'all',
  'attacks/wears-down-honest-buyers': 'all',
  'r1-one-live-payment/goes-on-after-honest-refusals': 'all',
  'r1-one-live-payment/holds-a-key-to-its-request': 'all',
  'r1-one-live-payment/keeps-tenants-apart': 'all',
  'r1-one-live-payment/makes-forty-purchases-of-forty-calls': 'all',
  'r1-one-live-payment/makes-one-authorization-when-the-seller-keeps-asking': 'all',
  'r1-one-live-payment/makes-one-payment-of-a-refreshed-token': 'all',
  'r1-one-live-payment/makes-one-purchase-of-one-key': 'all',
  'r1-one-live-payment/names-a-purchase-before-any-redirect': 'all',
  'r1-one-live-payment/never-redelivers-when-told-not-to': 'all',
  'r1-one-live-payment/never-shows-one-buyer-what-another-paid-for': 'all',
  'r1-one-live-payment/obeys-retry-after-with-the-same-payment': 'all',
  'r1-one-live-payment/pays-once-and-returns-the-paid-answer': 'all',
  'r1-one-live-payment/presents-a-lost-payment-again-by-itself': 'all',
  'r1-one-live-payment/presents-a-post-again-only-where-that-is-safe': 'all',
  'r1-one-live-payment/presents-the-same-payment-after-a-4xx': 'all',
  'r1-one-live-payment/presents-what-its-own-name-lost': 'all',
  'r1-one-live-payment/waits-for-a-settlement-that-is-pending': 'all',
  'r2-what-left-counts/counts-a-payment-that-is-only-accepted': 'all',
  'r2-what-left-counts/stays-in-doubt-when-the-answer-is-lost': 'all',
  'r2-what-left-counts/tells-by-the-status-what-was-delivered': 'all',
  'r2-what-left-counts/tells-how-far-the-clocks-are-apart': 'all',
  'r3-reserve-first/counts-a-late-signature-from-when-it-came': 'all',
  'r3-reserve-first/never-pays-after-an-abort': 'all',
  'r3-reserve-first/releases-a-payment-that-never-left': 'all',
  'r4-closed-caps/asks-the-limits-before-presenting-again': 'all',
  'r4-closed-caps/buys-each-resource-once': 'all',
  'r4-closed-caps/compares-the-resource-with-who-asks': 'all',
  'r4-closed-caps/counts-what-it-presents-with-what-it-buys': 'all',
  'r4-closed-caps/each-tag-by-itself': 'all',
  'r4-closed-caps/holds-its-limits': 'all',
  'r4-closed-caps/lasting-names': 'all',
  'r4-closed-caps/never-floods-whoever-approves': 'all',
  'r4-closed-caps/one-402-and-two-buyers': 'all',
  'r4-closed-caps/owners-limits-are-not-told': 'all',
  'r4-closed-caps/pays-only-flows-that-are-allowed': 'all',
  'r4-closed-caps/r4-any-clock': 'all',
  'r4-closed-caps/signs-nothing-for-bad-terms': 'all',
  'r4-closed-caps/takes-the-cheapest-of-the-first-scheme': 'all',
  'r5-the-retry-is-the-request/echoes-what-only-the-body-declares': 'all',
  'r5-the-retry-is-the-request/keeps-a-free-call-untouched': 'all',
  'r5-the-retry-is-the-request/keeps-the-payment-header-short': 'all',
  'r5-the-retry-is-the-request/reads-every-dialect': 'all',
  'r5-the-retry-is-the-request/returns-a-402-that-is-not-x402': 'all',
  'r5-the-retry-is-the-request/reuses-the-connection': 'all',
  'r5-the-retry-is-the-request/sends-accepted-exactly-as-offered': 'all',
  'r5-the-retry-is-the-request/sends-the-same-request-again': 'all',
  'r6-evidence/reads-why-a-seller-refuses-in-the-body': 'all',
  'r6-evidence/says-when-a-payment-was-taken-and-not-delivered': 'all',
  'r7-paid-responses/bounds-what-callers-share': 'all',
  'r7-paid-responses/bounds-what-it-reads': 'all',
  'r7-paid-responses/counts-a-paid-answer-without-a-body': 'all',
  'r7-paid-responses/ends-whatever-becomes-of-the-paid-answer': 'all',
  'r7-paid-responses/hands-over-a-failure-after-the-payment': 'all',
  'r7-paid-responses/hands-over-an-answer-whatever-its-receipt': 'all',
  'r7-paid-responses/lets-answers-flow': 'all',
  'r8-the-origin-that-asked/follows-a-redirect-within-the-origin': 'all',
  'r8-the-origin-that-asked/never-carries-a-payment-elsewhere': 'all',
  'r8-the-origin-that-asked/never-pays-over-plain-http': 'all',
  'r8-the-origin-that-asked/never-pays-terms-from-a-cache': 'all',
  'r8-the-origin-that-asked/pays-a-redirected-origin-only-when-allowed': 'all',
  'r8-the-origin-that-asked/refuses-a-challenge-from-elsewhere': 'all',
  'r8-the-origin-that-asked/sends-hooks-headers-only-where-it-may-pay': 'all',
  'r9-exposure/holds-a-deposit-to-its-limits': 'all',
}
