import type { TypedData } from './typed-data.js'

/** The fields that a domain may have, in the order of EIP-712. */
const DOMAIN_FIELDS = [
  { name: 'name', type: 'string' },
  { name: 'version', type: 'string' },
  { name: 'chainId', type: 'uint256' },
  { name: 'verifyingContract', type: 'address' },
] as const

/**
 * Writes typed data as wallets take it over JSON: numbers in decimal strings, and the type of the domain written out, without which
 * some wallets sign a domain of no fields.
 *
 * Source: EIP-712, "eth_signTypedData".
 */
export function toJsonTypedData({ domain, types, primaryType, message }: TypedData): string {
  const fields = DOMAIN_FIELDS.filter(({ name }) => domain[name] !== undefined)
  return JSON.stringify(
    { domain, types: { EIP712Domain: fields, ...types }, primaryType, message },
    (_key, value: unknown) => (typeof value === 'bigint' ? value.toString() : value),
  )
}
