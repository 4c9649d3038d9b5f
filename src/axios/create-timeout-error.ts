import { AxiosError, type AxiosResponse, type InternalAxiosRequestConfig } from 'axios'

/** Axios's error for an answer that stalls: `ECONNABORTED`, or `ETIMEDOUT` where the config asks for that. */
export function createTimeoutError(config: InternalAxiosRequestConfig, response?: AxiosResponse): AxiosError {
  const message = config.timeoutErrorMessage || `timeout of ${config.timeout}ms exceeded`
  return new AxiosError(message, toTimeoutCode(config), config, response?.request)
}

/** The code that users of this config look for. */
export function toTimeoutCode({ transitional }: InternalAxiosRequestConfig): string {
  return transitional?.clarifyTimeoutError === true ? AxiosError.ETIMEDOUT : AxiosError.ECONNABORTED
}
