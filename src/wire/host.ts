/** What a host may hold as a person writes it; a URL parser settles the rest: capitals, scripts, full stops, the port of https. */
const HOST = /^[^\s/\\?#@%*]+$/

/**
 * Whether an address is that of a server that has none of the web, such as one that is spoken to over stdio: who runs it names it,
 * `stdio:weather`. No seller can answer from one over HTTP.
 */
export function isLocal({ protocol }: URL): boolean {
  return protocol === 'stdio:'
}

/**
 * A host as limits, pins, circuits and ledgers name it: in lower case, without the dot that ends a whole name in DNS, and without the
 * protocol's own port. All spellings of one seller are one.
 *
 * @param url - Parsed, so that capitals, scripts and default ports are settled.
 */
export function toHost(url: URL): string {
  if (isLocal(url)) return (url.protocol + url.pathname.split('/')[0]).toLowerCase()
  return url.port === '' ? toHostname(url) : `${toHostname(url)}:${url.port}`
}

/** As {@link toHost}, without any port. */
export function toHostname({ hostname }: URL): string {
  return hostname.endsWith('.') ? hostname.replace(/([^.])\.+$/, '$1') : hostname
}

/** The origin that goes with {@link toHost}. */
export function toOrigin(url: URL): string {
  if (isLocal(url)) return toHost(url)
  return url.host === '' ? url.origin : `${url.protocol}//${toHost(url)}`
}

/**
 * Reads a host that a person wrote, such as `API.Example.com.`, `localhost:4021` or `stdio:weather`.
 *
 * @returns The host as {@link toHost} has it; `undefined` when it is none.
 */
export function readHost(text: string): string | undefined {
  // A number after `stdio:` is the port of a host that is called so.
  const url = HOST.test(text) ? readUrl((/^stdio:[a-z]/i.test(text) ? '' : 'https://') + text) : undefined
  return url && toHost(url)
}

/** Reads an origin that a person wrote; what is none stays as it is. */
export function readOrigin(text: string): string {
  const url = readUrl(text)
  return url === undefined ? text : toOrigin(url)
}

/** Reads a URL; `undefined` when it is none. Without `URL.canParse`, which phones and browsers before 2024 lack. */
export function readUrl(text: string, base?: string | URL): URL | undefined {
  try {
    return new URL(text, base)
  } catch {
    return undefined
  }
}
