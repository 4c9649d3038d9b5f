import { fail } from '../../../src/errors/fail.js'
import { freezeCopy } from '../../../src/wire/json.js'
import { ASKED_OTHER_TERMS } from '../errors.js'
import type { Hex } from '../hex.js'
import { type Approved, findDifferences, type Rule, TRANSFER } from './differences.js'
import type { EvmWallet } from './signer.js'
import type { TypedData } from './typed-data.js'

/** A wallet that signs for one approved purpose, and nothing else. */
export type EvmPayer = {
  /** The account that pays, in canonical spelling. */
  readonly address: Hex
  /**
   * Signs what says exactly what was approved.
   *
   * @throws {@link X402Error} `ASKED_OTHER_TERMS` when it says anything else, before the wallet is asked; then what the wallet throws.
   */
  sign(typedData: TypedData): Promise<Hex>
}

/**
 * Puts a guard before a wallet: whatever builds the typed data, what reaches the wallet is a frozen copy of it that was compared, field
 * by field, with what was approved. Nothing else in this folder may ask a wallet; the architecture test holds that.
 *
 * @param approved - What the signature is for. Kept as it is now.
 * @param rules - The structs that may be signed for it.
 */
export function guardWallet(wallet: EvmWallet, approved: Approved, rules: readonly Rule[] = [TRANSFER]): EvmPayer {
  // A copy of our own, which nobody is shown.
  const terms: Approved = { ...approved, requirements: freezeCopy(approved.requirements) }
  return {
    address: wallet.address,
    sign(typedData) {
      const asked = freezeCopy(typedData)
      const differences = findDifferences(asked, terms, wallet.address, rules)
      if (differences.length === 0) return wallet.signUnchecked(asked)
      return Promise.reject(fail(ASKED_OTHER_TERMS, { words: { what: differences.join(', ') } }))
    },
  }
}
