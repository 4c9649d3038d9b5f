import { AxiosError, type AxiosResponse, type InternalAxiosRequestConfig, isAxiosError } from 'axios'
import { createTimeoutError } from './axios-error.js'
import type { NodeStream } from './stream-body.js'

/** Node's bytes, which callers of axios's http adapter are given. */
type Buffers = { concat(chunks: readonly Uint8Array[]): { toString(encoding?: string): string } }

/**
 * Reads an answer of axios's http adapter as that adapter does: bytes for `arraybuffer`, else text.
 *
 * The ledger wrote since the head arrived, and a stream that broke off meanwhile never tells again: it is asked first.
 *
 * @param isWatched - Whether `timeout` ends a body that stalls; follow-redirects sees to that by itself.
 * @param signal - Ends the reading.
 * @throws An `AxiosError`: when the body breaks off, is longer than `maxContentLength`, or stalls for longer than `timeout`. The
 * signal's reason.
 */
export function readNodeStream(
  stream: NodeStream,
  config: InternalAxiosRequestConfig,
  response: AxiosResponse,
  { isWatched, signal }: { isWatched: boolean; signal: AbortSignal | undefined },
): Promise<unknown> {
  const { maxContentLength = -1, timeout = 0 } = config
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = []
    let length = 0
    let timer: ReturnType<typeof setTimeout> | undefined
    const abort = () => fail(signal?.reason)
    const end = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', abort)
    }
    const fail = (error: unknown) => {
      end()
      reject(error)
      stream.destroy()
    }
    const breakOff = (error: Error | null | undefined) => {
      if (error === undefined || error === null) fail(createBrokenError(config, response))
      else fail(isAxiosError(error) ? error : AxiosError.from(error, undefined, config, response.request, response))
    }
    if (signal?.aborted) return abort()
    if (stream.destroyed) return breakOff(stream.errored)
    signal?.addEventListener('abort', abort, { once: true })
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
    stream.on('aborted', () => breakOff(undefined))
    stream.on('error', breakOff)
    stream.on('end', () => {
      end()
      resolve(decode(chunks, config))
    })
    // After `end` it changes nothing; without it the body was cut off, and no error may tell so.
    stream.on('close', () => breakOff(undefined))
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
