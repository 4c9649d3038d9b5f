import { AxiosError, AxiosHeaders, type AxiosResponse, type InternalAxiosRequestConfig } from 'axios'

/**
 * Reads an answer of axios's fetch adapter as that adapter does.
 *
 * @param body - `null` for an answer without one.
 * @param isForXhr - As XMLHttpRequest would have read it, in whose place fetch carried the payment.
 * @throws An `AxiosError` when the body breaks off, and what its stream fails with.
 */
export async function readWebStream(
  body: ReadableStream<Uint8Array> | null,
  config: InternalAxiosRequestConfig,
  response: AxiosResponse,
  isForXhr: boolean,
): Promise<unknown> {
  const type = String(AxiosHeaders.from(response.headers as AxiosHeaders).getContentType() ?? '')
  const whole = new Response(body, type === '' ? {} : { headers: { 'content-type': type } })
  try {
    return await (isForXhr ? readForXhr(whole, config, type) : read(whole, config))
  } catch (error) {
    if (!(error instanceof TypeError) || !/Load failed|fetch/i.test(error.message)) throw error
    const lost = new AxiosError('Network Error', AxiosError.ERR_NETWORK, config, response.request)
    Object.defineProperty(lost, 'cause', { value: error.cause ?? error, configurable: true, writable: true })
    throw lost
  }
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
