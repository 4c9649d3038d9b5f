import { isLocal, toOrigin } from './host.js'

/** An address as errors and lists show it: without credentials, query and fragment, since those carry secrets. */
export function toDisplayUrl(url: URL): string {
  // Without an address of the web, the path begins with the name.
  return (isLocal(url) ? url.protocol : url.origin) + url.pathname
}

/** An address as a purchase is named by it: without fragment and credentials. */
export function toPurchaseUrl(url: URL): string {
  return toDisplayUrl(url) + url.search
}

/**
 * An address in one spelling, without credentials, query and fragment: a dot at the host's end, or a letter written as `%61`, makes no other
 * resource of it. Source: RFC 3986, section 6.2.2.2.
 */
export function toOneSpelling(url: URL): string {
  if (isLocal(url)) return toDisplayUrl(url)
  const { pathname } = url
  return toOrigin(url) + (pathname.includes('%') ? pathname.replace(/%[0-9a-f]{2}/gi, decodeUnreserved) : pathname)
}

function decodeUnreserved(encoded: string): string {
  const character = String.fromCharCode(Number.parseInt(encoded.slice(1), 16))
  return /[\w.~-]/.test(character) ? character : encoded.toUpperCase()
}

/** Whether an address stays on this machine: `localhost` and its subdomains, `127.0.0.0/8`, `::1`. Source: RFC 6761, RFC 1122. */
export function isLoopback({ hostname }: URL): boolean {
  return /^(?:(?:.+\.)?localhost|127(?:\.[0-9]{1,3}){3}|\[::1\])\.?$/.test(hostname)
}

/** Whether two addresses belong to one origin; `http` to `https` on the same host is an upgrade, not another origin. */
export function isSameOrigin(asked: URL, answered: URL): boolean {
  if (asked.origin === answered.origin) return true
  const isDefaultPort = asked.port === '' && answered.port === ''
  return (
    isDefaultPort &&
    asked.protocol === 'http:' &&
    answered.protocol === 'https:' &&
    asked.hostname === answered.hostname
  )
}
