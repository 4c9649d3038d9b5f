import {
  Axios,
  type AxiosAdapter,
  AxiosHeaders,
  type AxiosRequestConfig,
  type AxiosResponse,
  type InternalAxiosRequestConfig,
} from 'axios'
import { BEGIN, PAY, type Payer, PREPAY } from '../client/payer.js'
import { isX402Error, type X402Error } from '../errors/x402-error.js'
import type { Prepaid } from '../payment/exchange.js'
import type { KeyedCall } from '../payment/flight/flight.js'
import { loadPart } from '../payment/part.js'
import { readUrl } from '../wire/host.js'
import { toPurchaseUrl } from '../wire/resource-url.js'
import { resolveAdapter } from './adapter.js'
import { type AxiosAnswer, fromResponse } from './answer.js'
import { type Asked, type AxiosCall, askUnpaid, readCall } from './asked.js'
import { handOver } from './data.js'
import { createExchange, readHeader, toFullUrl } from './exchange.js'
import { holdBody } from './held-body.js'
import { linkSignal } from './linked-signal.js'
import { acceptOrThrow, toRefusal } from './refusal.js'

/** What a paying adapter is made of. */
export type PayingAdapter = {
  readonly client: Payer
  /** What the caller's config names: it sends. */
  readonly given: AxiosRequestConfig['adapter']
  readonly paidTimeoutMs: number | undefined
  /** The caller's word that nothing of its own follows a redirect. */
  readonly isTrusted: boolean
}

/** Creates an adapter that pays: below the interceptors, so that these run once a call, and above the adapter that sends. */
export function createPayingAdapter({ client, given, paidTimeoutMs, isTrusted }: PayingAdapter): AxiosAdapter {
  const adapter: AxiosAdapter = async (config) => {
    // No one asks for money there.
    if (/^data:/i.test(config.url ?? '')) return resolveAdapter(given, config).send(config)
    const keyedCall = beginKeyedCall(client, config)
    try {
      const call = await readCall(given, config, client, isTrusted)
      const accept = (answer: AxiosAnswer) => acceptLater(answer, { call, given, adapter }, client)
      const paying = { client, paidTimeoutMs, keyedCall, accept }
      const prepaid = isNamed(client, call) ? await prepay(call, paying) : undefined
      if (prepaid !== undefined && !isX402Error(prepaid)) return prepaid
      const asked = await askUnpaid(call)
      if (!asked.isPriced) return await handOver(asked.answer, config, false)
      return await pay(asked, paying, prepaid)
    } finally {
      keyedCall?.end()
    }
  }
  return adapter
}

/** Lets the caller wait for what a `202` only promises. Without that part no one can; the answer is handed over all the same (R7). */
async function acceptLater(
  answer: AxiosAnswer,
  {
    call,
    given,
    adapter,
  }: { readonly call: AxiosCall; readonly given: PayingAdapter['given']; readonly adapter: AxiosAdapter },
  client: Payer,
): Promise<void> {
  const again = (config: AxiosRequestConfig) => new Axios({}).request({ ...config, adapter })
  try {
    await (await import('./job/axios-job.js')).attachJob(answer, { config: call.before, given, again }, client)
  } catch {
    // As said above.
  }
}

/** What pays for a request. */
export type Paying = Omit<PayingAdapter, 'given' | 'isTrusted'> & {
  readonly keyedCall: KeyedCall | undefined
  /** Lets the caller wait for what an answer only promises. */
  accept(answer: AxiosAnswer): Promise<void>
}

/** Whether a route names it that may be prepaid. */
function isNamed(client: Payer, { before }: AxiosCall): boolean {
  const { [PREPAY]: prepayer } = client
  return prepayer?.names({ method: (before.method ?? 'get').toUpperCase(), url: toFullUrl(before) }) === true
}

/** Before anything is signed: clients that prepay nothing never need the part. */
async function prepay(call: AxiosCall, paying: Paying): Promise<Prepaid<AxiosResponse>> {
  return (await loadPart(import('./prepay/prepaid-call.js'))).prepay(call, paying)
}

/** @param refused - The call was refused already, at the price that was known, and is shown the seller's own 402. */
async function pay(
  { call, answer, watch }: Asked,
  { client, paidTimeoutMs, keyedCall, accept }: Paying,
  refused: X402Error | undefined,
): Promise<AxiosResponse> {
  const { config } = call
  const unpaid: unknown = answer.response.data
  const held = holdBody(unpaid)
  const { signal, unlink } = linkSignal(config)
  let last = answer
  const onAnswer = (arrived: AxiosAnswer) => {
    last = arrived
  }
  try {
    if (refused !== undefined) throw refused
    const exchange = createExchange({ call, answer, held, signal, paidTimeoutMs, keyedCall, watch, onAnswer })
    const native = await client[PAY](exchange)
    const bought = native instanceof Response ? fromResponse(native, config, unpaid, signal) : native
    if (bought === answer) answer.response.data = held.release()
    else held.discard()
    if (bought.response.status === 202) await accept(bought)
    return await handOver(bought, config, bought !== answer)
  } catch (error) {
    if (!isX402Error(error)) throw error
    return acceptOrThrow(await toRefusal(error, { answer, last, held }, config), config)
  } finally {
    unlink()
  }
}

/**
 * Tells the client that a request begins: what an equal one that it joins buys before this one is asked to pay is not bought again.
 *
 * @returns To be ended with the request; `undefined` when it joins no others.
 */
function beginKeyedCall(client: Payer, config: InternalAxiosRequestConfig): KeyedCall | undefined {
  const { headers, x402 } = config
  const header = (name: string) => readHeader(AxiosHeaders.from(headers), name)
  const key: unknown = x402?.purchase || header('idempotency-key')
  if (key && typeof key === 'string') return client[BEGIN]?.(key)
  const [write, body] = [() => writeCall(config), () => readText(config)]
  return client[BEGIN]?.(undefined, { options: x402, header, write, body })
}

function writeCall(config: InternalAxiosRequestConfig): string {
  const text = toFullUrl(config)
  const url = readUrl(text)
  return `${(config.method ?? 'get').toUpperCase()} ${url === undefined ? text : toPurchaseUrl(url)}`
}

/** The body, where it's there as a text or not at all. */
function readText({ data }: InternalAxiosRequestConfig): string | undefined {
  const body: unknown = data ?? ''
  return typeof body === 'string' ? body : undefined
}
