import type { Described } from '../../../src/payment/scheme.js'
import { isAmount } from '../../../src/wire/amount.js'
import { freezeParsed } from '../../../src/wire/json.js'
import { readAddress } from '../address.js'
import { type Hex, hasExactly, isSeconds, isWord } from '../hex.js'
import type { EvmPayer } from '../wallet/guard.js'
import { isSignature } from '../wallet/signer.js'
import type { TypedData } from '../wallet/typed-data.js'
import type { Eip3009Terms } from './terms.js'

/** What the seller submits to the token: numbers as decimal strings, times in seconds since 1970. Source: `@x402/*` 2.27. */
export type Eip3009Payload = {
  authorization: {
    from: Hex
    to: Hex
    value: string
    validAfter: string
    validBefore: string
    /** 32 random bytes: the token takes each nonce of an account once. */
    nonce: Hex
  }
  signature: Hex
}

/** When an authorization can be used, and the nonce that is used up with it. */
export type Eip3009Use = { readonly validAfter: bigint; readonly validBefore: bigint; readonly nonce: Hex }

/** Source: EIP-3009, "transferWithAuthorization". */
const TYPES = /* @__PURE__ */ freezeParsed({
  TransferWithAuthorization: [
    { name: 'from', type: 'address' },
    { name: 'to', type: 'address' },
    { name: 'value', type: 'uint256' },
    { name: 'validAfter', type: 'uint256' },
    { name: 'validBefore', type: 'uint256' },
    { name: 'nonce', type: 'bytes32' },
  ],
} as const)

/**
 * Signs that anybody may move `terms.amount` of the payer's tokens to `terms.payTo`, once.
 *
 * @throws What the signer throws, and `SIGNATURE_MALFORMED` when its answer isn't a signature.
 */
export async function signEip3009(payer: EvmPayer, terms: Eip3009Terms, use: Eip3009Use): Promise<Eip3009Payload> {
  const { domain, payTo: to, amount } = terms
  const from = payer.address
  const { validAfter, validBefore, nonce } = use
  const typedData: TypedData = {
    domain,
    types: TYPES,
    primaryType: 'TransferWithAuthorization',
    message: { from, to, value: BigInt(amount), validAfter, validBefore, nonce },
  }
  const signature = await payer.sign(typedData)
  // From the terms and not from the message, which the signer has held.
  const times = { validAfter: validAfter.toString(), validBefore: validBefore.toString() }
  return { authorization: { from, to, value: amount, ...times, nonce }, signature }
}

const PAYLOAD_KEYS = ['authorization', 'signature']
const AUTHORIZATION_KEYS = TYPES.TransferWithAuthorization.map(({ name }) => name)

/**
 * Reads back what a payload authorizes, from the payload alone.
 *
 * A payload with anything more in it isn't read: a second authorization beside the first could be spent as well.
 *
 * @param payload - Untrusted: it may come from a hook or from a ledger.
 * @param asset - The token of the terms; the payload itself doesn't name it.
 * @returns `undefined` when it isn't exactly a transfer by EIP-3009.
 */
export function describeEip3009(payload: unknown, asset: string): Described | undefined {
  if (!hasExactly(payload, PAYLOAD_KEYS) || !isSignature(payload['signature'])) return undefined
  const authorization = payload['authorization']
  if (!hasExactly(authorization, AUTHORIZATION_KEYS)) return undefined
  const { value, validAfter, validBefore, nonce } = authorization
  const payer = readAddress(authorization['from'])
  const payTo = readAddress(authorization['to'])
  if ('problem' in payer || 'problem' in payTo || !isAmount(value)) return undefined
  if (!isSeconds(validAfter) || !isSeconds(validBefore) || !isWord(nonce)) return undefined
  return {
    payer: payer.value,
    payTo: payTo.value,
    asset,
    amount: BigInt(value),
    validUntilSeconds: Number(validBefore),
    nonce: nonce.toLowerCase(),
  }
}
