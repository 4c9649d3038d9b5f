import { isJsonObject, parseJsonObject } from '../wire/json.js'
import { isNetworkPattern, type Network, toWildcard } from '../wire/network.js'
import { toDisplayUrl } from '../wire/resource-url.js'
import { cite } from '../wire/seller-text.js'
import { readNetwork, type X402Version } from '../wire/version.js'
import { type AskedRequest, ask, discard, readText } from './asking.js'
import { FACILITATOR_LACKS, FACILITATOR_SILENT } from './catalogue.js'
import { type Finding, type FindingPlace, toFinding } from './finding.js'

/** One kind of payment, as a facilitator lists it or an offer asks for it. */
export type Kind = { readonly version: X402Version; readonly scheme: string; readonly network: Network }

/** An offer, and how the findings call it. */
export type AskedKind = Kind & {
  readonly which: string
  readonly place: FindingPlace
  /** The scheme as it is shown: the seller's word. */
  readonly shown: string
}

/** Most of a list that is read, in bytes, and most kinds that a finding names. */
const MAX_LIST_BYTES = 256 * 1024
const MAX_NAMED = 6

/**
 * Compares offers with what the seller's facilitator settles. Source: x402 specification, "GET /supported".
 *
 * @param url - Of the facilitator, to which `/supported` is added.
 * @param asked - How requests are sent; nothing of the caller's own request goes to the facilitator.
 */
export async function diagnoseFacilitator(
  url: string,
  offers: readonly AskedKind[],
  asked: Pick<AskedRequest, 'fetch' | 'timeoutMs'>,
): Promise<Finding[]> {
  const where = new URL(url)
  where.pathname = `${where.pathname.replace(/\/+$/, '')}/supported`
  const list = await readKinds({ ...asked, url: where.href, init: { headers: { accept: 'application/json' } } })
  // Its query may hold a key.
  if ('cause' in list) return [toFinding(FACILITATOR_SILENT, { cause: list.cause, url: toDisplayUrl(where) })]
  const has = [
    ...new Set(list.kinds.map(({ scheme, network, version }) => `${cite(scheme)} on ${network} (${version})`)),
  ]
  const named = has.length === 0 ? 'nothing' : has.slice(0, MAX_NAMED).join(', ') + (has.length > MAX_NAMED ? ' …' : '')
  return offers
    .filter((offer) => !list.kinds.some((kind) => covers(kind, offer)))
    .map(({ which, place, shown, network, version }) =>
      toFinding(FACILITATOR_LACKS, { which, scheme: shown, network, version, has: named }, place),
    )
}

function covers(kind: Kind, { scheme, network, version }: Kind): boolean {
  const isThere = kind.network === network || kind.network === toWildcard(network)
  return kind.version === version && kind.scheme === scheme && isThere
}

async function readKinds(
  asked: AskedRequest,
): Promise<{ readonly kinds: readonly Kind[] } | { readonly cause: string }> {
  const answer = await ask(asked)
  if ('cause' in answer) return answer
  const { response } = answer
  if (!response.ok) {
    discard(response)
    return { cause: `it responded ${response.status}` }
  }
  const text = await readText(response, MAX_LIST_BYTES, asked)
  discard(response)
  const parsed = parseJsonObject(text ?? '')
  const kinds = 'value' in parsed ? parsed.value['kinds'] : undefined
  return Array.isArray(kinds) ? { kinds: kinds.flatMap(readKind) } : { cause: 'its list can’t be read' }
}

function readKind(entry: unknown): readonly Kind[] {
  if (!isJsonObject(entry)) return []
  const { scheme, network: spoken, x402Version } = entry
  const version: X402Version = x402Version === 1 ? 1 : 2
  const network = isNetworkPattern(spoken) ? spoken : readNetwork(spoken, version)
  const isName = typeof scheme === 'string' && /^[\x21-\x7e]{1,64}$/.test(scheme)
  return isName && network !== undefined ? [{ scheme, network, version }] : []
}
