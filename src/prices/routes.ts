import { invalidOption } from '../errors/options.js'
import { writeResource } from '../payment/call.js'
import { isLocal, readUrl } from '../wire/host.js'

/**
 * Which calls a route names.
 *
 * @param resource - Method and address of a call, as `writeResource` writes them.
 * @returns Under which name the price of that call is remembered; `undefined` when the route doesn't name it.
 */
export type Route = (resource: string) => string | undefined

/** A method, if there is one, and an address. Source of the method's letters: RFC 9110, section 5.6.2, with the slash of MCP. */
const ROUTE = /^(?:([!#$%&'*+./^_`|~0-9A-Za-z-]+) )?([^\s?#]+)$/

/**
 * Reads a route: an address, one that ends with `*`, or an origin; with a method before it, or for any.
 *
 * @param route - Untrusted.
 * @param where - What the option is called.
 * @throws {@link ConfigurationError} `INVALID_OPTION`.
 */
export function readRoute(route: unknown, where: string): Route {
  const [, wrote, address = ''] = (typeof route === 'string' && ROUTE.exec(route)) || []
  // As fetch and axios send it; those of MCP have a slash.
  const method = wrote?.includes('/') ? wrote : wrote?.toUpperCase()
  const [, start = '', star] = /^([^*]*)(\*)?$/.exec(address) ?? []
  const url = readUrl(start)
  if (url === undefined || (star !== undefined && !start.endsWith('/'))) {
    throw invalidOption(
      where,
      "an address without a query, such as 'GET https://api.example.com/weather', 'https://api.example.com/weather/*' or 'https://api.example.com'",
    )
  }
  const known = writeResource('', url).slice(1)
  // As it was parsed: `https:/` and `https:\\` begin an address, too.
  const isBare = isLocal(url) ? !known.includes('/') : url.pathname === '/' && !/[^:/\\][/\\]/.test(start)
  const isOrigin = star === undefined && isBare
  const beginning = isLocal(url) && isOrigin ? `${known}/` : known
  return (resource) => {
    const [asked = '', at = ''] = resource.split(' ')
    if (method !== undefined && method !== asked) return undefined
    if (star !== undefined) return at.startsWith(known) ? `${asked} ${known}*` : undefined
    return at === known || (isOrigin && at.startsWith(beginning)) ? resource : undefined
  }
}
