/** No leading zero: `eip155:01` would be a second name for `eip155:1`, and a limit or a record is kept by name. */
const EIP_155 = /^eip155:([1-9][0-9]{0,15})$/

/**
 * The chain id in a CAIP-2 network of the `eip155` namespace.
 *
 * @returns The id, or `undefined` for every other network, and for an id beyond 2^53 − 1, which a number can't hold exactly.
 */
export function readChainId(network: unknown): number | undefined {
  const digits = typeof network === 'string' ? EIP_155.exec(network)?.[1] : undefined
  const chainId = Number(digits)
  return Number.isSafeInteger(chainId) ? chainId : undefined
}
