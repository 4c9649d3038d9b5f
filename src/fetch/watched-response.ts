import { type FoundBody, tapStream, tellOnce } from '../http/found-body.js'

/** What reads a body whole. */
const READERS = ['arrayBuffer', 'blob', 'bytes', 'formData', 'json', 'text'] as const

/**
 * Tells whether the body of a response held anything, once its caller has read that far. Nothing is read before and nothing is copied: the
 * response stays the platform's own.
 *
 * @param response - Its members that read the body are replaced by ones that also tell.
 * @param signal - The caller's.
 * @param tell - See {@link FoundBody}.
 */
export function watchResponse(response: Response, signal: AbortSignal | undefined, tell: FoundBody): void {
  if (response.body === null) tell(true)
  else watch(response, signal, tellOnce(tell))
}

function watch(response: Response, signal: AbortSignal | undefined, found: FoundBody): void {
  const readNative = (name: string): unknown => Reflect.get(Object.getPrototypeOf(response), name, response)
  /** Around the stream that the caller was given; while nobody has begun to read that, the platform's own is read. */
  let tapped: Response | undefined
  const findTaken = () => (tapped?.bodyUsed || tapped?.body?.locked ? tapped : undefined)
  const { clone, text } = response
  for (const name of READERS) {
    const read: unknown = Reflect.get(response, name)
    if (typeof read !== 'function') continue
    // What can't be parsed doesn't say whether it was empty.
    const isJson = name === 'json'
    const value = async () => {
      const taken = findTaken()
      if (taken !== undefined || readNative('bodyUsed') === true) return Reflect.apply(read, taken ?? response, [])
      const whole = await tellOf(Reflect.apply(isJson ? text : read, response, []), signal, found)
      return isJson ? Reflect.apply(read, new Response(String(whole)), []) : whole
    }
    Object.defineProperty(response, name, { value, configurable: true, writable: true })
  }
  const value = () => {
    const copy: Response = Reflect.apply(clone, findTaken() ?? response, [])
    tapped = undefined // the platform has split what it was around
    watch(copy, signal, found)
    return copy
  }
  Object.defineProperty(response, 'clone', { value, configurable: true, writable: true })
  const getUsed = () => findTaken()?.bodyUsed ?? readNative('bodyUsed')
  Object.defineProperty(response, 'bodyUsed', { get: getUsed, configurable: true })
  const getBody = () => {
    const body = readNative('body')
    if (tapped !== undefined) return tapped.body
    // Another library's fetch may have a stream of another kind; what reads it whole tells all the same.
    if (!(body instanceof ReadableStream) || body.locked || readNative('bodyUsed') === true) return body
    try {
      tapped = new Response(tapStream(body, signal, found), { headers: response.headers })
      return tapped.body
    } catch {
      // Where no stream can be made, as in workerd before 2023, the caller has the platform's own, and nothing is told of it.
      return body
    }
  }
  Object.defineProperty(response, 'body', { get: getBody, configurable: true })
}

/** What was read whole tells how long it is; what broke off brought its caller nothing. */
async function tellOf(reading: Promise<unknown>, signal: AbortSignal | undefined, found: FoundBody): Promise<unknown> {
  let whole: unknown
  try {
    whole = await reading
  } catch (error) {
    if (!signal?.aborted) found(true)
    throw error
  }
  found(isEmpty(whole))
  return whole
}

function isEmpty(whole: unknown): boolean {
  if (typeof whole === 'string') return whole === ''
  if (whole instanceof FormData) return whole.keys().next().done === true
  const { size, byteLength } = whole as { size?: number; byteLength?: number } // a Blob, an ArrayBuffer or bytes
  return (size ?? byteLength) === 0
}
