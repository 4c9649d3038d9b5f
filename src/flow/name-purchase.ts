import { toOrigin } from '../wire/host.js'
import { toPurchaseUrl } from '../wire/resource-url.js'
import { digestText } from './digest.js'
import type { PurchaseRules } from './ports.js'

/**
 * Headers that say who the caller is. They tell one buyer's purchase from another's, and no message shows what is in them. Source: the Fetch
 * standard's and curl's credential headers, and the names that API gateways use most.
 */
const CREDENTIAL_HEADERS = [
  'authorization',
  'cookie',
  'x-api-key',
  'api-key',
  'x-auth-token',
  'x-access-token',
  'x-tenant-id',
  'x-user-id',
  'proxy-authorization',
]

/** Those of them that change between two tries of one buyer: a token is refreshed, a session renewed. */
const CHANGING_HEADERS = ['authorization', 'cookie']

/** Both names of a purchase; see `Claimant`. */
export type PurchaseNames = {
  readonly exact: string
  readonly coarse: string | undefined
}

/** What a purchase is named by. */
export type NamedCall = {
  readonly method: string
  /** What the caller wrote, before any redirect; `undefined` where nobody said it. */
  readonly asked: URL | undefined
  /** The key of the caller's, where there is one. */
  readonly key: string | undefined
  readonly tags: readonly string[]
  header(name: string): string | null
  digestBody(): Promise<string>
}

/** The names of the headers that hold what only the seller and the caller may know. */
export function listCredentialHeaders({ headers }: Pick<PurchaseRules, 'headers'>): readonly string[] {
  return [...new Set([...CREDENTIAL_HEADERS, ...headers])]
}

/**
 * Names a purchase by what the caller wrote: a redirect of the seller's doesn't make it another one.
 *
 * Under a key the coarse name is that of the request, so that another request under the same key is known.
 */
export async function namePurchase(call: NamedCall, rules: PurchaseRules): Promise<PurchaseNames> {
  const body = await call.digestBody()
  const digest = (without: readonly string[]) => digestRequest(call, body, without, rules)
  const { key, asked } = call
  if (key !== undefined) {
    // The origin belongs to the name: one key sent to two sellers is two purchases. So does the buyer, where there are many: a backend passes
    // on keys that its users chose, and two of them may choose the same.
    const isOneOfMany = rules.buyers === 'many'
    const buyer = isOneOfMany ? listHeaders(call, listCredentialHeaders(rules)) : []
    const origin = asked === undefined ? '' : toOrigin(asked)
    return {
      exact: await digestText(['key', origin, key, ...buyer]),
      coarse: await digest(isOneOfMany ? [] : CHANGING_HEADERS),
    }
  }
  const isAlike = CHANGING_HEADERS.every((name) => !call.header(name))
  const exact = await digest(rules.buyers === 'one' ? CHANGING_HEADERS : [])
  if (rules.buyers === 'many') return { exact, coarse: undefined }
  return { exact, coarse: isAlike || rules.buyers === 'one' ? exact : await digest(CHANGING_HEADERS) }
}

/** Those of some headers that a call has, each name followed by its value. */
function listHeaders({ header }: Pick<NamedCall, 'header'>, names: readonly string[]): readonly string[] {
  return names.flatMap((name) => {
    const value = header(name)
    return value ? [name, value] : []
  })
}

function digestRequest(
  { method, asked, tags, header }: NamedCall,
  body: string,
  without: readonly string[],
  rules: PurchaseRules,
): Promise<string> {
  const named = [...listCredentialHeaders(rules), 'range'].filter((name) => !without.includes(name))
  const headers = listHeaders({ header }, named)
  return digestText([
    'request',
    method,
    asked === undefined ? '' : toPurchaseUrl(asked),
    body,
    JSON.stringify(headers),
    ...tags,
  ])
}
