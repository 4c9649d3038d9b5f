import type { Described } from '../../../src/payment/scheme.js'
import { isAmount } from '../../../src/wire/amount.js'
import type { JsonObject } from '../../../src/wire/json.js'
import type { PaymentRequirements } from '../../../src/wire/requirements.js'
import { readAddress } from '../address.js'
import { type Hex, hasExactly, isSeconds, isUint256, isWord } from '../hex.js'
import { PERMIT2 } from '../permit2/contracts.js'
import { wantsPermit2 } from '../permit2/terms.js'
import { isSignature } from '../wallet/signer.js'
import { findDeployment, hashCapture, hashSalt, isSaltBound } from './capture-hash.js'

/** What either way to collect says. */
type Collection = {
  readonly payer: Hex
  readonly collector: Hex
  readonly amount: string
  readonly until: string
  readonly nonce: bigint
}

/**
 * Reads back what a payload puts into escrow. The whole amount is held there, and may be captured, so all of it is exposure.
 *
 * Whom it pays, who captures it and on what terms is in the nonce alone, as a hash: a payload whose nonce isn't that of the approved
 * terms isn't read.
 *
 * Source: "auth-capture" of `@x402/evm` 2.27.
 *
 * @param payload - Untrusted.
 * @param requirements - The approved terms.
 * @returns `undefined` when it isn't exactly a payment into escrow on these terms.
 */
export function describeCapture(payload: unknown, requirements: PaymentRequirements): Described | undefined {
  const { extra, payTo, asset } = requirements
  const way = wantsPermit2(requirements) ? 'permit2Authorization' : 'authorization'
  const isBound = isSaltBound(extra)
  if (!hasExactly(payload, [way, 'signature', 'salt', ...(isBound ? ['saltNonce'] : [])])) return undefined
  const { signature, salt, saltNonce } = payload
  if (!isSignature(signature) || !isWord(salt)) return undefined
  if (isBound && !(isWord(saltNonce) && hashSalt(extra, saltNonce) === salt.toLowerCase())) return undefined
  const read = way === 'authorization' ? readEip3009(payload[way]) : readPermit2(payload[way], asset)
  const deployment = findDeployment(extra['authCaptureEscrow'])
  if (read === undefined || deployment === undefined || read.collector !== deployment[way]) return undefined
  const { payer, amount, until, nonce } = read
  const terms = hashCapture(requirements, { amount, until, salt, escrow: deployment.escrow })
  if (terms === undefined || BigInt(terms) !== nonce) return undefined
  const described = { payer, payTo, asset, amount: BigInt(amount), validUntilSeconds: Number(until) }
  return way === 'authorization'
    ? { ...described, nonce: terms }
    : { ...described, nonce: String(nonce), spender: PERMIT2 }
}

function readEip3009(authorization: unknown): Collection | undefined {
  if (!hasExactly(authorization, ['from', 'to', 'value', 'validAfter', 'validBefore', 'nonce'])) return undefined
  const { from, to, value, validAfter, validBefore, nonce } = authorization
  return isSeconds(validAfter) && isWord(nonce)
    ? readCollection(from, to, value, validBefore, BigInt(nonce))
    : undefined
}

function readPermit2(authorization: unknown, asset: string): Collection | undefined {
  if (!hasExactly(authorization, ['from', 'permitted', 'spender', 'nonce', 'deadline'])) return undefined
  const { from, permitted, spender, nonce, deadline } = authorization
  if (!hasExactly(permitted, ['token', 'amount']) || !isToken(permitted, asset)) return undefined
  return isUint256(nonce) ? readCollection(from, spender, permitted['amount'], deadline, BigInt(nonce)) : undefined
}

function readCollection(
  from: unknown,
  spender: unknown,
  amount: unknown,
  until: unknown,
  nonce: bigint,
): Collection | undefined {
  const payer = readAddress(from)
  const collector = readAddress(spender)
  if ('problem' in payer || 'problem' in collector || !isAmount(amount) || !isSeconds(until)) return undefined
  return { payer: payer.value, collector: collector.value, amount, until, nonce }
}

function isToken({ token }: JsonObject, asset: string): boolean {
  const [one, other] = [readAddress(token), readAddress(asset)]
  return 'value' in one && 'value' in other && one.value === other.value
}
