import { Readable } from 'node:stream'
import axios, { type AxiosInstance, type AxiosRequestConfig, type AxiosResponse, type ResponseType } from 'axios'
import { describe, expect, it } from 'vitest'
import { wrapAxiosWithPayment } from '../../../src/axios/wrap-axios-with-payment.js'
import { isX402Error } from '../../../src/errors/x402-error.js'
import { createBuyer } from '../../support/create-buyer.js'
import { stopTimers } from '../../support/money/stop-timers.js'
import { openLibrary } from './open-library.js'

const types: (ResponseType | undefined)[] = [
  undefined,
  'json',
  'text',
  'arraybuffer',
  'blob',
  'document',
  'stream',
  'formdata',
]

/** What is asked for beside the plain GET. */
const requests: Readonly<Record<string, AxiosRequestConfig>> = {
  ...Object.fromEntries(
    types.flatMap((responseType) =>
      ['/json', '/bytes', '/gzip', '/empty', '/gone'].map((url) => [
        `${url} as ${responseType}`,
        { url, ...(responseType !== undefined && { responseType }) },
      ]),
    ),
  ),
  'a form as formdata': { url: '/form', responseType: 'formdata' },
  'text with a byte order mark': { url: '/bom' },
  'text in another encoding': { url: '/latin1', responseEncoding: 'latin1' },
  'text in base64': { url: '/latin1', responseEncoding: 'base64' },
  'a document': { url: '/html', responseType: 'document' },
  'two cookies': { url: '/twice' },
  HEAD: { url: '/gzip', method: 'head' },
  'bytes left packed': { url: '/gzip', decompress: false, responseType: 'arraybuffer' },
  'what only says that it is packed': { url: '/not-gzip' },
  'a server error': { url: '/failing' },
  'a status that the caller accepts': { url: '/gone', validateStatus: () => true },
  'a status that the caller refuses': { url: '/json', validateStatus: (status) => status !== 200 },
  'any status': { url: '/failing', validateStatus: null },
  'JSON that is none, strictly': {
    url: '/broken-json',
    responseType: 'json',
    transitional: { silentJSONParsing: false },
  },
  'JSON that is none': { url: '/broken-json' },
  'the caller’s own transform': { url: '/json', transformResponse: (data: unknown) => ({ own: data }) },
  'a body that is too long': { url: '/long', maxContentLength: 1000 },
  'a body that turns out too long': { url: '/long-in-parts', maxContentLength: 60_000 },
  'a body as long as allowed': { url: '/long', maxContentLength: 100_000 },
  'a body that breaks off': { url: '/breaks-off' },
  'bytes that break off': { url: '/breaks-off', responseType: 'arraybuffer' },
}

/** What ends without an answer. Once it was paid for, the words are ours and the codes are axios's. */
const losses: Readonly<Record<string, AxiosRequestConfig>> = {
  'no answer in time': { url: '/silent', timeout: 100 },
  'no answer in time, clearly': { url: '/silent', timeout: 100, transitional: { clarifyTimeoutError: true } },
  'no answer in time, in other words': { url: '/silent', timeout: 100, timeoutErrorMessage: 'too slow' },
  'a dropped connection': { url: '/drops' },
}

/** More than the 402 needs on the busiest machine; none of it is waited for. */
const PATIENCE_MS = 20_000

/** Where the adapters differ by nature once a request is paid: its body is watched by ourselves, and redirects aren't left to them. */
const freeOnly: Readonly<Record<string, AxiosRequestConfig>> = {
  'a body that stalls where nothing is followed': { url: '/stalls', timeout: 500, maxRedirects: 0 },
  'a body that stalls': { url: '/stalls', timeout: 500 },
  'a redirect': { url: '/moved' },
  'a redirect that isn’t followed': { url: '/moved', maxRedirects: 0 },
}

for (const adapter of ['http', 'fetch'] as const) {
  describe(`through the ${adapter} adapter`, () => {
    const open = async (keepWaiting?: () => void) => {
      const { url: baseURL } = await openLibrary(keepWaiting)
      const plain = axios.create({ baseURL, adapter })
      const wrapped = axios.create({ baseURL, adapter, x402: { redeliver: 'never' } })
      wrapAxiosWithPayment(wrapped, createBuyer().client)
      return { plain, wrapped }
    }

    it.each(Object.entries({ ...requests, ...losses, ...freeOnly }))('a free answer: %s', async (_, config) => {
      const { plain, wrapped } = await open()
      expect(await ask(wrapped, config)).toEqual(await ask(plain, config))
    })

    it.each(Object.entries(requests))('a paid answer: %s', async (_, config) => {
      const { plain, wrapped } = await open()
      const paid = await ask(wrapped, { ...config, url: `/paid${config.url}` })
      const free = await ask(plain, config)
      // Whatever goes wrong with what was paid for, the answer is shown: without one, retry libraries would buy again.
      const shown = free['error'] === undefined ? {} : { answer: expect.anything(), status: expect.any(Number) }
      expect(paid).toEqual({ ...free, ...(free['answer'] === undefined && shown) })
    })

    it.each(Object.entries(losses))('a lost answer: %s', async (_, config) => {
      const pass = stopTimers()
      const { plain, wrapped } = await open(() => pass(PATIENCE_MS))
      const patient = config.timeout === undefined ? {} : { timeout: PATIENCE_MS }
      const lost = await ask(wrapped, { ...config, ...patient, url: `/paid${config.url}` })
      const { code } = await ask(plain, config)
      expect(lost).toMatchObject({ error: 'AxiosError', code, cause: { code: 'ANSWER_LOST', money: 'in-doubt' } })
    })
  })
}

type Outcome = Readonly<Record<string, unknown>>

/** What became of a request, in plain values. */
async function ask(instance: AxiosInstance, config: AxiosRequestConfig): Promise<Outcome> {
  try {
    return await describeAnswer(await instance.request(config))
  } catch (error) {
    if (!axios.isAxiosError(error)) throw error
    const { name, code, status, message, response, cause } = error
    const answer = response && (await describeAnswer(response))
    return { error: name, code, status, message, answer, ...(isX402Error(cause) && { cause: cause.toJSON() }) }
  }
}

async function describeAnswer({ status, statusText, headers, data }: AxiosResponse): Promise<Outcome> {
  const { date: _, ...others } = headers
  return { status, statusText, headers: others, data: await describeData(data) }
}

/** The type of the data and its bytes, where those aren't seen by comparing. */
async function describeData(data: unknown): Promise<unknown> {
  if (data instanceof Readable) return { stream: 'of Node', bytes: Buffer.concat(await data.toArray()) }
  if (data instanceof ReadableStream) return { stream: 'of the platform', text: await new Response(data).text() }
  if (data instanceof Blob) return { blob: data.type, text: await data.text() }
  if (data instanceof FormData) return { form: [...data] }
  return typeof data === 'object' && data !== null ? { [data.constructor.name]: data } : data
}
