/** Members of `RequestInit` that a `Request` has as accessors of its class, where a spread doesn't see them. */
const REQUEST_MEMBERS = [
  'method',
  'headers',
  'body',
  'mode',
  'credentials',
  'cache',
  'redirect',
  'referrer',
  'referrerPolicy',
  'integrity',
  'keepalive',
  'signal',
] as const

/**
 * A copy of `init` that can be added to. A `Request` is an `init`, too, as far as the platform is concerned.
 *
 * @returns `undefined` for no `init`.
 */
export function copyInit<Init extends RequestInit>(init: Init | undefined): Init | undefined {
  if (init === undefined || init === null) return undefined
  const copy = { ...init }
  for (const name of REQUEST_MEMBERS) {
    if (!(name in copy) && init[name] !== undefined) Object.assign(copy, { [name]: init[name] })
  }
  return copy
}
