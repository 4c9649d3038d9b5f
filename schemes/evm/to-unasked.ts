import type { Network } from '../../src/wire/network.js'
import type { ReceiptVerdict } from '../../src/scheme.js'

/** What is known of a receipt where `rpc` names nobody to ask. */
export function toUnasked(network: Network): ReceiptVerdict {
  return { verdict: 'unknown', because: `\`rpc\` has no source for ${network}` }
}
