/**
 * A body that ends when a signal fires, with the signal's reason; what is left of it is canceled. The platform sees to that for the
 * answer to one's own request, and for no copy of another's.
 *
 * @param body - `null` for an answer without one.
 */
export function endWith(
  body: ReadableStream<Uint8Array> | null,
  signal: AbortSignal | undefined,
): ReadableStream<Uint8Array> | null {
  if (body === null || signal === undefined) return body
  return body.pipeThrough(new TransformStream<Uint8Array, Uint8Array>(), { signal })
}
