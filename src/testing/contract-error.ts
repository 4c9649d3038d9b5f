import { X402Error } from '../errors/x402-error.js'

/** Codes of {@link ContractError}. */
export type ContractErrorCode = 'CONTRACT_BROKEN'

/**
 * An implementation doesn't hold what its port promises. The message names the case, what was expected, what was found, and what it
 * would cost a buyer; `cause` is what the implementation threw, where it wasn't to throw.
 */
export class ContractError extends X402Error<ContractErrorCode> {
  static override readonly kind: string = 'ContractError'
}
