import { invalidOption } from '../../src/errors/options.js'
import { readUrl } from '../../src/wire/host.js'
import { isJsonObject } from '../../src/wire/json.js'

/** How an object is known that asks a node by itself: by one of its methods, and how people are told. */
export type ClientKind = { readonly method: string; readonly words: string }

/**
 * Reads whom to ask about one network: the address of a JSON-RPC, an object that asks a node, or several of those.
 *
 * @param Client - Objects of this kind are taken; nothing but their method is looked at.
 * @returns The sources, copied.
 * @throws {@link ConfigurationError} `INVALID_OPTION`. The message never holds a source, since addresses of JSON-RPC hold API keys.
 */
export function readSources<Client extends object>(
  network: string,
  given: unknown,
  { method, words }: ClientKind,
): readonly (string | Client)[] {
  const isSource = (source: unknown): source is string | Client =>
    typeof source === 'string' ? isRpcUrl(source) : isJsonObject(source) && typeof source[method] === 'function'
  const sources: readonly unknown[] = Array.isArray(given) ? [...given] : [given]
  if (sources.length > 0 && sources.every(isSource)) return sources
  throw invalidOption(`rpc['${network}']`, `an http(s) URL without a user name, ${words}, or some of those`)
}

/** Over http(s). `fetch` refuses URLs with a user name, and prints them when it does. */
function isRpcUrl(text: string): boolean {
  const url = readUrl(text)
  if (url === undefined) return false
  const { protocol, username, password } = url
  return /^https?:$/.test(protocol) && username + password === ''
}
