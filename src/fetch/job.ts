import { JOB, type Payer, REACH } from '../client/payer.js'
import { isX402Error } from '../errors/x402-error.js'
import { ignoreFailure } from '../http/body-stream.js'
import { noStore } from '../http/door.js'
import { NOT_OF_A_JOB, readJobAddress, toJobResponse } from '../http/job-response.js'
import { toInit } from '../http/request-members.js'
import { systemClock } from '../payment/clock.js'
import type { CallOptions } from '../payment/exchange.js'
import type { AskJob, Job, JobResponse, SavedJob } from '../payment/job/job.js'
import { approveRepeat } from '../payment/job/repeats.js'
import { loadPart } from '../payment/part.js'
import { attachPayment, paymentOf } from '../payment/summary.js'
import { type PaidRequestInit, toHttpResponse } from './exchange.js'
import { watchResponse } from './watched-response.js'

/** The call whose answer comes later. */
export type AcceptedCall = {
  readonly fetch: typeof globalThis.fetch
  readonly input: RequestInfo | URL
  readonly init: PaidRequestInit | undefined
  /** The wrapped fetch. */
  readonly paidFetch: (input: RequestInfo | URL, init?: PaidRequestInit) => Promise<Response>
}

/** Lets the caller wait for what a `202` only promises. Whatever fails, the response is handed over (R7). */
export async function attachJob(response: Response, call: AcceptedCall, client: Payer): Promise<Response> {
  const summary = paymentOf(response)
  if (summary?.id === undefined) return response
  const { fetch, input, init, paidFetch } = call
  const request = input instanceof Request ? input : undefined
  const url = response.url || request?.url || String(input)
  const method = (init?.method ?? request?.method ?? 'GET').toUpperCase()
  try {
    const http = toHttpResponse(response, init?.signal ?? request?.signal, undefined)
    const address = await readJobAddress(http, { method, url }, systemClock.nowSeconds())
    if (address === undefined) return response
    const { isSame, ...start } = address
    const again = (more: PaidRequestInit) => paidFetch(input, { ...init, ...more })
    const ask = isSame
      ? createRepeated(again, summary.id, init?.x402)
      : createFollowed(fetch, client, { ...(request && { ...toInit(request), headers: request.headers }), ...init })
    const job = await client[JOB]?.({ payment: summary.id, ...start }, ask)
    return job === undefined ? response : attachPayment(response, { ...summary, job: job as Job })
  } catch {
    return response // it is paid for, and says by itself what became of it
  }
}

/** Takes up a job that another process kept. */
export async function takeJob(
  fetch: typeof globalThis.fetch,
  client: Payer,
  saved: SavedJob,
  init: RequestInit | undefined,
): Promise<Job<Response>> {
  // Wrapped twice, the inner one would pay where the job is asked for.
  const inner: unknown = Reflect.get(fetch, 'job')
  if (typeof inner === 'function') return inner(saved, init)
  const job = await client[JOB]?.(saved, createFollowed(fetch, client, init ?? {}))
  if (job === undefined) throw new TypeError('pay402: the client is of a version that follows no jobs')
  return job
}

/** Asks by GET, without a payment, as the caller of the request. */
function createFollowed(fetch: typeof globalThis.fetch, client: Payer, init: PaidRequestInit): AskJob<Response> {
  const { body: _body, x402: _options, signal: _signal, ...rest } = init
  const headers = new Headers(init.headers)
  for (const name of NOT_OF_A_JOB) headers.delete(name)
  return async (url, signal) => {
    const asked = {
      ...rest,
      method: 'GET',
      headers,
      redirect: 'manual' as const,
      ...noStore(),
      ...(signal && { signal }),
    }
    const response = await ask(fetch, client, url, asked)
    return show(response, url, (found) => watchResponse(response, undefined, found))
  }
}

/** A saved job is anyone's word, and not every fetch heeds that it follows no redirect. */
async function ask(fetch: typeof globalThis.fetch, client: Payer, url: string, init: RequestInit): Promise<Response> {
  if (client[REACH] === undefined) return fetch(url, init)
  const { fetchWithinReach } = await loadPart(import('../http/reaching-fetch.js'))
  return fetchWithinReach({ fetch, input: url, init }, (place) => client[REACH]?.(place))
}

/**
 * Makes the call once more where the seller names no other place to ask: the same payment is presented, and no other is approved.
 */
function createRepeated(
  again: (more: PaidRequestInit) => Promise<Response>,
  payment: string,
  options: CallOptions | undefined,
): AskJob<Response> {
  const approve = approveRepeat(payment)
  return async (url, signal) => {
    try {
      return show(await again({ x402: { ...options, approve }, ...(signal && { signal }) }), url, () => undefined)
    } catch (error) {
      // It would have been a second payment.
      if (!isX402Error(error) || !(error.response instanceof Response) || error.money !== 'untouched') throw error
      return show(error.response, url, () => undefined)
    }
  }
}

/** @param watchBody - Does nothing where the call that paid has found out. */
function show(response: Response, url: string, watchBody: JobResponse<Response>['watchBody']) {
  return toJobResponse<Response>(toHttpResponse(response, undefined, undefined), url, systemClock.nowSeconds(), {
    watchBody,
    discard: () => void response.body?.cancel().catch(ignoreFailure),
    hand: async () => response,
  })
}
