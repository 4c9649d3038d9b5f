import { AxiosError, type AxiosResponse, CanceledError, type InternalAxiosRequestConfig, isAxiosError } from 'axios'
import { throwIfAborted } from '../payment/abort.js'
import { copyPayment } from '../payment/summary.js'
import type { AxiosAnswer } from './answer.js'
import { hideRequest, settle } from './axios-error.js'
import { linkSignal } from './linked-signal.js'
import { readNodeStream } from './node-stream.js'
import { readWebStream } from './web-stream.js'

/**
 * Hands an answer over as axios does.
 *
 * @param isPaid - As {@link readData} takes it.
 * @throws An `AxiosError` where its body fails, or its status isn't one of those that the caller takes.
 */
export async function handOver(
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

/**
 * Reads the body of an answer as its adapter would have, had it not been asked for the head alone. The caller's signal, cancel token
 * and `timeout` end it at any moment: a body that another call bought under the same key knows nothing of them.
 *
 * @param isPaid - Then every failure shows the answer: what has an answer isn't asked for again by retry libraries, which would
 * buy it again.
 * @throws An `AxiosError`, as the adapter's own.
 */
export async function readData(
  { response, form, failure }: AxiosAnswer,
  config: InternalAxiosRequestConfig,
  isPaid: boolean,
): Promise<void> {
  const { data } = response
  const { signal, unlink } = linkSignal(config)
  const isLeft = form === 'whole' || config.responseType === 'stream'
  if (failure === undefined && isLeft && !(isPaid && signal?.aborted)) return unlink()
  response.data = undefined
  try {
    if (failure !== undefined) throw failure
    throwIfAborted(signal)
    // Without follow-redirects the adapter's timer is over when the head is here.
    const isWatched = isPaid || config.maxRedirects === 0
    if (form === 'node') response.data = await readNodeStream(data, config, response, { isWatched, signal })
    else response.data = await readWebStream(data, config, response, { isForXhr: form === 'xhr', isPaid, signal })
  } catch (thrown) {
    const error = toError(thrown, config, response, signal)
    if (isPaid) hideRequest(error, response.request)
    error.config = config
    if (isPaid && error.response === undefined) {
      error.response = response
      error.status = response.status
    }
    throw error
  } finally {
    unlink()
  }
}

/** Axios itself takes every failure after a cancellation for one, and would drop the answer with its payment. */
function toError(
  thrown: unknown,
  config: InternalAxiosRequestConfig,
  { request }: AxiosResponse,
  signal: AbortSignal | undefined,
): AxiosError {
  if (signal?.aborted) return new CanceledError(config.cancelToken?.reason?.message, config, request)
  return isAxiosError(thrown) ? thrown : AxiosError.from(thrown as Error, undefined, config, request)
}
