import { invalidOption } from '../errors/options.js'
import { isLocal, readUrl, toOrigin } from '../wire/host.js'
import { type McpRequest, PAID_METHODS } from './request.js'

/** What an MCP client shows of itself, whichever version of the SDK made it. */
export type McpTarget = object & { readonly transport?: unknown }

/**
 * The name of a server without an address of the web. It begins with a letter, so that it is no port of a host called `stdio`, and has no
 * full stop, so that no list of hosts takes it for one of theirs.
 */
const LOCAL = /^stdio:[a-z][a-z0-9_-]{0,63}$/i

/**
 * Reads which server a person named.
 *
 * @param server - `stdio:` and a name, or an address of the web.
 * @throws {@link ConfigurationError} `INVALID_OPTION`.
 */
export function readServerOption(server: unknown): URL | undefined {
  if (server === undefined) return undefined
  const text = server instanceof URL ? server.href : server
  const url = typeof text === 'string' ? readUrl(LOCAL.test(text) ? text.toLowerCase() : text) : undefined
  if (url !== undefined && (isWeb(url) || LOCAL.test(url.href))) return toWeb(url)
  throw invalidOption(
    'server',
    "a name such as 'stdio:weather' (letters, digits, `-` and `_`), or the URL of the server",
  )
}

/**
 * Finds out which server a client speaks to now: its transport's address, else the name that it was given.
 *
 * @param target - The MCP client.
 * @param named - What a person named it.
 * @returns `undefined` when it has neither.
 * @throws {@link ConfigurationError} `INVALID_OPTION` when both are there and contradict each other.
 */
export function findServer(target: McpTarget, named: URL | undefined): URL | undefined {
  const shown = readTransportUrl(target.transport)
  if (shown === undefined || named === undefined) return shown ?? named
  if (toOrigin(shown) === toOrigin(named)) return shown
  throw invalidOption('server', `the server that the transport is connected to, ${toOrigin(shown)}`)
}

/** The address of a transport over HTTP, which both versions of the SDK keep under this name. */
function readTransportUrl(transport: unknown): URL | undefined {
  if (typeof transport !== 'object' || transport === null) return undefined
  for (const name of ['_url', 'url']) {
    const value: unknown = Reflect.get(transport, name)
    const url = value instanceof URL || typeof value === 'string' ? readUrl(String(value)) : undefined
    if (url !== undefined && isWeb(url)) return toWeb(url)
  }
  return undefined
}

function isWeb({ protocol }: URL): boolean {
  return /^(?:https?|wss?):$/.test(protocol)
}

/** A socket is as secure as the address of the web that goes with it, and belongs to the same server. */
function toWeb({ href }: URL): URL {
  const url = new URL(href.replace(/^ws/, 'http'))
  url.hash = ''
  url.username = ''
  url.password = ''
  return url
}

/**
 * The address of what a request asks for: one for each tool, prompt and resource, under that of its server. What may be a secret, such as the
 * query of the server's address or of a resource's, stays in the query, which no list and no message shows.
 *
 * @param server - As {@link findServer} found it.
 */
export function toAddress(server: URL, { call, name }: Pick<McpRequest, 'call' | 'name'>): string {
  const [, user = '', shown = name, hidden = ''] =
    (call === 'readResource' && /^([^/?#]*:\/\/)?(?:[^/?#@]*@)?([^?#]*)(.*)$/s.exec(name)) || []
  const path = call === 'readResource' ? `${user}${shown}` : name
  const secret = path === name ? '' : `resource=${toSegment(name)}${hidden.replace(/^[?#]/, '&')}`
  const query = [server.search.slice(1), secret].filter((part) => part !== '').join('&')
  const base = isLocal(server) ? toOrigin(server) : `${server.origin}${server.pathname.replace(/\/+$/, '')}`
  return `${base}/${toSegment(path)}${query === '' ? '' : `?${query}`}`
}

/** No name becomes a step up or nothing, no two names become one, and half a character, which JSON may hold and no URL, is written as its number. */
function toSegment(name: string): string {
  const whole = name.replace(/\p{Surrogate}/gu, (half) => `\0${half.charCodeAt(0).toString(16)}`)
  return encodeURIComponent(/^\0*\.{0,2}$/.test(whole) ? `\0${whole}` : whole)
}

/** What a payment's call is listed as, in place of the method of HTTP. */
export function toMethod({ call }: Pick<McpRequest, 'call'>): string {
  return PAID_METHODS[call]
}
