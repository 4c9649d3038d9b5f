import { HOST_NOT_PUBLIC } from '../../errors/catalogue/reach.js'
import { fail } from '../../errors/fail.js'
import type { LimitError } from '../../errors/step-errors.js'
import type { MaybePromise } from '../../payment/digest.js'
import { toHost, toHostname } from '../../wire/host.js'
import { toDisplayUrl } from '../../wire/resource-url.js'
import { readAddress } from './ip-address.js'
import { isPublicAddress } from './special-addresses.js'

/**
 * Asserts that an address leads to a public host: by its name at once, and by what it resolves to where the platform can tell.
 *
 * A name that doesn't resolve passes: the request fails by itself, or goes through a proxy that resolves it elsewhere.
 *
 * @returns False: it isn't listed.
 * @throws {@link LimitError} `HOST_OUT_OF_REACH`; the money is untouched.
 */
export function assertPublicHost(url: URL): MaybePromise<false> {
  const name = toHostname(url)
  const address = readAddress(name)
  if (address === undefined ? isPrivateName(name) : !isPublicAddress(address)) throw createNotPublicError(url)
  const lookup = findDns()?.promises?.lookup
  return address === undefined && lookup !== undefined && assertResolved(url, lookup)
}

/** What a name resolved to isn't told: it would show an agent the network that it runs in. */
export function createNotPublicError(url: URL): LimitError {
  const host = toHost(url)
  return fail(HOST_NOT_PUBLIC, { words: { host }, facts: { host, resource: toDisplayUrl(url) } })
}

/**
 * Names that lead to this machine or to a network of its own. Sources: `localhost` RFC 6761, section 6.3; `local` RFC 6762; `internal` ICANN
 * board resolution 2024.07.29.06, which names of clouds' metadata end with; `home.arpa` RFC 8375; the others RFC 6762, appendix G.
 */
const PRIVATE_ENDS = ['localhost', 'local', 'internal', 'home.arpa', 'intranet', 'private', 'corp', 'home', 'lan']

/**
 * A name without a dot is completed by the machine's own search list, as those of containers are. One that ends in a number is an address that the
 * platform's URL didn't read, as those of phones don't. Source: the URL standard, "ends-in-a-number checker".
 */
function isPrivateName(name: string): boolean {
  if (!name.includes('.') || /\.(\d+|0x[\da-f]*)$/i.test(name)) return true
  return PRIVATE_ENDS.some((end) => name.endsWith(`.${end}`) || name === end)
}

/** What of `node:dns` is used, where there is one: on Node, Bun and Deno. `src` imports nothing of Node. */
type Dns = { readonly lookup?: unknown; readonly promises?: { readonly lookup?: Lookup } }

/** Finds what the platform's own requests find names by. */
export function findDns(): Dns | undefined {
  const platform = globalThis as { process?: { getBuiltinModule?(id: string): unknown } }
  return platform.process?.getBuiltinModule?.('node:dns') as Dns | undefined // as its name says
}

type Lookup = (name: string, options: { all: true }) => Promise<Addresses>

type Addresses = readonly { readonly address: string }[]

async function assertResolved(url: URL, lookup: Lookup): Promise<false> {
  let found: Addresses
  try {
    found = await resolve(toHostname(url), lookup)
  } catch {
    return false // it leads nowhere
  }
  for (const { address } of found) {
    const read = readAddress(address)
    if (read === undefined || !isPublicAddress(read)) throw createNotPublicError(url)
  }
  return false
}

/** What is being resolved: many calls to one host at once ask once. */
const resolving = new Map<string, Promise<Addresses>>()

/** No result is kept: the next call may find another, which must be judged, too. */
function resolve(name: string, lookup: Lookup): Promise<Addresses> {
  const known = resolving.get(name)
  if (known !== undefined) return known
  const found = lookup(name, { all: true }).finally(() => resolving.delete(name))
  resolving.set(name, found)
  return found
}
