import { isStream } from '../http/body-stream.js'
import { type FoundBody, tapStream, tellOnce } from '../http/found-body.js'

/** What reads a body whole. */
const READERS = ['arrayBuffer', 'blob', 'bytes', 'formData', 'json', 'text'] as const

/** What is known of a response that is watched. */
type Watch = {
  readonly signal: AbortSignal | undefined
  readonly found: FoundBody
  /** Around the stream that the caller was given; while nobody has begun to read that, the platform's own is read. */
  tapped: Response | undefined
}

const WATCH = Symbol('watch')

type Watched = Response & { readonly [WATCH]?: Watch }

/** What the last response that was watched inherits from, and what it did before: usually they are all of one kind, the platform's. */
let last: { readonly native: object; readonly prototype: object } | undefined

/**
 * Tells whether the body of a response brought nothing, once its caller has found out. Nothing is read before and nothing is copied: the
 * response stays the platform's own, but what reads its body is inherited from a prototype whose members also tell.
 *
 * @param response - Members that are its own, as a test double has them, tell nothing.
 * @param signal - The caller's.
 * @param tell - See {@link FoundBody}.
 */
export function watchResponse(response: Response, signal: AbortSignal | undefined, tell: FoundBody): void {
  if (response.body === null) tell(true)
  // Another library's fetch may freeze its own; of such a one nothing is told.
  else if (Object.isExtensible(response)) watch(response, { signal, found: tellOnce(tell), tapped: undefined })
}

function watch(response: Response, watched: Watch): void {
  const native: object = Object.getPrototypeOf(response)
  if (last?.native !== native) last = { native, prototype: createPrototype(native) }
  Object.defineProperty(response, WATCH, { value: watched, configurable: true })
  Object.setPrototypeOf(response, last.prototype)
}

function createPrototype(native: object): object {
  const readNative = (response: Response, name: string): unknown => Reflect.get(native, name, response)
  const call = <T>(response: Response, name: string): T =>
    Reflect.apply(readNative(response, name) as () => T, response, []) // a method
  const prototype: object = Object.create(native)
  const define = (name: string, member: PropertyDescriptor) =>
    Object.defineProperty(prototype, name, { ...member, configurable: true })
  for (const name of READERS.filter((name) => name in native)) {
    // What can't be parsed doesn't say whether it was empty.
    const reader = name === 'json' ? 'text' : name
    define(name, {
      writable: true,
      async value(this: Watched) {
        const watched = this[WATCH]
        const taken = findTaken(watched)
        if (taken !== undefined || readNative(this, 'bodyUsed') === true) return taken?.[name]() ?? call(this, name)
        const whole = await tellOf(call<Promise<unknown>>(this, reader), watched)
        return reader === name ? whole : call(new Response(String(whole)), name)
      },
    })
  }
  define('clone', {
    writable: true,
    value(this: Watched) {
      const watched = this[WATCH]
      const copy = findTaken(watched)?.clone() ?? call<Response>(this, 'clone')
      if (watched === undefined) return copy
      watched.tapped = undefined // the platform has split what it was around
      watch(copy, { ...watched })
      return copy
    },
  })
  define('bodyUsed', {
    get(this: Watched) {
      return findTaken(this[WATCH])?.bodyUsed ?? readNative(this, 'bodyUsed')
    },
  })
  define('body', {
    get(this: Watched) {
      const watched = this[WATCH]
      const body = readNative(this, 'body')
      if (watched?.tapped !== undefined) return watched.tapped.body
      // Another library's fetch may have a stream of another kind; what reads it whole tells all the same.
      const isUnread = isStream(body) && !body.locked && readNative(this, 'bodyUsed') !== true
      if (watched === undefined || !isUnread) return body
      try {
        watched.tapped = new Response(tapStream(body, watched.signal, watched.found), { headers: this.headers })
        return watched.tapped.body
      } catch {
        // Where no stream can be made, as in workerd before 2023, the caller has the platform's own, and nothing is told of it.
        return body
      }
    },
  })
  return prototype
}

/** The copy around the stream that the caller was given, once somebody has begun to read that. */
function findTaken(watched: Watch | undefined): Response | undefined {
  const tapped = watched?.tapped
  return tapped?.bodyUsed || tapped?.body?.locked ? tapped : undefined
}

/** What was read whole tells how long it is; what broke off is missing. */
async function tellOf(reading: Promise<unknown>, watched: Watch | undefined): Promise<unknown> {
  let whole: unknown
  try {
    whole = await reading
  } catch (error) {
    if (!watched?.signal?.aborted) watched?.found(true)
    throw error
  }
  watched?.found(isEmpty(whole))
  return whole
}

function isEmpty(whole: unknown): boolean {
  if (typeof whole === 'string') return whole === ''
  if (whole instanceof FormData) return whole.keys().next().done === true
  const { size, byteLength } = whole as { size?: number; byteLength?: number } // a Blob, an ArrayBuffer or bytes
  return (size ?? byteLength) === 0
}
