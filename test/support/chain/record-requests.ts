import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { digestOf } from './routes.js'

/** A request that reached a seller, paid or not. */
export type RecordedRequest = {
  method: string
  path: string
  query: URLSearchParams
  headers: IncomingHttpHeaders
  /** Digest and length of the bytes that arrived. */
  body: { sha256: string; length: number }
}

/** Reads requests to their end and remembers them. */
export type RequestRecorder = {
  readonly requests: readonly RecordedRequest[]
  /** Reads the whole body, before the payment middleware answers, so that an unpaid request is on record too. */
  record: (incoming: IncomingMessage) => Promise<RecordedRequest & { bytes: Uint8Array<ArrayBuffer> }>
}

/** Creates the record of one seller. */
export function createRequestRecorder(): RequestRecorder {
  const requests: RecordedRequest[] = []
  return {
    requests,
    record: async (incoming) => {
      const bytes = new Uint8Array(await buffer(incoming))
      const target = new URL(incoming.url ?? '/', 'http://seller')
      const request = {
        method: incoming.method ?? '',
        path: target.pathname,
        query: target.searchParams,
        headers: incoming.headers,
        body: digestOf(bytes),
      }
      requests.push(request)
      return { ...request, bytes }
    },
  }
}
