import { fail } from '../../../src/errors/fail.js'
import { NOT_OF_ETHERS } from '../errors.js'
import type { EvmAccount } from './signer.js'
import type { TypedData, TypedDataDomain, TypedDataField } from './typed-data.js'

/** A signer of ethers 6: a `Wallet`, a `JsonRpcSigner`, or anything else that extends its `AbstractSigner`. */
export type EthersSigner = {
  getAddress(): Promise<string>
  signTypedData(
    domain: TypedDataDomain,
    types: Record<string, TypedDataField[]>,
    value: TypedData['message'],
  ): Promise<string>
}

/**
 * Makes an account of a signer of ethers 6.
 *
 * @example
 * ```ts
 * import { Wallet } from 'ethers'
 *
 * const scheme = new ExactEvmScheme(await fromEthers(Wallet.createRandom()))
 * ```
 *
 * @param signer - Its methods are called on itself. Its address is asked for once.
 * @returns An account for a scheme.
 * @throws {@link ConfigurationError} `INVALID_SIGNER` when it isn't a signer of ethers; what its `getAddress` throws.
 */
export async function fromEthers(signer: EthersSigner): Promise<EvmAccount> {
  if (typeof signer?.getAddress !== 'function' || typeof signer.signTypedData !== 'function') {
    throw fail(NOT_OF_ETHERS)
  }
  return {
    address: await signer.getAddress(),
    // Copies of the lists, as ethers' own types want them.
    signTypedData: ({ domain, types, message }) =>
      signer.signTypedData(
        domain,
        Object.fromEntries(Object.entries(types).map(([name, fields]) => [name, [...fields]])),
        message,
      ),
  }
}
