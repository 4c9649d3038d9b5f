import type { EvmPayer } from '../../wallet/guard.js'
import { hashDomain, type TypedData } from '../../wallet/typed-data.js'
import { PERMIT2 } from '../contracts.js'
import type { Permit2Terms } from '../terms.js'
import type { AllowanceState } from './allowance-state.js'
import { SPONSORING_VERSION } from './sponsorable.js'

/** Source: EIP-2612. */
const TYPES = {
  Permit: [
    { name: 'owner', type: 'address' },
    { name: 'spender', type: 'address' },
    { name: 'value', type: 'uint256' },
    { name: 'nonce', type: 'uint256' },
    { name: 'deadline', type: 'uint256' },
  ],
} as const

/** Characters of a plain account's signature: r, s, v after `0x`. The proxies take no other. */
const PLAIN_SIGNATURE_LENGTH = 132

/** What is sent of a permit. Source: `Eip2612GasSponsoringInfo` of `@x402/extensions` 2.27. */
export type PermitInfo = Readonly<
  Record<'from' | 'asset' | 'spender' | 'amount' | 'nonce' | 'deadline' | 'signature' | 'version', string>
>

/**
 * Signs that Permit2 may take exactly what the payment needs, by EIP-2612.
 *
 * @param deadline - That of the payment: the permit dies with it.
 * @returns What is sent; or why it can't be signed, or why what the wallet signed is dropped.
 */
export async function signPermit(
  payer: EvmPayer,
  { chainId, asset, amount, domain }: Permit2Terms,
  { permit }: AllowanceState,
  deadline: bigint,
): Promise<{ readonly info: PermitInfo } | { readonly problem: string; readonly isSigned?: true }> {
  if (permit === undefined || domain === undefined) return { problem: 'the token has no EIP-2612' }
  const bound = { ...domain, chainId, verifyingContract: asset }
  if (hashDomain(bound) !== permit.separator.toLowerCase()) {
    return { problem: 'the token’s EIP-712 domain is not what the seller says' }
  }
  const { nonce } = permit
  const typedData: TypedData = {
    domain: bound,
    types: TYPES,
    primaryType: 'Permit',
    message: { owner: payer.address, spender: PERMIT2, value: BigInt(amount), nonce, deadline },
  }
  const signature = await payer.sign(typedData)
  if (signature.length !== PLAIN_SIGNATURE_LENGTH) {
    return { problem: 'EIP-2612 takes the signature of a plain account only', isSigned: true }
  }
  return {
    info: {
      from: payer.address,
      asset,
      spender: PERMIT2,
      amount,
      nonce: nonce.toString(),
      deadline: deadline.toString(),
      signature,
      version: SPONSORING_VERSION,
    },
  }
}
