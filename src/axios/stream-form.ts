import { digestText, type MaybePromise, whenKnown } from '../payment/digest.js'

/** A form of the package `form-data` as it was before it was sent: it is a stream, and empty afterwards. */
export type StreamFormSnapshot = {
  readonly body: Uint8Array
  /** Its content type, with the boundary. */
  readonly headers: Readonly<Record<string, string>>
  /** SHA-256 in hex of what is in it: the boundary is another in every form. */
  digest(): MaybePromise<string>
}

/** As much of the package's form as is used here. */
type StreamForm = {
  getBuffer(): Uint8Array
  getBoundary(): string
  getHeaders(): Record<string, string>
  getLengthSync(): number
}

/**
 * Copies a form of the package `form-data`, which is what axios makes of an object on Node, as in `axios.postForm`.
 *
 * @returns `undefined` for anything else, and for a form with a stream in it, which can be read only once.
 */
export function snapshotStreamForm(data: unknown): StreamFormSnapshot | undefined {
  if (!isStreamForm(data)) return undefined
  const body = readParts(data)
  if (body === undefined) return undefined
  const boundary = data.getBoundary()
  return {
    body,
    headers: data.getHeaders(),
    digest: () => {
      const digest = digestText([new TextDecoder('latin1').decode(body).replaceAll(boundary, '')])
      // Bytes that happen to be what is digested are another body.
      return whenKnown(digest, (known) => `stream form:${known}`)
    },
  }
}

function isStreamForm(data: unknown): data is StreamForm {
  if (typeof data !== 'object' || data === null) return false
  return ['getBuffer', 'getBoundary', 'getHeaders', 'getLengthSync'].every(
    (name) => typeof Reflect.get(data, name) === 'function',
  )
}

function readParts(form: StreamForm): Uint8Array | undefined {
  try {
    const bytes = form.getBuffer()
    return bytes.length === form.getLengthSync() ? bytes : undefined
  } catch {
    return undefined // a stream is in it
  }
}
