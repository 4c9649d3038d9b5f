import { freezeParsed } from '../../../src/wire/json.js'
import type { Hex } from '../hex.js'
import type { EvmPayer } from '../wallet/guard.js'
import type { TypedData, TypedDataField } from '../wallet/typed-data.js'
import { PERMIT2 } from './contracts.js'
import type { Permit2Terms } from './terms.js'

/** What the seller submits: numbers as decimal strings, times in seconds since 1970. Source: `@x402/*` 2.27. */
export type Permit2Payload = {
  signature: Hex
  permit2Authorization: {
    from: Hex
    permitted: { token: Hex; amount: string }
    spender: Hex
    nonce: string
    deadline: string
    witness: { to: Hex; facilitator?: Hex; validAfter: string }
  }
}

/** How long a signature can be used, and the nonce that is used up with it: Permit2 takes each nonce of an account once, in any order. */
export type Permit2Use = { readonly nonce: bigint; readonly deadline: bigint }

/** Source: Permit2, `ISignatureTransfer`; the witness is that of the two x402 proxies. */
const TRANSFER: readonly TypedDataField[] = [
  { name: 'permitted', type: 'TokenPermissions' },
  { name: 'spender', type: 'address' },
  { name: 'nonce', type: 'uint256' },
  { name: 'deadline', type: 'uint256' },
  { name: 'witness', type: 'Witness' },
]
const PERMISSIONS: readonly TypedDataField[] = [
  { name: 'token', type: 'address' },
  { name: 'amount', type: 'uint256' },
]
const TO: TypedDataField = { name: 'to', type: 'address' }
const FACILITATOR: TypedDataField = { name: 'facilitator', type: 'address' }
const VALID_AFTER: TypedDataField = { name: 'validAfter', type: 'uint256' }

const EXACT_TYPES = /* @__PURE__ */ toTypes([TO, VALID_AFTER])
const UPTO_TYPES = /* @__PURE__ */ toTypes([TO, FACILITATOR, VALID_AFTER])

function toTypes(witness: readonly TypedDataField[]): TypedData['types'] {
  return freezeParsed({ PermitWitnessTransferFrom: TRANSFER, TokenPermissions: PERMISSIONS, Witness: witness })
}

/**
 * Signs that `terms.spender` may move up to `terms.amount` of the payer's tokens to `terms.payTo`, once. It moves nothing until the
 * payer has allowed Permit2 to.
 *
 * @throws What the signer throws, and `SIGNATURE_MALFORMED` when its answer isn't a signature.
 */
export async function signPermit2(payer: EvmPayer, terms: Permit2Terms, use: Permit2Use): Promise<Permit2Payload> {
  const { chainId, asset: token, payTo: to, amount, spender, facilitator } = terms
  const { nonce, deadline } = use
  const from = payer.address
  const who = { to, ...(facilitator !== undefined && { facilitator }) }
  const typedData: TypedData = {
    domain: { name: 'Permit2', chainId, verifyingContract: PERMIT2 },
    types: facilitator === undefined ? EXACT_TYPES : UPTO_TYPES,
    primaryType: 'PermitWitnessTransferFrom',
    message: {
      permitted: { token, amount: BigInt(amount) },
      spender,
      nonce,
      deadline,
      witness: { ...who, validAfter: 0n },
    },
  }
  const signature = await payer.sign(typedData)
  // From the terms and not from the message, which the signer has held.
  return {
    signature,
    permit2Authorization: {
      from,
      permitted: { token, amount },
      spender,
      nonce: nonce.toString(),
      deadline: deadline.toString(),
      witness: { ...who, validAfter: '0' },
    },
  }
}
