import type { Decoded, JsonObject } from '../../../src/wire/json.js'
import type { KnownAsset } from './known-assets.js'

/**
 * Reads what the seller says of a token's EIP-712 domain. A wrong name or version makes a signature that no contract accepts, so a known
 * token's own is the only one taken.
 *
 * @param extra - The seller's.
 * @param known - What is known of the token.
 * @returns `undefined` where the seller says nothing.
 */
export function readDomainText(
  field: 'name' | 'version',
  extra: JsonObject,
  known: KnownAsset | undefined,
): Decoded<string | undefined> {
  const said = extra[field]
  const right = known?.[field]
  if (said === undefined) return { value: undefined }
  if (!isDomainText(said)) {
    return { problem: `extra.${field} is not a text of 1 to ${MAX_DOMAIN_TEXT} printable characters` }
  }
  if (right !== undefined && said !== right)
    return { problem: `extra.${field} of this asset is "${right}", not what it says` }
  return { value: said }
}

/** Longest name and version of an EIP-712 domain that is read, in UTF-16 units; the longest known name has 27. */
const MAX_DOMAIN_TEXT = 64

/**
 * Whether `value` can be the name or the version of a token's EIP-712 domain: wallets show it to people, so it is short and
 * holds no control, formatting or unassigned characters.
 */
export function isDomainText(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= MAX_DOMAIN_TEXT && !/\p{C}/u.test(value)
}
