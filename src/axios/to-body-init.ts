import { isNodeStream, isWebStream, toWebStream } from './stream-body.js'

/** What an adapter answered as the body of a `Response`; mocks and adapters of users' own answer with objects, too. */
export function toBodyInit(data: unknown): BodyInit | undefined {
  if (isNodeStream(data) || isWebStream(data)) return toWebStream(data)
  if (typeof data === 'string' || data instanceof Blob || data instanceof ArrayBuffer) return data
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice()
  const isPlain = Object.prototype.toString.call(data) === '[object Object]'
  return isPlain ? JSON.stringify(data) : undefined
}
