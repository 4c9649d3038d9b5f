import axios from 'axios'
import ky from 'ky'
import { wrapAxiosWithPayment } from '../../../src/axios/wrap-axios-with-payment.js'
import type { Payer } from '../../../src/client/payer.js'
import type { PaidRequestInit } from '../../../src/fetch/exchange.js'
import { wrapFetchWithPayment } from '../../../src/fetch/wrap-fetch-with-payment.js'
import { wrapKyWithPayment } from '../../../src/ky/wrap-ky-with-payment.js'
import { paymentOf } from '../../../src/payment/summary.js'
import type { DoorAnswer } from './doors.js'
import { askByMcp } from './shop-by-mcp.js'

/** One call of some client: the whole answer, or the error of ours that refused it. */
export type Ask = (url: string, init?: PaidRequestInit) => Promise<DoorAnswer>

/** Every door, in front of a client that a test made: a restricted one, say. */
export const askThrough: Readonly<Record<string, (client: Payer) => Ask>> = {
  fetch(client) {
    const paidFetch = wrapFetchWithPayment(fetch, client)
    return async (url, init) => toAnswer(await paidFetch(url, init))
  },
  ky(client) {
    const api = wrapKyWithPayment(ky.create({ retry: 0, timeout: false }), client)
    return async (url, init) => {
      const response = await api(url, { ...init, throwHttpErrors: false })
      const error = paymentOf(response)?.error
      if (error !== undefined) throw error
      return toAnswer(response)
    }
  },
  'axios (http adapter)': (client) => askByAxios('http', client),
  'axios (fetch adapter)': (client) => askByAxios('fetch', client),
  'MCP (SDK 1)': (client) => askByMcp(1, client),
  'MCP (SDK 2)': (client) => askByMcp(2, client),
}

/** Whether a door is for tools: no header of a single call reaches the seller, and a result comes whole. */
export function isForTools(door: string): boolean {
  return door.startsWith('MCP')
}

/** What a refusal holds of the seller's own answer, through a door. */
export function unpaidBy(door: string): object {
  return isForTools(door) ? { isError: true } : { status: 402 }
}

function askByAxios(adapter: 'http' | 'fetch', client: Payer): Ask {
  const api = wrapAxiosWithPayment(axios.create({ adapter, responseType: 'text' }), client)
  return async (url, { method, headers, body, signal, x402 } = {}) => {
    try {
      const answer = await api.request({
        url,
        ...(method !== undefined && { method }),
        headers: Object.fromEntries(new Headers(headers)),
        ...(body !== undefined && { data: body }),
        ...(signal && { signal }),
        ...(x402 !== undefined && { x402 }),
      })
      return { status: answer.status, text: answer.data, payment: paymentOf(answer) }
    } catch (error) {
      throw axios.isAxiosError(error) && error.cause !== undefined ? error.cause : error
    }
  }
}

async function toAnswer(response: Response): Promise<DoorAnswer> {
  return { status: response.status, text: await response.text(), payment: paymentOf(response) }
}
