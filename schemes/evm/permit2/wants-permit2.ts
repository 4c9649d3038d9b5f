import { isJsonObject } from '../../../src/wire/json.js'
import type { PaymentRequirements } from '../../../src/wire/requirements.js'

/** Whether an exact payment goes through Permit2. Source: `@x402/evm` 2.27: an offer that names no method is one by EIP-3009. */
export function wantsPermit2({ extra }: PaymentRequirements): boolean {
  return isJsonObject(extra) && extra['assetTransferMethod'] === 'permit2'
}
