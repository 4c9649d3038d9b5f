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
    const isBroken = stream.errored !== undefined && stream.errored !== null
    if (isBroken && !signal?.aborted) found(true)
  }
  if (stream.destroyed) tellOfFailure()
  stream.on('end', () => found(stream.readableDidRead !== true))
  stream.on('close', tellOfFailure)
}

/** What an adapter read whole. */
function isEmptyData(data: unknown): boolean {
  if (data === undefined || data === null || data === '') return true
  if (data instanceof Blob) return data.size === 0
  return (data instanceof ArrayBuffer || ArrayBuffer.isView(data)) && data.byteLength === 0
}
