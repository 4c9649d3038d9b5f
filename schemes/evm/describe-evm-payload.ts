import type { Described } from '../../src/payment/scheme.js'
import type { PaymentRequirements } from '../../src/wire/requirements.js'
import { describeCapture } from './auth-capture/captured.js'
import { describeChannel } from './batch-settlement/described.js'
import { describeEip3009 } from './eip3009/authorization.js'
import { EXACT_PROXY, UPTO_PROXY } from './permit2/contracts.js'
import { describePermit2 } from './permit2/described.js'
import { wantsPermit2 } from './permit2/terms.js'

/**
 * Reads back what a payload of an EVM chain authorizes, no matter who signed it: payments by EIP-3009, through Permit2 and by `upto`, deposits
 * and vouchers of `batch-settlement`, and what `auth-capture` puts into escrow.
 *
 * A client asks it by itself for scheme objects from elsewhere under these names. Handed to `readable` it reads what such an object signs
 * under another.
 *
 * @example
 * ```ts
 * import { ExactEvmScheme as OfficialScheme } from '@x402/evm'
 *
 * new x402Client().register('eip155:*', readable(new OfficialScheme(account), describeEvmPayload))
 * ```
 *
 * @param payload - Untrusted.
 * @param requirements - The approved terms.
 * @returns `undefined` when it is none that can be read; it is dropped then.
 */
export function describeEvmPayload(payload: unknown, requirements: PaymentRequirements): Described | undefined {
  const { scheme, asset, extra } = requirements
  if (scheme === 'batch-settlement') return describeChannel(payload, requirements)
  if (scheme === 'auth-capture') return describeCapture(payload, requirements)
  if (scheme === 'upto') {
    return describePermit2(payload, { spender: UPTO_PROXY, facilitator: extra['facilitatorAddress'] })
  }
  if (wantsPermit2(requirements)) return describePermit2(payload, { spender: EXACT_PROXY })
  return describeEip3009(payload, asset)
}
