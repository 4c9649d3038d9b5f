import { Readable } from 'node:stream'
import { Octokit } from '@octokit/core'
import { retry as retryPlugin } from '@octokit/plugin-retry'
import { QueryClient } from '@tanstack/query-core'
import axios from 'axios'
import axiosRetry from 'axios-retry'
import got, { type NormalizedOptions } from 'got'
import ky from 'ky'
import ky2 from 'ky2'
import OpenAI from 'openai'
import pRetry from 'p-retry'
import { wrapAxiosWithPayment } from '../../../src/axios/wrap-axios-with-payment.js'
import type { Payer } from '../../../src/client/payer.js'
import { wrapKyWithPayment } from '../../../src/ky/wrap-ky-with-payment.js'

/** What every library asks for, at `POST /chat/completions`. */
export const question = { model: 'any', messages: [{ role: 'user' as const, content: 'Hello?' }] }

/** Asks once by some library that tries again by itself, and returns what was bought. */
export type Ask = (url: string, paidFetch: typeof fetch, client: Payer) => Promise<unknown>

const PATH = '/chat/completions'

/** How often a library asks again; each waits next to nothing between. */
const RETRIES = 3

/** Libraries that ask again by themselves, each around a wrapped fetch or wrapped by its own door. */
export const retryingLibraries: Readonly<Record<string, Ask>> = {
  'ky 1': async (url, paidFetch) => ky.post(url + PATH, { ...kyOptions(), fetch: paidFetch }).json(),
  'ky 1, wrapped': async (url, _paidFetch, client) =>
    wrapKyWithPayment(ky, client)
      .post(url + PATH, kyOptions())
      .json(),
  'ky 2': async (url, paidFetch) => ky2.post(url + PATH, { ...kyOptions(), fetch: paidFetch }).json(),
  'ky 2, wrapped': async (url, _paidFetch, client) =>
    wrapKyWithPayment(ky2, client)
      .post(url + PATH, kyOptions())
      .json(),
  async 'the openai client'(baseURL, paidFetch) {
    const openai = new OpenAI({ apiKey: 'none', baseURL, fetch: paidFetch, maxRetries: RETRIES })
    return openai.chat.completions.create(question)
  },
  'TanStack Query': async (url, paidFetch) =>
    new QueryClient().fetchQuery({
      queryKey: ['question'],
      queryFn: () => postOrThrow(url, paidFetch),
      retry: RETRIES,
      retryDelay: 1,
    }),
  'p-retry': async (url, paidFetch) =>
    pRetry(() => postOrThrow(url, paidFetch), { retries: RETRIES, minTimeout: 1, factor: 1 }),
  // got has no fetch inside: what its hook returns takes the place of the request, so that its own retry is around that.
  got: async (url, paidFetch) =>
    got
      .post(url + PATH, {
        json: question,
        hooks: { beforeRequest: [(options) => answerGot(options, paidFetch)] },
        retry: { methods: ['POST'], calculateDelay: ({ attemptCount }) => (attemptCount > RETRIES ? 0 : 1) },
      })
      .json(),
  async 'octokit with its retry plugin'(baseUrl, paidFetch) {
    const octokit = new (Octokit.plugin(retryPlugin))({
      baseUrl,
      log: { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined },
      request: { fetch: paidFetch },
      retry: { retries: RETRIES, retryAfterBaseValue: 1 },
    })
    return (await octokit.request(`POST ${PATH}`, question)).data
  },
  'axios-retry, by the http adapter': (url, _paidFetch, client) => askByAxios('http', url, client),
  'axios-retry, by the fetch adapter': (url, _paidFetch, client) => askByAxios('fetch', url, client),
  async 'axios-retry around a wrapped fetch'(baseURL, paidFetch) {
    const instance = axios.create({ baseURL, adapter: 'fetch', env: { fetch: paidFetch } })
    axiosRetry(instance, axiosRetries)
    return (await instance.post(PATH, question)).data
  },
}

function kyOptions() {
  const retry = { limit: RETRIES, methods: ['post' as const], statusCodes: [409, 413, 503], delay: () => 0 }
  return { json: question, retry }
}

const axiosRetries = {
  retries: RETRIES,
  retryDelay: () => 0,
  retryCondition: ({ response }: { response?: { status: number } | undefined }) =>
    response === undefined || [409, 413, 503].includes(response.status),
}

async function askByAxios(adapter: 'http' | 'fetch', baseURL: string, client: Payer): Promise<unknown> {
  const instance = wrapAxiosWithPayment(axios.create({ baseURL, adapter }), client)
  axiosRetry(instance, axiosRetries)
  return (await instance.post(PATH, question)).data
}

/** As their users write it, since these two know nothing of HTTP. */
async function postOrThrow(url: string, paidFetch: typeof fetch): Promise<unknown> {
  const body = JSON.stringify(question)
  const response = await paidFetch(url + PATH, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json' },
  })
  if (!response.ok) throw new Error(`The seller answered ${response.status}.`)
  return response.json()
}

async function answerGot({ url, method, headers, body }: NormalizedOptions, paidFetch: typeof fetch): Promise<never> {
  const given = Object.entries(headers).flatMap(([name, value]): [string, string][] =>
    value === undefined || name === 'content-length' ? [] : [[name, String(value)]],
  )
  const response = await paidFetch(String(url), { method, headers: given, body: String(body) })
  const bytes = new Uint8Array(await response.arrayBuffer())
  const { status: statusCode } = response
  // What got takes for a response: `ResponseLike`, a stream with its head beside it.
  return Object.assign(Readable.from([bytes]), {
    statusCode,
    url: String(url),
    headers: Object.fromEntries(response.headers),
  }) as never
}
