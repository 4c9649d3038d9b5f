import {
  Axios,
  type AxiosAdapter,
  AxiosHeaders,
  type AxiosRequestConfig,
  type AxiosResponse,
  type InternalAxiosRequestConfig,
  isAxiosError,
} from 'axios'
import { JOB, type Payer, REACH } from '../../client/payer.js'
import { isX402Error } from '../../errors/x402-error.js'
import { noStore } from '../../http/door.js'
import { NOT_OF_A_JOB, readJobAddress, toJobResponse } from '../../http/job-response.js'
import { systemClock } from '../../payment/clock.js'
import type { AskJob, Job, JobResponse, SavedJob } from '../../payment/job/job.js'
import { approveRepeat } from '../../payment/job/repeats.js'
import { loadPart } from '../../payment/part.js'
import { attachPayment, paymentOf } from '../../payment/summary.js'
import { type ResolvedAdapter, resolveAdapter } from '../adapter.js'
import type { AxiosAnswer } from '../answer.js'
import { settle } from '../axios-error.js'
import { readData } from '../data.js'
import { toFullUrl, toHttpResponse } from '../exchange.js'
import { holdBody } from '../held-body.js'
import { askAdapter } from '../sent.js'
import { isNodeStream, isWebStream } from '../stream-body.js'
import { watchAnswer } from '../watched-answer.js'

/** Sends one request as axios does, its transforms included. */
type Send = (config: AxiosRequestConfig) => Promise<AxiosResponse>

/** The request whose answer comes later. */
export type AcceptedRequest = {
  /** As it was before an adapter wrote into it. */
  readonly config: AxiosRequestConfig
  /** What the caller's config names: it sends. */
  readonly given: AxiosRequestConfig['adapter']
  /** Sends it through the paying adapter once more. */
  readonly again: Send
}

/** Lets the caller wait for what a `202` only promises. Whatever fails, the answer is handed over (R7). */
export async function attachJob(answer: AxiosAnswer, request: AcceptedRequest, client: Payer): Promise<void> {
  const summary = paymentOf(answer)
  if (summary?.id === undefined) return
  const { config, given, again } = request
  const url = answer.url ?? toFullUrl(config)
  const method = (config.method ?? 'get').toUpperCase()
  try {
    const address = await readJobAddress(toHttpResponse(answer), { method, url }, systemClock.nowSeconds())
    if (address === undefined) return
    const { isSame, ...start } = address
    const ask = isSame
      ? createRepeated(again, config, summary.id)
      : createFollowed((one) => new Axios({}).request(one), client, config, given)
    const job = await client[JOB]?.({ payment: summary.id, ...start }, ask)
    if (job !== undefined) attachPayment(answer, { ...summary, job: job as unknown as Job<AxiosAnswer> }) // it's copied to the response
  } catch {
    // It is paid for, and says by itself what became of it.
  }
}

/** Takes up a job that another process kept. */
export async function takeJob(
  send: Send,
  client: Payer,
  saved: SavedJob,
  config: AxiosRequestConfig,
  given: AxiosRequestConfig['adapter'],
): Promise<Job<AxiosResponse>> {
  const job = await client[JOB]?.(saved, createFollowed(send, client, config, given))
  if (job === undefined) throw new TypeError('pay402: the client is of a version that follows no jobs')
  return job
}

/** Asks by GET, without a payment, as the caller of the request. */
function createFollowed(
  send: Send,
  client: Payer,
  config: AxiosRequestConfig,
  given: AxiosRequestConfig['adapter'],
): AskJob<AxiosResponse> {
  const { url: _url, baseURL: _base, params: _params, data: _data, x402: _options, ...rest } = config
  const headers = AxiosHeaders.from(config.headers as AxiosHeaders).concat()
  headers.delete([...NOT_OF_A_JOB])
  return async (url, signal) => {
    let answer: AxiosAnswer | undefined
    let data: unknown
    const response = await send({
      ...rest,
      url,
      method: 'get',
      headers,
      maxRedirects: 0,
      fetchOptions: { ...rest.fetchOptions, redirect: 'manual', ...noStore() },
      ...(signal && { signal }),
      adapter: unpaid(async (asked) => {
        answer = await ask(resolveAdapter(given, asked), asked, client)
        await readData(answer, asked, false)
        data = answer.response.data
        return answer.response
      }),
    })
    const arrived = answer ?? toPlain(response)
    return show(arrived, response, url, (found) => {
      const isFlowing = isNodeStream(response.data) || isWebStream(response.data)
      // What was read whole is told of as it came: the instance may have made something else of it.
      watchAnswer({ ...arrived, response: isFlowing ? response : { ...response, data } }, undefined, found)
    })
  }
}

/** A saved job is anyone's word, and its host's name may lead elsewhere each time. */
async function ask(adapter: ResolvedAdapter, config: InternalAxiosRequestConfig, client: Payer): Promise<AxiosAnswer> {
  const asking = { config, shown: config, isPaid: false }
  if (client[REACH] === undefined) return askAdapter(adapter, asking)
  const { boundRequest } = await loadPart(import('../reach/bounded-request.js'))
  const bounded = boundRequest(config, adapter, (url) => client[REACH]?.(url))
  try {
    return await bounded.ask({ ...asking, config: bounded.config })
  } catch (error) {
    throw isAxiosError(error) && isX402Error(error.cause) ? error.cause : error
  }
}

/** Wrapped instances leave an adapter of ours as it is: nothing is paid for to ask where a job is. */
function unpaid(adapter: AxiosAdapter): AxiosAdapter {
  return Object.defineProperty(adapter, Symbol.for('pay402.adapter'), { value: true })
}

/** Makes the request once more where the seller names no other place to ask: the same payment is presented, and no other is approved. */
function createRepeated(again: Send, config: AxiosRequestConfig, payment: string): AskJob<AxiosResponse> {
  const approve = approveRepeat(payment)
  return async (url, signal) => {
    try {
      const response = await again({ ...config, x402: { ...config.x402, approve }, ...(signal && { signal }) })
      return show(toPlain(response), response, url, () => undefined)
    } catch (error) {
      const { cause, response } = isAxiosError(error) ? error : { cause: error, response: undefined }
      if (!isX402Error(cause)) throw error
      // It would have been a second payment.
      if (response?.status !== 402 || cause.money !== 'untouched') throw cause
      return show(toPlain(response), response, url, () => undefined)
    }
  }
}

function toPlain(response: AxiosResponse): AxiosAnswer {
  return { response, form: 'whole', url: undefined, hidden: false, judged: undefined }
}

/** @param watchBody - Does nothing where the request that paid has found out. */
function show(
  answer: AxiosAnswer,
  response: AxiosResponse,
  url: string,
  watchBody: JobResponse<AxiosResponse>['watchBody'],
) {
  return toJobResponse<AxiosResponse>(toHttpResponse(answer), url, systemClock.nowSeconds(), {
    watchBody,
    discard: () => holdBody(response.data).discard(),
    hand: async () => settle(response, response.config),
  })
}
