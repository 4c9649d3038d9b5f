import {
  Axios,
  type AxiosAdapter,
  type AxiosError,
  AxiosHeaders,
  type AxiosRequestConfig,
  type AxiosResponse,
  type InternalAxiosRequestConfig,
} from 'axios'
import { BEGIN, PAY, type Payer } from '../client/payer.js'
import { isX402Error } from '../errors/x402-error.js'
import type { KeyedCall } from '../payment/flight/flight.js'
import { copyPayment } from '../payment/summary.js'
import { readUrl } from '../wire/host.js'
import { toPurchaseUrl } from '../wire/resource-url.js'
import { resolveAdapter } from './adapter.js'
import { type AxiosAnswer, fromResponse } from './answer.js'
import { type Asked, askUnpaid } from './asked.js'
import { settle } from './axios-error.js'
import { readData } from './data.js'
import { createExchange, readHeader, toFullUrl } from './exchange.js'
import { holdBody } from './held-body.js'
import { linkSignal } from './linked-signal.js'
import { toRefusal } from './refusal.js'

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
      const asked = await askUnpaid(given, config, client, isTrusted)
      if (!asked.isPriced) return await conclude(asked.answer, config, false)
      const accept = (answer: AxiosAnswer) => acceptLater(answer, { asked, given, adapter }, client)
      return await pay(asked, { client, paidTimeoutMs, keyedCall, accept })
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
    asked,
    given,
    adapter,
  }: { readonly asked: Asked; readonly given: PayingAdapter['given']; readonly adapter: AxiosAdapter },
  client: Payer,
): Promise<void> {
  const again = (config: AxiosRequestConfig) => new Axios({}).request({ ...config, adapter })
  try {
    await (await import('./job/axios-job.js')).attachJob(answer, { config: asked.before, given, again }, client)
  } catch {
    // As said above.
  }
}

type Paying = Omit<PayingAdapter, 'given' | 'isTrusted'> & {
  readonly keyedCall: KeyedCall | undefined
  accept(answer: AxiosAnswer): Promise<void>
}

async function pay(asked: Asked, { client, paidTimeoutMs, keyedCall, accept }: Paying): Promise<AxiosResponse> {
  const { answer, config } = asked
  const unpaid: unknown = answer.response.data
  const held = holdBody(unpaid)
  const { signal, unlink } = linkSignal(config)
  let last = answer
  const onAnswer = (arrived: AxiosAnswer) => {
    last = arrived
  }
  try {
    const exchange = createExchange({ asked, held, signal, paidTimeoutMs, keyedCall, onAnswer })
    const native = await client[PAY](exchange)
    const bought = native instanceof Response ? fromResponse(native, config, unpaid, signal) : native
    if (bought === answer) answer.response.data = held.release()
    else held.discard()
    if (bought.response.status === 202) await accept(bought)
    return await conclude(bought, config, bought !== answer)
  } catch (error) {
    if (!isX402Error(error)) throw error
    return acceptOrThrow(await toRefusal(error, { answer, last, held }, config), config)
  } finally {
    unlink()
  }
}

async function conclude(
  answer: AxiosAnswer,
  config: InternalAxiosRequestConfig,
  isPaid: boolean,
): Promise<AxiosResponse> {
  const response = copyPayment(answer, answer.response)
  // Newer versions of axios do so themselves: what a transform throws then shows the answer, and isn't bought again by a retry.
  if (isPaid) Object.defineProperty(config, 'response', { value: response, configurable: true, writable: true })
  await readData(answer, config, isPaid)
  return settle(response, config)
}

/** A caller who takes a 402 for a success is given the seller's own, as ever; the refusal is beside it. */
function acceptOrThrow(refusal: AxiosError, { validateStatus }: InternalAxiosRequestConfig): AxiosResponse {
  const { response } = refusal
  const isSuccess = response?.status === 402 && (!validateStatus || validateStatus(402))
  if (response === undefined || !isSuccess) throw refusal
  return response
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
