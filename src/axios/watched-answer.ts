import { type FoundBody, tapStream, tellOnce } from '../http/found-body.js'
import type { AxiosAnswer } from './answer.js'
import { isNodeStream, isWebStream, type NodeStream } from './stream-body.js'

/**
 * Tells whether the body of an answer brought nothing, once its reader has found out. Nothing is read here.
 *
 * @param answer - The platform's stream in it is replaced by one that also tells.
 * @param signal - The caller's.
 * @param tell - See {@link FoundBody}.
 */
export function watchAnswer(
  { response, failure }: AxiosAnswer,
  signal: AbortSignal | undefined,
  tell: FoundBody,
): void {
  const { data } = response
  const found = tellOnce(tell)
  if (isNodeStream(data)) watchNodeStream(data, signal, found)
  else if (isWebStream(data)) response.data = tapStream(data, signal, found)
  // One that the adapter refused to read was too long, which is not nothing.
  else found(failure === undefined && isEmptyData(data))
}

/** Listens without making the stream flow. It may have ended already, while the ledger wrote. */
function watchNodeStream(stream: NodeStream, signal: AbortSignal | undefined, found: FoundBody): void {
  const tellOfFailure = () => {
    const { errored, readableDidRead } = stream
    if (errored === undefined || errored === null || signal?.aborted) return
    if (readableDidRead !== true || isBreak(errored)) found(true)
  }
  if (stream.destroyed) tellOfFailure()
  stream.on('end', () => found(stream.readableDidRead !== true))
  stream.on('close', tellOfFailure)
}

/** What ends a body that breaks off, compressed or not. With any other error its reader may have ended it. */
function isBreak(error: object): boolean {
  const code: unknown = Reflect.get(error, 'code')
  return typeof code === 'string' && /^(ECONNRESET|EPIPE|ERR_STREAM_PREMATURE_CLOSE|HPE_|Z_)/.test(code)
}

/** What an adapter read whole. */
function isEmptyData(data: unknown): boolean {
  if (data === undefined || data === null || data === '') return true
  if (data instanceof Blob) return data.size === 0
  return (data instanceof ArrayBuffer || ArrayBuffer.isView(data)) && data.byteLength === 0
}
