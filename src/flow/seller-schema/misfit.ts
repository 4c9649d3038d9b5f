import { REQUEST_UNFIT } from '../../errors/catalogue/selection.js'
import { fail } from '../../errors/fail.js'
import type { ChallengeError } from '../../errors/step-errors.js'
import type { PayableRequest } from '../../payment/exchange.js'
import type { Ports } from '../../payment/ports.js'
import type { Challenge } from '../../payment/steps.js'
import { BAZAAR } from '../../wire/extensions.js'
import { isJsonObject, type JsonObject, parseJsonObject } from '../../wire/json.js'
import { cite } from '../../wire/seller-text.js'

/** What a seller says of the fields of a query or a body; empty where it says nothing. */
type Fields = { readonly required: readonly string[]; readonly known: readonly string[] }

/** What a seller's own schema says that a request must be. */
type Expected = { readonly methods: readonly string[]; readonly query: Fields; readonly body: Fields }

/** How a request differs from it. */
export type Misfit = { readonly problem: string | undefined; readonly unknown: readonly string[] }

/**
 * Asserts that the seller's own schema doesn't forbid the request, before it is paid for: by its method, or by a field that is missing. Fields
 * that the schema doesn't know are a warning.
 *
 * @throws {@link ChallengeError} `REQUEST_UNFIT`; nothing was signed.
 */
export async function assertFits(challenge: Challenge, request: PayableRequest, ports: Ports): Promise<void> {
  const misfit = await findMisfit(challenge, request)
  const { call } = challenge
  if (misfit.problem !== undefined && ports.trust.sellerSchema === 'refuse')
    throw createUnfitError(challenge, misfit.problem)
  const said = [misfit.problem, ...misfit.unknown.map((name) => `it doesn’t know ${name}`)].filter(
    (one) => one !== undefined,
  )
  if (said.length === 0) return
  ports.warn({
    code: 'REQUEST_BESIDE_SCHEMA',
    message: `The seller’s own schema doesn’t have ${call.resource} as it is: ${said.join('; ')}.`,
    hint: 'The request is paid for all the same. Compare it with what the seller documents.',
  })
}

/** The error of a request that the seller's own schema forbids. */
export function createUnfitError({ call }: Challenge, problem: string): ChallengeError {
  return fail(REQUEST_UNFIT, { words: { problem }, facts: { resource: call.resource } })
}

/** Compares a request with the schema that its 402 declares. Only what is plainly said is held against it. */
export async function findMisfit(challenge: Challenge, request: Pick<PayableRequest, 'readBody'>): Promise<Misfit> {
  const { call, envelope } = challenge
  const expected = readExpected(envelope.extensions?.[BAZAAR]) ?? readOldExpected(envelope.accepts[0])
  // What it says of a request over HTTP says nothing of one over MCP, whose methods have a slash, as none of HTTP has.
  if (expected === undefined || call.method.includes('/')) return { problem: undefined, unknown: [] }
  const quote = (name: string) => {
    const clean = call.cite(name)
    return clean === undefined ? 'a field without a name' : cite(clean)
  }
  const { methods } = expected
  // Whoever takes a GET takes a HEAD. Source: RFC 9110, section 9.3.2.
  const asked = call.method === 'HEAD' && !methods.includes('HEAD') ? 'GET' : call.method
  if (methods.length > 0 && !methods.includes(asked)) {
    return { problem: `it takes ${methods.slice(0, MAX_NAMED).join(' or ')} and this is a ${call.method}`, unknown: [] }
  }
  const query = [...(call.url?.searchParams.keys() ?? [])]
  const lacking = expected.query.required.find(lacksIn(query))
  if (call.url !== undefined && lacking !== undefined) {
    return { problem: `the query lacks ${quote(lacking)}`, unknown: [] }
  }
  const body = await readFieldsOf(request)
  const missing = body && expected.body.required.find(lacksIn(body))
  if (missing !== undefined) return { problem: `the body lacks ${quote(missing)}`, unknown: [] }
  const unknown = [...listUnknown(query, expected.query), ...listUnknown(body ?? [], expected.body)]
  return { problem: undefined, unknown: unknown.slice(0, MAX_NAMED).map(quote) }
}

/** Most methods that a refusal names, and most fields that a warning does. */
const MAX_NAMED = 5

/** A form writes `ids[]` and `filter[name]` for what a schema calls `ids` and `filter`. */
function toNames(key: string): readonly string[] {
  const end = key.indexOf('[')
  return end > 0 ? [key, key.slice(0, end)] : [key]
}

function lacksIn(keys: readonly string[]): (name: string) => boolean {
  const given = new Set(keys.flatMap(toNames))
  return (name) => !given.has(name)
}

function listUnknown(given: readonly string[], { known }: Fields): string[] {
  const names = new Set(known)
  return known.length === 0 ? [] : [...new Set(given)].filter((key) => !toNames(key).some((name) => names.has(name)))
}

/** The names of what a body holds at its top; `undefined` where that can't be told. */
async function readFieldsOf(request: Pick<PayableRequest, 'readBody'>): Promise<readonly string[] | undefined> {
  if (request.readBody === undefined) return undefined
  const body: unknown = await request.readBody()
  if (body === undefined || body === '') return []
  if (body instanceof FormData || body instanceof URLSearchParams) return [...body.keys()]
  const text = body instanceof Uint8Array ? new TextDecoder().decode(body) : body
  const parsed = typeof text === 'string' ? parseJsonObject(text) : undefined
  return parsed !== undefined && 'value' in parsed ? Object.keys(parsed.value) : undefined
}

/** The bazaar extension of protocol 2. Source: `@x402/extensions` 2.27, `bazaar`, whose `schema` is JSON Schema over `info`. */
function readExpected(extension: unknown): Expected | undefined {
  const info = at(extension, 'info', 'input')
  if (info?.['type'] !== 'http') return undefined
  const schema = at(extension, 'schema', 'properties', 'input', 'properties')
  const listed = at(schema, 'method')?.['enum']
  return {
    // `info` is one example of what the schema allows.
    methods: readMethods([info['method'], ...(Array.isArray(listed) ? listed : [])]),
    query: readFields(at(schema, 'queryParams')),
    body: readFields(at(schema, 'body')),
  }
}

/** `outputSchema.input` of protocol 1, in which each field says for itself whether it is required. Source: `@x402/extensions` 2.27, v1. */
function readOldExpected(entry: unknown): Expected | undefined {
  const input = at(entry, 'outputSchema', 'input')
  if (input?.['type'] !== 'http') return undefined
  return {
    methods: readMethods([input['method']]),
    query: readOldFields(input, ['queryParams', 'query_params', 'query']),
    body: readOldFields(input, ['bodyFields', 'body_fields', 'bodyParams']),
  }
}

function readFields(schema: JsonObject | undefined): Fields {
  const { properties, required, additionalProperties } = schema ?? {}
  const known = isJsonObject(properties) && additionalProperties !== true ? Object.keys(properties) : []
  const names: unknown[] = Array.isArray(required) ? required : []
  // What has a default is filled in: schemas that are made from types list such a field as required.
  const isNeeded = (name: unknown): name is string =>
    typeof name === 'string' && !Object.hasOwn(at(properties, name) ?? {}, 'default')
  return { required: names.filter(isNeeded), known }
}

function readOldFields(input: JsonObject, names: readonly string[]): Fields {
  const fields = names.map((name) => input[name]).find(isJsonObject) ?? {}
  const isRequired = (name: string) => at(fields, name)?.['required'] === true
  return { required: Object.keys(fields).filter(isRequired), known: Object.keys(fields) }
}

function readMethods(values: readonly unknown[]): string[] {
  const methods = values.flatMap((value) =>
    typeof value === 'string' && /^[A-Za-z]{3,10}$/.test(value) ? value.toUpperCase() : [],
  )
  return [...new Set(methods)]
}

/** What is nested under some names; `undefined` where that is no object. */
function at(value: unknown, ...names: readonly string[]): JsonObject | undefined {
  let found: unknown = value
  for (const name of names) found = isJsonObject(found) && Object.hasOwn(found, name) ? found[name] : undefined
  return isJsonObject(found) ? found : undefined
}
