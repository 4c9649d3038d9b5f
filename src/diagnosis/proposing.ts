import { NOTHING_TO_PROPOSE } from '../errors/catalogue/desk.js'
import { fail } from '../errors/fail.js'
import { assertOptions, invalidOption } from '../errors/options.js'
import { proposeSelected } from '../flow/approvers/proposed-offer.js'
import { read } from '../flow/read.js'
import { select } from '../flow/select.js'
import { assertOwnResource, assertSecure } from '../flow/trust.js'
import { snapshotBody } from '../http/body-snapshot.js'
import { toExchange } from '../http/exchange.js'
import { readHeader } from '../http/request-headers.js'
import { showCall } from '../payment/call.js'
import type { Proposal } from '../payment/desk/proposal.js'
import { LIMITS } from '../payment/ledger.js'
import type { Ports } from '../payment/ports.js'
import { type AskedRequest, ask, discard, toHttpRequest } from './asking.js'
import type { DiagnoseOptions } from './diagnosis.js'

/**
 * Options of `client.propose`, as those of `client.diagnose`.
 *
 * @example { init: { method: 'POST', body: '{"pages":10}' } }
 */
export type ProposeOptions = Pick<DiagnoseOptions, 'fetch' | 'init' | 'timeoutMs'>

/** Proposes payments to a desk ahead of their calls. Not for restricted clients: it fetches what it's told. */
export type Proposer = {
  /**
   * Asks for a resource without paying, and proposes what would be paid for it to a desk of the ledger: ahead of the call that pays it, once
   * someone approved. Limits hold as for a call; no one but the desk is asked.
   *
   * @param url - What you want to buy.
   * @param options - The request, if it isn't a GET. It is really sent, unpaid.
   * @returns The proposal as it is now. Proposing the same again makes no second one.
   * @throws {@link ConfigurationError} `NOTHING_TO_PROPOSE`, or as a call does until it would sign: the money is untouched.
   */
  propose(url: string | URL, options?: ProposeOptions): Promise<Proposal>
}

/**
 * Asks for a resource without paying, and proposes what would be paid for it. Nothing is reserved or signed, and no one but the desk is asked.
 *
 * @throws {@link ConfigurationError} `NOTHING_TO_PROPOSE`, or as the step that refuses does; the money is untouched.
 */
export async function propose(url: string | URL, options: ProposeOptions, ports: Ports): Promise<Proposal> {
  const asked = readOptions(url, options)
  const answer = await ask(asked)
  if ('cause' in answer) throw fail(NOTHING_TO_PROPOSE, { words: { why: `no response came (${answer.cause})` } })
  const { response } = answer
  try {
    return await proposeAnswered(asked, response, ports)
  } finally {
    discard(response)
  }
}

async function proposeAnswered(asked: AskedRequest, response: Response, ports: Ports): Promise<Proposal> {
  const { init } = asked
  // As the call itself will name the purchase.
  const snapshot = snapshotBody(init?.body, () => readHeader(init?.headers, 'content-type'))
  const request = toHttpRequest(asked, response)
  const exchange = toExchange({
    ...request,
    replayable: snapshot !== undefined,
    digestBody: () => snapshot?.digest() ?? '',
  })
  const terms = response.status === 402 ? await exchange.read(ports) : undefined
  if (terms === undefined || 'free' in terms) {
    throw fail(NOTHING_TO_PROPOSE, {
      words: { why: `the seller responded with ${response.status}, and no terms of x402` },
    })
  }
  const reading = read(exchange, terms, ports)
  if (reading.challenge === undefined) throw reading.fault
  const { call, challenge } = reading
  assertSecure(call, ports)
  exchange.assertRepeatable(showCall(call))
  await ports.followLimits(await ports.ledger.get(LIMITS.kind, LIMITS.key))
  const selected = await select(challenge, ports)
  assertOwnResource(selected, ports)
  return proposeSelected(selected, ports)
}

function readOptions(url: string | URL, options: ProposeOptions): AskedRequest {
  assertOptions(options, 'propose', ['fetch', 'init', 'timeoutMs'])
  const { fetch = globalThis.fetch, init, timeoutMs = 10_000 } = options
  if (!URL.canParse(String(url)) || !/^https?:/i.test(String(url))) throw invalidOption('url', 'an http(s) address')
  if (typeof fetch !== 'function') throw invalidOption('propose.fetch', 'a fetch function')
  if (init !== undefined && (typeof init !== 'object' || init === null))
    throw invalidOption('propose.init', 'an object')
  const isTime = typeof timeoutMs === 'number' && timeoutMs > 0 && timeoutMs < 2 ** 31
  if (!isTime) throw invalidOption('propose.timeoutMs', 'a positive number of milliseconds')
  return { url: String(url), init, fetch: (...request) => fetch(...request), timeoutMs }
}
