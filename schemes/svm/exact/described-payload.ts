import type { Described } from '../../../src/payment/scheme.js'
import type { PaymentRequirements } from '../../../src/wire/requirements.js'
import { describeTransfer } from './described-transfer.js'
import { LIFETIME_SECONDS } from './lifetimes.js'
import { writeTransferNonce } from './transfer-nonce.js'

/**
 * Reads back what a payload pays on Solana, no matter who signed it. A client asks it by itself for scheme objects from elsewhere that can't
 * read what they signed.
 *
 * @example
 * ```ts
 * import { createKeyPairSignerFromPrivateKeyBytes } from '@solana/kit'
 * import { ExactSvmScheme as OfficialScheme } from '@x402/svm/exact/client'
 *
 * const own = await createKeyPairSignerFromPrivateKeyBytes(new Uint8Array(32).fill(0x22))
 * new x402Client().register('solana:*', readable(new OfficialScheme(own), describeSvmPayload))
 * ```
 *
 * @param payload - Untrusted.
 * @param requirements - The approved terms.
 * @param nowSeconds - When it was signed: a transaction names no time, and lives by a blockhash that is no younger than that.
 * @returns `undefined` when it isn't exactly a signed transfer.
 */
export function describeSvmPayload(
  payload: unknown,
  requirements: PaymentRequirements,
  nowSeconds: number,
): Described | undefined {
  const described = requirements.scheme === 'exact' ? describeTransfer(payload, requirements) : undefined
  if (described === undefined) return undefined
  const { transfer, payTo, signature } = described
  const { owner: payer, mint: asset, amount } = transfer
  const nonce = writeTransferNonce({ signature, life: undefined })
  return { payer, payTo, asset, amount, validUntilSeconds: nowSeconds + LIFETIME_SECONDS, nonce }
}
