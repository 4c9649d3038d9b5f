import { ChallengeError } from '../errors/step-errors.js'
import type { Envelope } from '../wire/challenge.js'
import { toHostname } from '../wire/host.js'
import { isJsonObject } from '../wire/json.js'
import { isLoopback } from '../wire/resource-url.js'
import { cite, toSellerText } from '../wire/seller-text.js'
import type { Ports } from './ports.js'
import type { Call, Selected } from './steps.js'

/**
 * Refuses to pay where anyone in between could have written the terms and could take the payment.
 *
 * @throws {@link ChallengeError} `INSECURE_TRANSPORT`; nothing was signed.
 */
export function assertSecure({ url, resource }: Call, { trust }: Pick<Ports, 'trust'>): void {
  if (url === '') return // who asks is unknown, and so is how; limits that depend on it refuse
  const parsed = new URL(url)
  if (parsed.protocol !== 'http:' || isLoopback(parsed) || trust.allowPlainHttp) return
  throw new ChallengeError(
    'Refused to pay over plain HTTP: anyone in between can change the terms and take the payment.',
    {
      code: 'INSECURE_TRANSPORT',
      money: 'untouched',
      facts: { resource },
      hint: 'Call the `https` address, or set `allowPlainHttp` where you trust the network.',
    },
  )
}

/**
 * Compares what the terms say they are for with the address that asked: a seller may sell under a name that isn't its own. Which
 * host is paid, and whose limits count, never follows from that word; so it is a warning, unless the client is strict.
 *
 * @throws {@link ChallengeError} `RESOURCE_MISMATCH` under `strictResource`; nothing was signed.
 */
export function assertOwnResource({ challenge, offer }: Selected, ports: Pick<Ports, 'trust' | 'warn'>): void {
  const { call, envelope } = challenge
  if (call.url === '') return // nothing to compare with
  const named = readNamedHost(envelope, offer.entry, call.url)
  if (named === undefined || named === toHostname(new URL(call.url))) return
  const message = 'The terms name a resource of another host than the one that asks for the money.'
  if (!ports.trust.strictResource) {
    ports.warn({
      code: 'RESOURCE_ELSEWHERE',
      message: `${message} Asked by ${call.host}, named by the terms: ${cite(named)}.`,
    })
    return
  }
  throw new ChallengeError(`Refused to pay: ${message[0]?.toLowerCase()}${message.slice(1)}`, {
    code: 'RESOURCE_MISMATCH',
    money: 'untouched',
    facts: { resource: call.resource, 'host named by the terms': cite(named) },
    hint: 'Tell the seller, or leave `strictResource` out to be warned only.',
  })
}

/** The host that the terms name; protocol 1 names it in each entry. A path alone is of the host that asks. */
function readNamedHost(envelope: Envelope, entry: Readonly<Record<string, unknown>>, base: string): string | undefined {
  const said = isJsonObject(envelope.resource) ? envelope.resource['url'] : entry['resource']
  if (typeof said !== 'string' || said.length > MAX_URL_LENGTH || !URL.canParse(said, base)) return undefined
  return toSellerText(toHostname(new URL(said, base)))
}

/** Longest address that is compared, in characters; longer ones don't fit into a request line. */
const MAX_URL_LENGTH = 8192
