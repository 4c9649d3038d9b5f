import { MAX_BODY_BYTES } from '../wire/challenge.js'
import { parseJsonObject } from '../wire/json.js'
import { type AskedRequest, readText } from './asking.js'
import { CORS_HIDES_TERMS, FREE, NOT_ASKING, NOT_X402, OTHER_PROTOCOL, PAY_PER_CRAWL } from './catalogue.js'
import { type Finding, toFinding } from './finding.js'

/** Says what a response is that asks for no money. */
export function diagnoseUnpriced({ status, ok, headers }: Response): Finding {
  if (ok) return toFinding(FREE, { status })
  return toFinding(NOT_ASKING, { status, advice: adviseOn(status, headers) })
}

function adviseOn(status: number, headers: Headers): string {
  if (status === 401 || status === 403) return 'Send the credentials that the seller wants, then ask again.'
  if (status === 404 || status === 410) return 'Check the address.'
  if (status === 405) {
    const methods = (headers.get('allow') ?? '').split(/[\s,]+/).filter((name) => /^[A-Z]{3,10}$/.test(name))
    const allowed = methods.length === 0 ? '' : ` It takes ${methods.join(', ')}.`
    return `Ask by another method: \`init: { method }\`.${allowed}`
  }
  if (status === 408 || status === 425 || status === 429) return 'Ask again later.'
  if (status >= 500) return 'The seller fails by itself. Ask again later, or tell it.'
  return 'Some sellers check a request before they ask for money: check its query, headers and body.'
}

/** Other ways to be paid, by how `WWW-Authenticate` begins. Sources: the L402 specification; the "Payment" scheme of mppx 0.11. */
const PROTOCOLS: readonly (readonly [begins: RegExp, protocol: string])[] = [
  [/^(L402|LSAT)\b/i, 'L402, over Lightning'],
  [/^Payment\b/i, 'the Machine Payments Protocol (MPP)'],
]

/** Says what a 402 is that has no terms of x402. */
export async function diagnoseOther402(response: Response, asked: AskedRequest): Promise<Finding> {
  const { headers, type } = response
  // Source: Cloudflare, "Pay Per Crawl", "Crawl pages".
  const price = headers.get('crawler-price')
  if (price !== null || headers.get('crawler-error') !== null) {
    const isPrice = price !== null && /^[A-Z]{3} [0-9]{1,9}(\.[0-9]{1,18})?$/.test(price)
    return toFinding(PAY_PER_CRAWL, { price: isPrice ? price : 'a price that it doesn’t name plainly' })
  }
  const challenge = headers.get('www-authenticate')?.trim() ?? ''
  const other = PROTOCOLS.find(([begins]) => begins.test(challenge))
  if (other !== undefined) return toFinding(OTHER_PROTOCOL, { protocol: other[1] })
  const body = await describeBody(response, asked)
  if (type === 'cors') return toFinding(CORS_HIDES_TERMS, { origin: globalThis.location?.origin ?? 'this origin' })
  return toFinding(NOT_X402, { body })
}

async function describeBody(response: Response, asked: AskedRequest): Promise<string> {
  if (response.headers.get('content-type')?.includes('html')) return 'a page for people'
  const text = await readText(response, MAX_BODY_BYTES, asked)
  if (text === undefined) return 'too long or too slow to be read'
  if (text.trim() === '') return 'empty'
  const parsed = parseJsonObject(text)
  if ('problem' in parsed) return 'no JSON object'
  return Object.hasOwn(parsed.value, 'accepts')
    ? 'JSON with `accepts` and without the `x402Version` that belongs to it'
    : 'JSON without `x402Version`'
}
