import { invalidOption } from '../errors/options.js'
import { toNameLabel } from '../payment/purchase-name.js'

/** ASCII alone, so that no two names look the same, and nothing in a part leads anywhere. */
const PART = /^[A-Za-z0-9_-]{1,64}$/

/** Most parts of a name: a payment is labelled once for each, and once more for each together with each of its tags. */
const MAX_PARTS = 8

/**
 * Reads the lasting name of a restricted client: a path, below that of the client that makes it.
 *
 * @param given - Untrusted.
 * @param above - The name of the client that makes it; `undefined` when it has none.
 * @param mayName - Whether that client may give names. One that is restricted and has no name may not: its own sums don't last, and any name that it
 *   gave would be somebody else's.
 * @returns The whole path, such as `team/researcher`.
 * @throws {@link ConfigurationError} `INVALID_OPTION` for anything that isn't a plain path, or that leads elsewhere than below.
 */
export function readLastingName(given: unknown, above: string | undefined, mayName: boolean): string {
  const must = 'up to eight parts of letters, digits, "-" and "_", such as "team/researcher"'
  if (typeof given !== 'string') throw invalidOption('restrict.name', must)
  if (!mayName) throw invalidOption('restrict.name', 'left out by a restricted client that has no name itself')
  const name = above === undefined ? given : `${above}/${given}`
  const parts = name.split('/')
  if (parts.length > MAX_PARTS || !parts.every((part) => PART.test(part))) throw invalidOption('restrict.name', must)
  return name
}

/**
 * The tags that payments of a name are labelled with, which no call can give: one for each part, so that every name above counts them.
 *
 * @param name - As `readLastingName` returns it.
 * @returns Such as `name/team/researcher` and, for the names above it, `name/team`.
 */
export function toNameLabels(name: string): { readonly own: string; readonly above: readonly string[] } {
  const parts = name.split('/')
  const above = parts.slice(1).map((_, index) => toNameLabel(parts.slice(0, index + 1).join('/')))
  return { own: toNameLabel(name), above }
}
