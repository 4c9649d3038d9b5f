import { AxiosError, AxiosHeaders, type AxiosResponse, type InternalAxiosRequestConfig } from 'axios'
import { endWith } from '../http/body-stream.js'
import { anySignal } from '../payment/abort.js'
import { createTimeoutError } from './axios-error.js'

/** How an answer of the fetch adapter is read. */
type WebReading = {
  /** As XMLHttpRequest would have read it, in whose place fetch carried the payment. */
  readonly isForXhr: boolean
  /** Then `timeout` ends a body that stalls; without a payment axios sees to that by itself. */
  readonly isPaid: boolean
  /** Ends the reading. */
  readonly signal: AbortSignal | undefined
}

/**
 * Reads an answer of axios's fetch adapter as that adapter does.
 *
 * @param body - `null` for an answer without one.
 * @throws An `AxiosError` when the body breaks off or stalls, what its stream fails with, and the signal's reason.
 */
export async function readWebStream(
  body: ReadableStream<Uint8Array> | null,
  config: InternalAxiosRequestConfig,
  response: AxiosResponse,
  { isForXhr, isPaid, signal }: WebReading,
): Promise<unknown> {
  const type = String(AxiosHeaders.from(response.headers as AxiosHeaders).getContentType() ?? '')
  const overdue = createOverdue(config, response, isPaid)
  const ended = endWith(body, anySignal(signal, overdue?.signal))
  const whole = new Response(ended, type === '' ? {} : { headers: { 'content-type': type } })
  try {
    return await (isForXhr ? readForXhr(whole, config, type) : read(whole, config))
  } catch (error) {
    if (!(error instanceof TypeError) || !/Load failed|fetch/i.test(error.message)) throw error
    const lost = new AxiosError('Network Error', AxiosError.ERR_NETWORK, config, response.request)
    Object.defineProperty(lost, 'cause', { value: error.cause ?? error, configurable: true, writable: true })
    throw lost
  } finally {
    overdue?.clear()
  }
}

/** Aborts where a paid body takes longer than `timeout`. */
function createOverdue(config: InternalAxiosRequestConfig, response: AxiosResponse, isPaid: boolean) {
  const { timeout = 0 } = config
  if (!isPaid || timeout <= 0) return undefined
  const controller = new AbortController()
  const timer = setTimeout(() => controller.abort(createTimeoutError(config, response)), timeout)
  return { signal: controller.signal, clear: () => clearTimeout(timer) }
}

function read(whole: Response, { responseType }: InternalAxiosRequestConfig): Promise<unknown> {
  switch (responseType?.toLowerCase()) {
    case 'arraybuffer':
      return whole.arrayBuffer()
    case 'blob':
      return whole.blob()
    case 'formdata':
      return whole.formData()
    default:
      return whole.text()
  }
}

async function readForXhr(whole: Response, config: InternalAxiosRequestConfig, type: string): Promise<unknown> {
  if (config.responseType === 'arraybuffer' || config.responseType === 'blob') return read(whole, config)
  const text = createDecoder(type).decode(await whole.arrayBuffer())
  if (config.responseType !== 'document') return text
  return new DOMParser().parseFromString(text, /\bhtml\b/i.test(type) ? 'text/html' : 'application/xml')
}

/** XMLHttpRequest heeds the charset that the answer names; fetch reads everything as UTF-8. */
function createDecoder(type: string): TextDecoder {
  const [, label] = /;\s*charset="?([^";\s]+)/i.exec(type) ?? []
  try {
    return new TextDecoder(label)
  } catch {
    return new TextDecoder() // a charset that nobody knows
  }
}
