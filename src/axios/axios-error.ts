import { AxiosError, type AxiosResponse, CanceledError, type InternalAxiosRequestConfig } from 'axios'
import type { X402Error } from '../errors/x402-error.js'
import { paymentOf } from '../payment/summary.js'
import { isJsonObject } from '../wire/json.js'

/**
 * Our error as users of axios expect one: an `AxiosError` with ours as its `cause`, or a `CanceledError` when the caller gave up.
 *
 * Libraries that retry leave alone what has an answer of 4xx; only a lost answer has none, and asking again then presents the
 * same payment.
 *
 * @param response - The seller's last answer; `undefined` when it was lost.
 */
export function toAxiosError(
  error: X402Error,
  config: InternalAxiosRequestConfig,
  response: AxiosResponse | undefined,
): AxiosError {
  const made = isCanceled(error, config)
    ? new CanceledError(config.cancelToken?.reason?.message ?? error.message, config)
    : new AxiosError(error.message, toCode(error, config, response), config, undefined, response)
  Object.defineProperty(made, 'cause', { value: error, configurable: true, writable: true })
  hideRequest(made, response?.request ?? readRequest(error.cause))
  return made
}

/** Axios itself takes every failure after a cancellation for one, and would drop ours with its money. */
function isCanceled({ code }: X402Error, { signal, cancelToken }: InternalAxiosRequestConfig): boolean {
  return code === 'ABORTED' || signal?.aborted === true || cancelToken?.reason !== undefined
}

function toCode(error: X402Error, config: InternalAxiosRequestConfig, response: AxiosResponse | undefined): string {
  if (response !== undefined) return toStatusCode(response.status)
  // As axios's own for an address that it doesn't ask.
  if (error.code === 'HOST_OUT_OF_REACH') return AxiosError.ERR_BAD_REQUEST
  const { name, code } = isJsonObject(error.cause) ? error.cause : {}
  if (name === 'TimeoutError') return toTimeoutCode(config)
  return typeof code === 'string' ? code : AxiosError.ERR_NETWORK
}

function readRequest(cause: unknown): unknown {
  return isJsonObject(cause) ? cause['request'] : undefined
}

/** The code that axios gives an answer whose status is refused: whose fault it is. */
function toStatusCode(status: number): string {
  return status >= 400 && status < 500 ? AxiosError.ERR_BAD_REQUEST : AxiosError.ERR_BAD_RESPONSE
}

/** Axios's error for an answer that stalls: `ECONNABORTED`, or `ETIMEDOUT` where the config asks for that. */
export function createTimeoutError(config: InternalAxiosRequestConfig, response?: AxiosResponse): AxiosError {
  const message = config.timeoutErrorMessage || `timeout of ${config.timeout}ms exceeded`
  return new AxiosError(message, toTimeoutCode(config), config, response?.request)
}

/** The code that users of this config look for. */
function toTimeoutCode({ transitional }: InternalAxiosRequestConfig): string {
  return transitional?.clarifyTimeoutError === true ? AxiosError.ETIMEDOUT : AxiosError.ECONNABORTED
}

/**
 * Keeps the request of a paid answer or error reachable, but out of logs: the head of Node's request is text with the payment in it.
 */
export function hideRequest<Holder extends object>(holder: Holder, request: unknown): Holder {
  return Object.defineProperty(holder, 'request', {
    value: request,
    enumerable: false,
    configurable: true,
    writable: true,
  })
}

/**
 * Judges an answer by the caller's `validateStatus`, as the adapter would have.
 *
 * @throws An `AxiosError`, as axios's own.
 */
export function settle(response: AxiosResponse, config: InternalAxiosRequestConfig): AxiosResponse {
  const { validateStatus } = config
  const { status, request } = response
  if (!status || !validateStatus || validateStatus(status)) return response
  const message = `Request failed with status code ${status}`
  const error = new AxiosError(message, toStatusCode(status), config, request, response)
  if (paymentOf(response) !== undefined) hideRequest(error, request)
  throw error
}
