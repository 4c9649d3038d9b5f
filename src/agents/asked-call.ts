import * as z from 'zod'
import { readDollars } from './dollars.js'
import { toOneLine } from './visible-text.js'

/** Longest address and body that a model may send, in characters. */
const MAX_URL = 8192
const MAX_BODY = 262_144

/** Most headers of a model, and the longest value. */
const MAX_HEADERS = 20
const MAX_HEADER = 1024

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']

/**
 * Headers that aren't the model's to set: payments and keys, who it is, where the request goes and how it travels. Sources: x402 version 1 and 2, and
 * RFC 9110, section 7.6.1.
 */
const NOT_ITS_OWN =
  /^(?:payment-.*|x-payment.*|authorization|proxy-.*|cookie2?|(?:x-)?api-?key|x-.*(?:token|key|secret|auth).*|x-(?:tenant|user)-id|idempotency-key|host|connection|keep-alive|te|trailer|transfer-encoding|upgrade|via|content-length|content-encoding|expect|origin|referer|forwarded|x-forwarded-.*|x-real-ip|sec-.*|access-control-.*|x-http-method.*|x-method-override)$/

/** One call as a model may write it; every field but `url` may be left out or `null`. */
export const callSchema = z.object({
  url: z.string().describe('The whole address, with https://.'),
  method: z.string().nullish().describe('GET (default), HEAD, POST, PUT, PATCH or DELETE.'),
  headers: z
    .array(z.object({ name: z.string(), value: z.string() }))
    .nullish()
    .describe('Headers such as accept or content-type. Never put keys, cookies or payments here.'),
  body: z.string().nullish().describe('The body of a POST, PUT or PATCH; JSON unless content-type says otherwise.'),
  max: z.string().nullish().describe('The most that this call may cost, in dollars, such as "$0.05".'),
  fresh: z
    .boolean()
    .nullish()
    .describe('true buys again what was bought a moment ago. Leave it out unless you need newer data.'),
})

/** What only a price needs. */
export const priceSchema = z.object({
  url: z.string().describe('The whole address, with https://.'),
  method: z.string().nullish().describe('GET (default) or HEAD.'),
})

/** A call that was read, and can be sent. */
export type AskedCall = {
  readonly url: string
  readonly host: string
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
  readonly max: string | undefined
  readonly isFresh: boolean
  /** Repeating it changes nothing at the server. */
  readonly isSafe: boolean
  /** Equal for calls that ask for the same. */
  readonly key: string
}

/**
 * Reads what a model wrote.
 *
 * @returns The call, or what is wrong with it, in a sentence for the model.
 */
export function readCall(input: unknown): AskedCall | { readonly problem: string } {
  const { data } = callSchema.safeParse(input)
  if (data === undefined) return { problem: describeShape(input) }
  // Models leave a field empty where they mean to leave it out.
  const method = (data.method?.trim() || 'GET').toUpperCase()
  const isSafe = method === 'GET' || method === 'HEAD'
  const body = data.body === null || (isSafe && data.body === '') ? undefined : data.body
  const given = data.max?.trim() || undefined
  const max = given && readDollars(given)
  const url = readAddress(data.url)
  const problem = url.problem ?? findProblem({ method, body, max, given })
  if (problem !== undefined || url.value === undefined) return { problem: problem ?? 'The address can not be read.' }
  const headers = readHeaders(data.headers ?? [])
  if ('problem' in headers) return { problem: headers.problem }
  const own = withContentType(headers.value, body)
  return {
    url: url.value.href,
    host: url.value.host,
    method,
    headers: own,
    body,
    max,
    isFresh: data.fresh ?? false,
    isSafe,
    key: JSON.stringify([method, url.value.href, Object.entries(own).sort(), body]),
  }
}

function findProblem({
  method,
  body,
  max,
  given,
}: {
  method: string
  body: string | undefined
  max: string | undefined
  given: string | undefined
}): string | undefined {
  if (!METHODS.includes(method)) return `The method must be one of ${METHODS.join(', ')}.`
  if (body !== undefined && !['POST', 'PUT', 'PATCH', 'DELETE'].includes(method)) {
    return `A ${method} has no body: leave it out, or use another method.`
  }
  if (body !== undefined && body.length > MAX_BODY) return `The body has more than ${MAX_BODY} characters.`
  if (given !== undefined && max === undefined) return 'Write `max` as dollars, such as "$0.05".'
  return undefined
}

/** From path and code, never in a library's words. */
function describeShape(input: unknown): string {
  if (typeof input !== 'object' || input === null) return 'The input must be an object with a `url`.'
  const { error } = callSchema.safeParse(input)
  const [field = 'url'] = error?.issues[0]?.path ?? []
  const name = String(field)
  return Object.hasOwn(KINDS, name)
    ? `The field \`${name}\` must be ${KINDS[name]}.`
    : `The field \`${name}\` is missing or of the wrong kind.`
}

/** What each field must be, for whom the schema alone didn't tell. */
const KINDS: Readonly<Record<string, string>> = {
  url: 'a text: the whole address, with https://',
  method: 'a text, such as "POST"',
  headers: 'a list, such as [{ "name": "accept", "value": "text/csv" }]',
  body: 'a text; write JSON as a text',
  max: 'a text of dollars, such as "$0.05"',
  fresh: 'true or false',
}

function readAddress(text: string): { readonly value?: URL; readonly problem?: string } {
  if (text.length > MAX_URL) return { problem: `The address has more than ${MAX_URL} characters.` }
  if (!URL.canParse(text)) return { problem: 'The address is not complete. Write it whole, with https://.' }
  const url = new URL(text)
  if (!['https:', 'http:'].includes(url.protocol)) return { problem: 'Only http and https addresses can be fetched.' }
  if (url.username !== '' || url.password !== '') {
    return { problem: 'The address holds a user name or a password. Leave them out.' }
  }
  url.hash = ''
  return { value: url }
}

function readHeaders(
  given: readonly { readonly name: string; readonly value: string }[],
): { readonly value: Readonly<Record<string, string>> } | { readonly problem: string } {
  if (given.length > MAX_HEADERS) return { problem: `At most ${MAX_HEADERS} headers may be set.` }
  const headers: Record<string, string> = {}
  for (const { name, value } of given) {
    const lower = name.trim().toLowerCase()
    if (!/^[!#$%&'*+.^_`|~0-9a-z-]{1,64}$/.test(lower)) return { problem: 'A header has a name that is not one.' }
    if (NOT_ITS_OWN.test(lower)) {
      return {
        problem: `The header ${toOneLine(lower)} is not yours to set. Leave it out; it is added if it is needed.`,
      }
    }
    if (value.length > MAX_HEADER || /[^\t\x20-\x7e\x80-\xff]/.test(value)) {
      return { problem: `The header ${toOneLine(lower)} is too long, or has characters that headers can't have.` }
    }
    headers[lower] = value
  }
  return { value: headers }
}

/** Models write JSON and forget to say so. */
function withContentType(
  headers: Readonly<Record<string, string>>,
  body: string | undefined,
): Readonly<Record<string, string>> {
  if (body === undefined || headers['content-type'] !== undefined) return headers
  return { ...headers, 'content-type': /^\s*[[{]/.test(body) ? 'application/json' : 'text/plain;charset=UTF-8' }
}
