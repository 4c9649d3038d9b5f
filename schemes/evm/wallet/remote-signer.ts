import { fail } from '../../../src/errors/fail.js'
import { REMOTE_SIGNER_INCOMPLETE } from '../errors.js'
import type { Hex } from '../hex.js'
import type { EvmAccount } from './signer.js'
import type { TypedData } from './typed-data.js'

/** A key that is elsewhere, such as in a key service, behind functions of yours. */
export type RemoteSigner = {
  /** The account that pays; asked once. */
  getAddress(): string | Promise<string>
  /** Signs EIP-712 typed data. */
  signTypedData(typedData: TypedData): Promise<string>
  /** Signs a hash as it is; for `signing: 'hash'`. */
  sign?(parameters: { hash: Hex }): Promise<string>
}

/**
 * Makes an account of a signer that must be asked for its address.
 *
 * @example
 * ```ts
 * const remote = { getAddress: async () => account.address, signTypedData: account.signTypedData }
 * const scheme = new ExactEvmScheme(await fromRemoteSigner(remote))
 * ```
 *
 * @param signer - Its methods are called on itself.
 * @returns An account for a scheme.
 * @throws {@link ConfigurationError} `INVALID_SIGNER` when a method is missing; what `getAddress` throws.
 */
export async function fromRemoteSigner(signer: RemoteSigner): Promise<EvmAccount> {
  if (typeof signer?.getAddress !== 'function' || typeof signer.signTypedData !== 'function') {
    throw fail(REMOTE_SIGNER_INCOMPLETE)
  }
  const address = await signer.getAddress()
  return {
    address,
    signTypedData: (typedData) => signer.signTypedData(typedData),
    ...(typeof signer.sign === 'function' && { sign: signer.sign.bind(signer) }),
  }
}
