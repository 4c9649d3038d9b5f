import { AxiosError, type AxiosResponse, type InternalAxiosRequestConfig } from 'axios'
import { paymentOf } from '../flow/payment.js'
import { hideRequest } from './hide-request.js'
import { toStatusCode } from './to-status-code.js'

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
