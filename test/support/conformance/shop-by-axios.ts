import { Readable } from 'node:stream'
import type { ReadableStream as NodeWebStream } from 'node:stream/web'
import axios, { type AxiosRequestConfig, type AxiosResponse } from 'axios'
import { wrapAxiosWithPayment } from '../../../src/axios/wrap-axios-with-payment.js'
import type { ClientOptions } from '../../../src/client/options.js'
import { isX402Error } from '../../../src/errors/x402-error.js'
import type { PaidRequestInit } from '../../../src/fetch/exchange.js'
import { paymentOf } from '../../../src/payment/summary.js'
import { createBuyer, type Narrow } from '../create-buyer.js'
import type { DoorAnswer, StreamedAnswer } from './doors.js'

/** A buyer who asks by axios what situations ask in the words of fetch. */
export function shopByAxios(adapter: 'http' | 'fetch', options: ClientOptions, narrow?: Narrow) {
  const buyer = createBuyer(options, {}, narrow)
  const api = wrapAxiosWithPayment(axios.create({ adapter, responseType: 'text' }), buyer.payer)
  return {
    ...buyer,
    async request(url: string, init?: PaidRequestInit): Promise<DoorAnswer> {
      const answer = await api.request(toConfig(url, adapter, init)).catch((error: unknown) => toOutcome(error, init))
      return { status: answer.status, text: answer.data, payment: paymentOf(answer) }
    },
    async stream(url: string, init?: PaidRequestInit): Promise<StreamedAnswer> {
      const config = { ...toConfig(url, adapter, init), responseType: 'stream' as const }
      const answer = await api.request(config).catch((error: unknown) => toOutcome(error, init))
      return { status: answer.status, chunks: answer.data, payment: paymentOf(answer) }
    },
  }
}

function toConfig(url: string, adapter: 'http' | 'fetch', init: PaidRequestInit = {}): AxiosRequestConfig {
  const { body, headers, method, signal, x402 } = init
  return {
    url,
    // Like fetch, which answers with any status; a refusal is a refusal.
    validateStatus: (status) => status !== 402,
    ...(method !== undefined && { method }),
    ...(body !== undefined && { data: toData(body, adapter) }),
    headers: {
      ...Object.fromEntries(new Headers(headers)),
      // As `axios.postForm` says it.
      ...(body instanceof FormData && { 'content-type': 'multipart/form-data' }),
    },
    ...(signal && { signal }),
    ...(x402 !== undefined && { x402 }),
  }
}

/** Axios's http adapter knows only streams of Node's. */
function toData(body: BodyInit | null, adapter: 'http' | 'fetch'): unknown {
  const isForNode = adapter === 'http' && body instanceof ReadableStream
  return isForNode ? Readable.fromWeb(body as NodeWebStream) : body
}

/** What fetch would have ended with: our own error, the reason of an abort, or the 402 that isn't x402. */
function toOutcome(error: unknown, init: RequestInit | undefined): AxiosResponse {
  if (!axios.isAxiosError(error)) throw error
  if (isX402Error(error.cause)) throw error.cause
  if (axios.isCancel(error)) throw init?.signal?.reason
  // Only a 402 is refused for its status; any other answer that comes as an error broke off.
  if (error.response?.status !== 402) throw error
  return error.response
}
