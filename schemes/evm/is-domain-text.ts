/** Longest name and version of an EIP-712 domain that is read, in UTF-16 units; the longest known name has 27. */
export const MAX_DOMAIN_TEXT = 64

/**
 * Whether `value` can be the name or the version of a token's EIP-712 domain: wallets show it to people, so it is short and
 * holds no control, formatting or unassigned characters.
 */
export function isDomainText(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= MAX_DOMAIN_TEXT && !/\p{C}/u.test(value)
}
