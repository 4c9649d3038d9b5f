import { ignoreFailure } from './ignore-failure.js'

/** A second copy of the body of a `Request`, since sending it uses up the first. */
export type KeptBody = {
  /** The bytes, for the request that is sent again. */
  read(): Promise<Uint8Array<ArrayBuffer>>
  /** Lets go of the copy. */
  cancel(): void
}

/**
 * Keeps the body of a `Request` before it is sent: the platform offers no other way to send it again.
 *
 * @returns `undefined` where there is nothing to keep: no `Request`, no body, or another body in `init`.
 */
export function keepRequestBody(input: RequestInfo | URL, init: RequestInit | undefined): KeptBody | undefined {
  if (!(input instanceof Request) || input.body === null || input.bodyUsed) return undefined
  if (init?.body !== undefined && init.body !== null) return undefined
  const copy = input.clone()
  return {
    read: async () => new Uint8Array(await copy.arrayBuffer()),
    cancel: () => void copy.body?.cancel().catch(ignoreFailure),
  }
}
