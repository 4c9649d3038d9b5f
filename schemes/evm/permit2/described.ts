import type { Described } from '../../../src/payment/scheme.js'
import { isAmount } from '../../../src/wire/amount.js'
import type { JsonObject } from '../../../src/wire/json.js'
import { readAddress } from '../address.js'
import { type Hex, hasExactly, isSeconds, isUint256 } from '../hex.js'
import { isSignature } from '../wallet/signer.js'
import { PERMIT2 } from './contracts.js'

/** What a payload must name beside what the client compares with the approved terms. */
export type Permit2Expectation = {
  readonly spender: Hex
  /** As the seller wrote it, for `upto`. */
  readonly facilitator?: unknown
}

const PAYLOAD_KEYS = ['signature', 'permit2Authorization']
const AUTHORIZATION_KEYS = ['from', 'permitted', 'spender', 'nonce', 'deadline', 'witness']

/**
 * Reads back what a payload authorizes, from the payload alone.
 *
 * @param payload - Untrusted: it may come from a hook or from a ledger.
 * @param expected - The contract that may use the signature, and for `upto` who alone may settle.
 * @returns `undefined` when it isn't exactly a payment through Permit2 on these terms.
 */
export function describePermit2(payload: unknown, expected: Permit2Expectation): Described | undefined {
  if (!hasExactly(payload, PAYLOAD_KEYS) || !isSignature(payload['signature'])) return undefined
  const authorization = payload['permit2Authorization']
  if (!hasExactly(authorization, AUTHORIZATION_KEYS)) return undefined
  const { from, permitted, spender, nonce, deadline, witness } = authorization
  if (!hasExactly(permitted, ['token', 'amount']) || !isWitness(witness, expected)) return undefined
  const { amount } = permitted
  const payer = readAddress(from)
  const payTo = readAddress(witness['to'])
  const asset = readAddress(permitted['token'])
  if ('problem' in payer || 'problem' in payTo || 'problem' in asset) return undefined
  if (!isSameAddress(spender, expected.spender) || !isAmount(amount)) return undefined
  if (!isSeconds(deadline) || !isUint256(nonce)) return undefined
  return {
    payer: payer.value,
    payTo: payTo.value,
    asset: asset.value,
    amount: BigInt(amount),
    validUntilSeconds: Number(deadline),
    nonce,
    spender: PERMIT2,
  }
}

function isWitness(witness: unknown, expected: Permit2Expectation): witness is JsonObject {
  const isMetered = 'facilitator' in expected
  const keys = isMetered ? ['to', 'facilitator', 'validAfter'] : ['to', 'validAfter']
  if (!hasExactly(witness, keys) || !isSeconds(witness['validAfter'])) return false
  return !isMetered || isSameAddress(witness['facilitator'], expected.facilitator)
}

function isSameAddress(one: unknown, other: unknown): boolean {
  const [a, b] = [readAddress(one), readAddress(other)]
  return 'value' in a && 'value' in b && a.value === b.value
}
