import type { PaymentRequirements } from '../../src/protocol/requirements.js'
import type { Described } from '../../src/scheme.js'
import { describeEip3009 } from './exact/eip3009.js'
import { describePermit2 } from './permit2/describe-permit2.js'
import { EXACT_PROXY, UPTO_PROXY } from './permit2/permit2-contracts.js'
import { wantsPermit2 } from './permit2/wants-permit2.js'

/**
 * Reads back what a payload of an EVM chain authorizes, whoever signed it. Written beside a scheme from elsewhere, it has the client
 * compare what that scheme signed with what was approved, and drop what differs. It reads payments by EIP-3009, through Permit2 and by `upto`.
 *
 * @example
 * ```ts
 * import { ExactEvmScheme as OfficialScheme } from '@x402/evm'
 *
 * const scheme = Object.assign(new OfficialScheme(account), { describe: describeEvmPayload, payer: account.address })
 * new x402Client().register('eip155:*', scheme)
 * ```
 *
 * @param payload - Untrusted.
 * @param requirements - The approved terms.
 * @returns `undefined` when it is none that can be read; a scheme with `describe` is then refused.
 */
export function describeEvmPayload(payload: unknown, requirements: PaymentRequirements): Described | undefined {
  const { scheme, asset, extra } = requirements
  if (scheme === 'upto') {
    return describePermit2(payload, { spender: UPTO_PROXY, facilitator: extra['facilitatorAddress'] })
  }
  if (wantsPermit2(requirements)) return describePermit2(payload, { spender: EXACT_PROXY })
  return describeEip3009(payload, asset)
}
