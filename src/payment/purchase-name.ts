import { toOrigin } from '../wire/host.js'
import { toPurchaseUrl } from '../wire/resource-url.js'
import { digestText, type MaybePromise, toOneText, whenKnown } from './digest.js'
import type { PurchaseRules } from './ports.js'
import type { PurchaseNames } from './purchase.js'

/**
 * Headers that say who the caller is. They tell one buyer's purchase from another's, and no message shows their values. Source: the Fetch
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
export const CHANGING_HEADERS = ['authorization', 'cookie']

/** What the names of a purchase are made from. */
export type NamedCall = {
  readonly method: string
  /** What the caller wrote, before any redirect; `undefined` when it is unknown. */
  readonly asked: URL | undefined
  /** The caller's key, where there is one. */
  readonly key: string | undefined
  readonly tags: readonly string[]
  header(name: string): string | null
  digestBody(): MaybePromise<string>
}

/**
 * Lists the headers that hold what only the seller and the caller may know.
 *
 * @param named - Names that the client adds, in lower case.
 * @returns Each name once.
 */
export function listCredentialHeaders(named: readonly string[]): readonly string[] {
  return [...new Set([...CREDENTIAL_HEADERS, ...named])]
}

/**
 * Names a purchase after what the caller wrote, so that a seller's redirect doesn't make it another one.
 *
 * With a key, the coarse name is that of the request, so that another request under the same key is recognized.
 */
export function namePurchase(call: NamedCall, rules: PurchaseRules): MaybePromise<PurchaseNames> {
  return whenKnown(call.digestBody(), (body) => nameWithBody(call, body, rules))
}

function nameWithBody(call: NamedCall, body: string, rules: PurchaseRules): MaybePromise<PurchaseNames> {
  const { key, asked } = call
  const present = listHeaders(call, [...rules.credentialHeaders, 'range'])
  const digest = (without: readonly string[]) => digestRequest(call, body, omit(present, without), rules)
  const toNames = (purchase: MaybePromise<string>, coarse: MaybePromise<string> | undefined) =>
    whenKnown(purchase, (exact) =>
      whenKnown<string | undefined, PurchaseNames>(coarse, (request) => ({ purchase: exact, coarse: request })),
    )
  if (key !== undefined) {
    // The origin belongs to the name: one key sent to two sellers is two purchases. So does the buyer, where there are many: a backend passes
    // on keys that its users chose, and two of them may choose the same.
    const isOneOfMany = rules.buyers === 'many'
    const buyer = isOneOfMany ? omit(present, ['range']).flat() : []
    const origin = asked === undefined ? '' : toOrigin(asked)
    const named = digestText([...toKind('key', rules), origin, key, ...buyer])
    return toNames(named, digest(isOneOfMany ? [] : CHANGING_HEADERS))
  }
  const exact = digest(rules.buyers === 'one' ? CHANGING_HEADERS : [])
  if (rules.buyers === 'many') return toNames(exact, undefined)
  const isAlike = rules.buyers === 'one' || !present.some(([name]) => CHANGING_HEADERS.includes(name))
  return toNames(exact, isAlike ? exact : digest(CHANGING_HEADERS))
}

type Present = readonly (readonly [name: string, value: string])[]

/** The headers of a list that a call has. */
function listHeaders({ header }: Pick<NamedCall, 'header'>, names: readonly string[]): Present {
  const present: [string, string][] = []
  for (const name of names) {
    const value = header(name)
    if (value) present.push([name, value])
  }
  return present
}

function omit(present: Present, names: readonly string[]): Present {
  return names.length === 0 ? present : present.filter(([name]) => !names.includes(name))
}

/** What a name begins with: what it is the name of, and in whose space. Purchases of two spaces never have a name in common. */
function toKind(kind: 'key' | 'request', { space }: PurchaseRules): readonly string[] {
  return space === undefined ? [kind] : [`${kind} within`, space]
}

function digestRequest(
  { method, asked, tags }: NamedCall,
  body: string,
  headers: Present,
  rules: PurchaseRules,
): MaybePromise<string> {
  const url = asked === undefined ? '' : toPurchaseUrl(asked)
  return digestText([...toKind('request', rules), method, url, body, toOneText(headers.flat()), ...toOneOrder(tags)])
}

/** Tags are a set: neither their order nor a tag that is written twice makes another purchase. */
export function toOneOrder(tags: readonly string[]): readonly string[] {
  return tags.length < 2 ? tags : [...new Set(tags)].sort()
}

/** What labels begin with that restricted clients give to their payments: those without a lasting name, and those with one. */
const CLIENT = 'client/'
const NAME = 'name/'
const ADDRESS = `${CLIENT}?`

/** Whether a tag is a label, which no call may forge: limits count by it. */
export function isLabel(tag: string): boolean {
  return tag.startsWith(CLIENT) || isNameLabel(tag)
}

/** What the payments of a restricted client without a lasting name are labeled with. */
export function toClientLabel(id: string): string {
  return CLIENT + id
}

/** What the payments of a lasting name are labeled with. */
export function toNameLabel(name: string): string {
  return NAME + name
}

/** Whether a label is that of a lasting name. */
export function isNameLabel(label: string): boolean {
  return label.startsWith(NAME)
}

/**
 * The lasting name that a payment was made under, by its tags: the longest, since each name above labels it, too. What stands behind `//` is a
 * tag within a name.
 *
 * @returns `undefined` for a client without a name.
 */
export function readName(tags: readonly string[]): string | undefined {
  const names = tags.filter((tag) => isNameLabel(tag) && !tag.includes('//'))
  return names.sort((one, other) => other.length - one.length)[0]?.slice(NAME.length)
}

/** What a payment is labeled with where queries tell resources apart. No client has it as its name. */
export function toAddressLabel(digest: string): string {
  return ADDRESS + digest
}

/** Whether few payments share a label, since it stands for one address, perhaps within a client's own payments. */
export function isAddressLabel(label: string): boolean {
  return label.includes(ADDRESS)
}
