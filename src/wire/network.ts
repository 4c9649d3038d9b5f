/** A chain, named as CAIP-2 does: `namespace:reference`, for example `eip155:8453`. */
export type Network = `${string}:${string}`

/** Source: CAIP-2, "Syntax". */
const CAIP_2 = /^[-a-z0-9]{3,8}:[-_a-zA-Z0-9]{1,32}$/

/** Whether `value` is a CAIP-2 network id. */
export function isNetwork(value: unknown): value is Network {
  return typeof value === 'string' && CAIP_2.test(value)
}

/** Whether `value` names one network (`eip155:8453`) or all of a namespace (`eip155:*`), as a registration does. */
export function isNetworkPattern(value: unknown): value is Network {
  return isNetwork(value) || (typeof value === 'string' && /^[-a-z0-9]{3,8}:\*$/.test(value))
}

/** The pattern that stands for every network of the same namespace. */
export function toWildcard(network: Network): Network {
  return `${network.slice(0, network.indexOf(':'))}:*`
}
