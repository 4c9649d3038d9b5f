import {
  ASSET_NOT_ALLOWED,
  HOST_NOT_ALLOWED,
  NETWORK_NOT_ALLOWED,
  PAYEE_NOT_ALLOWED,
  TAG_NOT_ALLOWED,
} from '../errors/catalogue/limits.js'
import { assertOptions, invalidOption } from '../errors/options.js'
import { type AskedTerms, type LimitRefusal, toRefusal } from '../payment/limits.js'
import type { Charge } from '../payment/payment.js'
import { toAddressKey } from '../wire/address.js'
import { readHost } from '../wire/host.js'
import type { JsonObject } from '../wire/json.js'
import { isNetworkPattern, type Network, toWildcard } from '../wire/network.js'
import { toName } from './naming.js'
import { readList } from './read-list.js'
import { readAssetUnit } from './units.js'

/** Lists of who and what may be paid at all. What isn't on a list isn't paid; an empty list allows nothing. */
export type AllowListOptions = {
  /**
   * Hosts that may be paid, each with its port where that isn't the protocol's own. `*.` before a name stands for all that is
   * below it, not for the name itself. An MCP server over stdio is listed by the name that you gave it: `stdio:weather`.
   *
   * @default any host
   * @example { hosts: ['api.example.com', '*.example.org', 'localhost:4021'] }
   */
  hosts?: readonly string[] | undefined
  /**
   * Networks on which may be paid, or all of a namespace.
   *
   * @default any network that a scheme is registered for
   * @example { networks: ['eip155:8453', 'solana:*'] }
   */
  networks?: readonly Network[] | undefined
  /**
   * Addresses that may be paid, on any network or on those that are named.
   *
   * @default any recipient
   * @example { onlyPayTo: ['0x2096…287c', { network: 'eip155:*', payTo: '0xab58…c9b' }] }
   */
  onlyPayTo?: readonly (string | { network: Network; payTo: string })[] | undefined
  /**
   * Assets that may be paid with, of those that a scheme knows or `assets` names. It allows no asset that nothing can price.
   *
   * @default any asset that a limit can price
   * @example { onlyAssets: [{ network: 'eip155:8453', asset: '0x8335…2913' }] }
   */
  onlyAssets?: readonly { network: Network; asset: string }[] | undefined
  /**
   * Tags that a call may carry, or with `*` at the end all that begin so. A call must carry at least one, and no others, so that no
   * payment escapes the limits of tags.
   *
   * @default any tags, or none
   * @example { onlyTags: ['customer:*', 'internal'] }
   */
  onlyTags?: readonly string[] | undefined
}

/** A list that was read. Says why it refuses an offer; `undefined` when it allows it. */
export type AllowList = (terms: AskedTerms, charges: readonly Charge[]) => LimitRefusal | undefined

/** All lists of some options. */
export type AllowLists = {
  readonly lists: readonly AllowList[]
  readonly allowsHost: (host: string) => boolean
}

/** Whether an entry of a list names what is asked. */
type Allows = (terms: AskedTerms, charges: readonly Charge[]) => boolean

type Kind = {
  readonly row: typeof NETWORK_NOT_ALLOWED | typeof PAYEE_NOT_ALLOWED | typeof ASSET_NOT_ALLOWED
  readEntry(entry: unknown, where: string): Allows
}

const KINDS: { readonly [Name in Exclude<keyof AllowListOptions, 'hosts' | 'onlyTags'>]-?: Kind } = {
  networks: { row: NETWORK_NOT_ALLOWED, readEntry: readNetworkPattern },
  onlyPayTo: { row: PAYEE_NOT_ALLOWED, readEntry: readPayTo },
  onlyAssets: { row: ASSET_NOT_ALLOWED, readEntry: readAsset },
}

/** Every key of {@link AllowListOptions}. */
export const ALLOW_LIST_KEYS = /* @__PURE__ */ ['hosts'].concat(/* @__PURE__ */ Object.keys(KINDS), 'onlyTags')

/**
 * Reads the lists of who and what may be paid.
 *
 * @param options - Untrusted, but for its keys.
 * @param where - What the options are called, such as `limits`.
 * @returns The lists, that of hosts first, and what that alone says of a host.
 * @throws {@link ConfigurationError} naming the entry that can't be read.
 */
export function readAllowLists(options: JsonObject, where: string): AllowLists {
  const { hosts, onlyTags } = options
  const allowsHost = hosts === undefined ? () => true : readHostList(hosts, `${where}.hosts`)
  const lists = Object.entries(KINDS).flatMap(([name, kind]) =>
    options[name] === undefined ? [] : [readAllowList(options[name], `${where}.${name}`, kind)],
  )
  if (hosts !== undefined) {
    const refusal = toRefusal(HOST_NOT_ALLOWED, { limit: toName(`${where}.hosts`), option: `${where}.hosts` })
    lists.unshift(({ host }) => (allowsHost(host) ? undefined : refusal))
  }
  if (onlyTags !== undefined) lists.push(readTagList(onlyTags, `${where}.onlyTags`))
  return { lists, allowsHost }
}

function readHostList(list: unknown, where: string): AllowLists['allowsHost'] {
  const entries = readList(list, where, readHostPattern)
  return (host) => entries.some((allows) => allows(host))
}

function readAllowList(list: unknown, where: string, { row, readEntry }: Kind): AllowList {
  const entries = readList(list, where, readEntry)
  const refusal = toRefusal(row, { limit: toName(where), option: where })
  return (terms, charges) => (entries.some((allows) => allows(terms, charges)) ? undefined : refusal)
}

/** Unlike a host, a call has several tags, or none: each must be on the list. */
function readTagList(list: unknown, where: string): AllowList {
  const entries = readList(list, where, readTagPattern)
  const refusal = toRefusal(TAG_NOT_ALLOWED, { limit: toName(where) })
  return ({ tags }) => {
    const isNamed = tags.length > 0 && tags.every((tag) => entries.some((names) => names(tag)))
    return isNamed ? undefined : refusal
  }
}

function readTagPattern(entry: unknown, where: string): (tag: string) => boolean {
  const [, beginning, star] = (typeof entry === 'string' && /^([^*]*)(\*)?$/.exec(entry)) || []
  if (beginning === undefined || entry === '')
    throw invalidOption(where, "a tag, or one with `*` at its end: 'customer:*'")
  if (star === undefined) return (tag) => tag === beginning
  return (tag) => tag.startsWith(beginning) && tag.length > beginning.length
}

/** Through the URL parser, as the address of every request goes: it settles capitals, scripts and the port. */
function readHostPattern(entry: unknown, where: string): (host: string) => boolean {
  const [, star, name = ''] = (typeof entry === 'string' && /^(\*\.(?!stdio:))?(.*)$/i.exec(entry)) || []
  const known = readHost(name)
  if (known === undefined)
    throw invalidOption(where, "a host such as 'api.example.com', '*.example.com', 'localhost:4021' or 'stdio:weather'")
  return star === undefined ? (host) => host === known : (host) => host.endsWith(`.${known}`)
}

function readNetworkPattern(entry: unknown, where: string): Allows {
  if (!isNetworkPattern(entry)) throw invalidOption(where, "a CAIP-2 network id, or 'namespace:*'")
  return ({ network }) => entry === network || entry === toWildcard(network)
}

function readPayTo(entry: unknown, where: string): Allows {
  if (typeof entry === 'string') return readAddress(entry, where)
  assertOptions(entry, where, ['network', 'payTo'])
  const isOnNetwork = readNetworkPattern(entry['network'], `${where}.network`)
  const isPayTo = readAddress(entry['payTo'], `${where}.payTo`)
  return (terms, charges) => isOnNetwork(terms, charges) && isPayTo(terms, charges)
}

function readAddress(entry: unknown, where: string): Allows {
  if (typeof entry !== 'string' || !/^\S+$/.test(entry)) throw invalidOption(where, 'an address')
  const key = toAddressKey(entry)
  return ({ payTo }) => toAddressKey(payTo) === key
}

function readAsset(entry: unknown, where: string): Allows {
  assertOptions(entry, where, ['network', 'asset'])
  const listed = readAssetUnit(entry, where)
  // By what is charged, since that is the scheme's own spelling of the asset.
  return (_, charges) => charges.some(({ unit }) => unit === listed)
}
