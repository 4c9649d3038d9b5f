import { AxiosHeaders, type AxiosRequestConfig, type InternalAxiosRequestConfig } from 'axios'
import { type Payer, REACH } from '../client/payer.js'
import { isByXhr } from '../http/door.js'
import { loadPart } from '../payment/part.js'
import { attachPayment } from '../payment/summary.js'
import { type ResolvedAdapter, resolveAdapter } from './adapter.js'
import type { AxiosAnswer } from './answer.js'
import type { GuardedTransport } from './guarded-transport.js'
import type { BoundedRequest } from './reach/bounded-request.js'
import { askAdapter } from './sent.js'
import { type StreamFormSnapshot, snapshotStreamForm } from './stream-form.js'
import type { watchAnswer } from './watched-answer.js'

/** A request as it is before anything was sent. */
export type AxiosCall = {
  readonly adapter: ResolvedAdapter
  /** The caller's own config, which the adapter writes headers into. */
  readonly config: InternalAxiosRequestConfig
  /** The same, as it was before. */
  readonly before: InternalAxiosRequestConfig
  /** Whether a transport or a fetch of the caller's own may follow a redirect with a payment, and can't be kept from it. */
  mayRedirect(): boolean
  /** Keeps what is the caller's own from following a redirect with a payment; `undefined` where axios alone sends. */
  readonly hold: Hold | undefined
  /** Keeps it within what the client may ask; `undefined` where it may ask anywhere. */
  readonly bounded: BoundedRequest | undefined
  /** What a form that is a stream held. */
  readonly form: StreamFormSnapshot | undefined
  /** Sends it without a payment. */
  send(): Promise<AxiosAnswer>
}

/** A request that was sent without a payment, and its answer. */
export type Asked = {
  readonly call: AxiosCall
  readonly answer: AxiosAnswer
  /** Watches the paid answer; `undefined` where there is nothing to pay. */
  readonly watch: typeof watchAnswer | undefined
  /** Whether the answer asks for money, as far as its status tells. */
  readonly isPriced: boolean
}

/** A request with a payment, as what is the caller's own is handed it. */
export type HeldRequest = {
  readonly config: InternalAxiosRequestConfig
  /** Whether it would have followed a redirect, or did without the payment. */
  wasRedirected(): boolean
}

type Hold = (config: InternalAxiosRequestConfig) => HeldRequest

/**
 * Reads a request that nothing was sent of.
 *
 * @param given - The adapter that the caller's config names.
 * @param client - Bounds where may be asked.
 * @param isTrusted - The caller's word that nothing of its own follows a redirect.
 */
export async function readCall(
  given: AxiosRequestConfig['adapter'],
  config: InternalAxiosRequestConfig,
  client: Payer,
  isTrusted: boolean,
): Promise<AxiosCall> {
  const adapter = resolveAdapter(given, config)
  const before = { ...config, headers: AxiosHeaders.from(config.headers).concat(), params: copyParams(config.params) }
  // The fetch adapter can't send such a form at all.
  const form = adapter.kind === 'fetch' ? undefined : snapshotStreamForm(config.data)
  const transport = config.transport ? await guard(config, isTrusted) : undefined
  const own = adapter.kind === 'custom' ? await loadPart(import('./guarded-transport.js')) : undefined
  const sent = transport === undefined ? config : { ...config, transport: transport.asking }
  const bounded = client[REACH] === undefined ? undefined : await bound(sent, adapter, client)
  const asking = { config: bounded?.config ?? sent, shown: config, isPaid: false }
  const isXhr = !isTrusted && ['fetch', 'xhr'].includes(adapter.kind) && isByXhr(config.env?.fetch ?? globalThis.fetch)
  return {
    adapter,
    config,
    before,
    mayRedirect: () => transport?.mayRedirect() === true || isXhr,
    hold: joinHolds(transport?.hold, own?.holdRedirects),
    bounded,
    form,
    send: () => (bounded === undefined ? askAdapter(adapter, asking) : bounded.ask(asking)),
  }
}

/**
 * Sends a request without a payment.
 *
 * @throws An `AxiosError`, whose cause is a {@link LimitError} where the address or a redirect is out of reach; nothing was signed.
 */
export async function askUnpaid(call: AxiosCall): Promise<Asked> {
  const answer = await call.send()
  const { judged, response } = answer
  if (judged !== undefined) attachPayment(response, judged)
  const isPriced = response.status === 402 && judged === undefined
  const watching = isPriced ? await loadPart(import('./watched-answer.js')) : undefined
  return { call, answer, watch: watching?.watchAnswer, isPriced }
}

async function bound(config: InternalAxiosRequestConfig, adapter: ResolvedAdapter, client: Payer) {
  const { boundRequest } = await loadPart(import('./reach/bounded-request.js'))
  return boundRequest(config, adapter, (url) => client[REACH]?.(url))
}

/** Before anything is sent: once something was signed, nothing is loaded. */
async function guard({ transport }: AxiosRequestConfig, isTrusted: boolean): Promise<GuardedTransport> {
  const { guardTransport } = await loadPart(import('./guarded-transport.js'))
  return guardTransport(transport, isTrusted)
}

function joinHolds(one: Hold | undefined, other: Hold | undefined): Hold | undefined {
  if (one === undefined || other === undefined) return one ?? other
  return (config) => {
    const first = one(config)
    const second = other(first.config)
    return { config: second.config, wasRedirected: () => first.wasRedirected() || second.wasRedirected() }
  }
}

/** Axios copies plain objects by itself; of others the caller's own is at hand, which may be another by the time of the 402. */
function copyParams(params: unknown): unknown {
  return params instanceof URLSearchParams ? new URLSearchParams(params) : params
}
