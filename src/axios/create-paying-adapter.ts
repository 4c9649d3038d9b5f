import type { AxiosAdapter, AxiosError, AxiosRequestConfig, AxiosResponse, InternalAxiosRequestConfig } from 'axios'
import { PAY, type Payer } from '../client/payer.js'
import { isX402Error } from '../errors.js'
import { copyPayment } from '../flow/payment.js'
import type { KeyedCall } from '../flow/ports.js'
import { type Asked, askUnpaid } from './ask-unpaid.js'
import type { AxiosAnswer } from './axios-answer.js'
import { beginKeyedCall } from './begin-keyed-call.js'
import { createExchange } from './create-exchange.js'
import { fromResponse } from './from-response.js'
import { holdBody } from './hold-body.js'
import { linkSignal } from './link-signal.js'
import { readData } from './read-data.js'
import { resolveAdapter } from './resolve-adapter.js'
import { settle } from './settle.js'
import { toRefusal } from './to-refusal.js'

/** What a paying adapter is made of. */
export type PayingAdapter = {
  readonly client: Payer
  /** What the caller's config names: it sends. */
  readonly given: AxiosRequestConfig['adapter']
  readonly paidTimeoutMs: number | undefined
}

/** Creates an adapter that pays: below the interceptors, so that these run once a call, and above the adapter that sends. */
export function createPayingAdapter({ client, given, paidTimeoutMs }: PayingAdapter): AxiosAdapter {
  return async (config) => {
    // Nobody asks for money there.
    if (/^data:/i.test(config.url ?? '')) return resolveAdapter(given, config).send(config)
    const keyedCall = beginKeyedCall(client, config)
    try {
      const asked = await askUnpaid(given, config)
      if (!asked.isPriced) return await conclude(asked.answer, config, false)
      return await pay(asked, { client, paidTimeoutMs, keyedCall })
    } finally {
      keyedCall?.end()
    }
  }
}

type Paying = Omit<PayingAdapter, 'given'> & { readonly keyedCall: KeyedCall | undefined }

async function pay(asked: Asked, { client, paidTimeoutMs, keyedCall }: Paying): Promise<AxiosResponse> {
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
