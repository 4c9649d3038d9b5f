import { AxiosError, type AxiosResponse, type InternalAxiosRequestConfig } from 'axios'
import { paymentOf } from '../flow/payment.js'
import { hideRequest } from './hide-request.js'

/**
 * Judges an answer by the caller's `validateStatus`, as the adapter would have.
 *
 * @throws An `AxiosError`, as axios's own.
 */
export function settle(response: AxiosResponse, config: InternalAxiosRequestConfig): AxiosResponse {
  const { validateStatus } = config
  const { status, request } = response
  if (!status || !validateStatus || validateStatus(status)) return response
  const code = status >= 400 && status < 500 ? AxiosError.ERR_BAD_REQUEST : AxiosError.ERR_BAD_RESPONSE
  const error = new AxiosError(`Request failed with status code ${status}`, code, config, request, response)
  if (paymentOf(response) !== undefined) hideRequest(error, request)
  throw error
}
