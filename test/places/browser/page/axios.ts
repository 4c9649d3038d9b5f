import axios, { type AxiosError, type AxiosRequestConfig } from 'axios'
import { privateKeyToAccount } from 'viem/accounts'
import { ExactEvmScheme } from '../../../../schemes/evm/index.js'
import { paymentOf, wrapAxiosWithPayment, x402Client } from '../../../../src/axios/index.js'

/** What became of a request, in values that leave the page. */
export type PageAnswer = {
  readonly status: number | undefined
  readonly data: string
  readonly kind: string
  readonly money: string | undefined
  readonly error: { readonly code: string | undefined; readonly cause: unknown } | undefined
}

/** In a browser: buys with the adapter that axios takes there, XMLHttpRequest. */
async function buy(config: AxiosRequestConfig): Promise<PageAnswer> {
  const account = privateKeyToAccount(`0x${'11'.repeat(32)}`)
  const client = new x402Client().register('eip155:*', new ExactEvmScheme(account))
  const api = wrapAxiosWithPayment(axios.create({ x402: { redeliver: 'never' } }), client)
  try {
    const response = await api.request(config)
    return {
      ...(await show(response.data)),
      status: response.status,
      money: paymentOf(response)?.money,
      error: undefined,
    }
  } catch (thrown) {
    const { code, cause, response } = thrown as AxiosError
    return {
      ...(await show(response?.data)),
      status: response?.status,
      money: undefined,
      error: { code, cause: Reflect.get(cause ?? {}, 'code') },
    }
  }
}

async function show(data: unknown): Promise<{ data: string; kind: string }> {
  const kind = Object.prototype.toString.call(data).slice(8, -1)
  if (data instanceof Blob) return { kind, data: await data.text() }
  if (data instanceof ArrayBuffer) return { kind, data: new TextDecoder().decode(data) }
  if (data instanceof Document) return { kind, data: data.documentElement.textContent ?? '' }
  return { kind, data: typeof data === 'string' ? data : JSON.stringify(data) }
}

Object.assign(globalThis, { buy })
