import { AxiosError, type AxiosResponse, type InternalAxiosRequestConfig, isAxiosError } from 'axios'
import { createTimeoutError } from './create-timeout-error.js'
import type { NodeStream } from './stream-body.js'

/** Node's bytes, which callers of axios's http adapter are given. */
type Buffers = { concat(chunks: readonly Uint8Array[]): { toString(encoding?: string): string } }

/**
 * Reads an answer of axios's http adapter as that adapter does: bytes for `arraybuffer`, else text.
 *
 * @param isWatched - Whether `timeout` ends a body that stalls; follow-redirects sees to that by itself.
 * @throws An `AxiosError`: when the body breaks off, is longer than `maxContentLength`, or stalls for longer than `timeout`.
 */
export function readNodeStream(
  stream: NodeStream,
  config: InternalAxiosRequestConfig,
  response: AxiosResponse,
  isWatched: boolean,
): Promise<unknown> {
  const { maxContentLength = -1, timeout = 0 } = config
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = []
    let length = 0
    let timer: ReturnType<typeof setTimeout> | undefined
    const fail = (error: AxiosError) => {
      clearTimeout(timer)
      reject(error)
      stream.destroy()
    }
    // Once the head is here the adapter's own timer is over.
    const watch = () => {
      clearTimeout(timer)
      if (isWatched && timeout > 0) timer = setTimeout(() => fail(createTimeoutError(config, response)), timeout)
    }
    watch()
    stream.on('data', (chunk: Uint8Array) => {
      watch()
      chunks.push(chunk)
      length += chunk.length
      if (maxContentLength > -1 && length > maxContentLength) fail(createLengthError(config, response))
    })
    stream.on('aborted', () => fail(createBrokenError(config, response)))
    stream.on('error', (error: Error) => {
      fail(isAxiosError(error) ? error : AxiosError.from(error, undefined, config, response.request, response))
    })
    stream.on('end', () => {
      clearTimeout(timer)
      resolve(decode(chunks, config))
    })
  })
}

function decode(
  chunks: readonly Uint8Array[],
  { responseType, responseEncoding }: InternalAxiosRequestConfig,
): unknown {
  // Looked up by its name, so that no bundler puts a polyfill of it into pages, where no such stream comes.
  const buffers: Buffers | undefined = Reflect.get(globalThis, 'Buffer')
  const bytes = buffers?.concat(chunks)
  if (responseType === 'arraybuffer') return bytes
  const text = bytes?.toString(responseEncoding) ?? ''
  const isUtf8 = responseEncoding === undefined || responseEncoding === 'utf8'
  return isUtf8 && text.startsWith('\ufeff') ? text.slice(1) : text
}

function createLengthError(config: InternalAxiosRequestConfig, { request }: AxiosResponse): AxiosError {
  const message = `maxContentLength size of ${config.maxContentLength} exceeded`
  return new AxiosError(message, AxiosError.ERR_BAD_RESPONSE, config, request)
}

function createBrokenError(config: InternalAxiosRequestConfig, response: AxiosResponse): AxiosError {
  return new AxiosError('stream has been aborted', AxiosError.ERR_BAD_RESPONSE, config, response.request, response)
}
