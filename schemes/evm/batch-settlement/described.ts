import type { Described } from '../../../src/payment/scheme.js'
import { isAmount } from '../../../src/wire/amount.js'
import type { JsonObject } from '../../../src/wire/json.js'
import type { PaymentRequirements } from '../../../src/wire/requirements.js'
import { type Hex, hasExactly } from '../hex.js'
import { isSignature } from '../wallet/signer.js'
import { type Channel, readChannel } from './channel.js'
import { describeDeposit } from './deposit.js'

/** Beyond 39 digits nothing fits into the 128 bits of a voucher. */
const INTEGER = /^(?:0|[1-9][0-9]{0,38})$/

/**
 * Reads back what a payload of a payment channel authorizes: a deposit with a voucher on it, a voucher alone, or a refund.
 *
 * A voucher adds up all that was ever charged, so the payload alone doesn't say what it adds: it counts the price again, which is too
 * much where its deposit was counted, and never too little.
 *
 * Source: "batch-settlement" of `@x402/evm` 2.27.
 *
 * @param payload - Untrusted.
 * @param requirements - The approved terms. Anything but the channel that they name isn't read.
 * @returns `undefined` when it isn't exactly one of the three.
 */
export function describeChannel(payload: unknown, requirements: PaymentRequirements): Described | undefined {
  const { type, channelConfig, voucher, deposit, ...more } = toObject(payload)
  const channel = readChannel(channelConfig, requirements)
  const claimable = channel && readClaimable(voucher, channel.id)
  if (channel === undefined || claimable === undefined) return undefined
  const isAlone = Object.keys(more).length === 0
  const pays = isAlone && claimable >= BigInt(requirements.amount)
  if (type === 'deposit' && pays) return describeOpening(deposit, channel, requirements)
  const isKnown = (type === 'voucher' && pays) || (type === 'refund' && (isAlone || isPart(more)))
  if (!isKnown || deposit !== undefined) return undefined
  const { payer, payTo, asset, id } = channel
  const amount = BigInt(requirements.amount)
  // Nothing but the chain ends a voucher.
  return { payer, payTo, asset, amount, validUntilSeconds: Number.POSITIVE_INFINITY, nonce: `${id}:${claimable}` }
}

/** A deposit, and the first voucher on it. Until the channel's delay has passed, its payer gets nothing of it back. */
function describeOpening(deposit: unknown, channel: Channel, requirements: PaymentRequirements): Described | undefined {
  const read = describeDeposit(deposit, channel, requirements)
  if (read === undefined) return undefined
  const { amount: exposure, ...end } = read
  const { payer, payTo, asset } = channel
  return { payer, payTo, asset, amount: BigInt(requirements.amount), exposure, ...end }
}

function toObject(payload: unknown): JsonObject {
  return { ...new Object(payload) }
}

/** How much of the channel its receiver may have claimed, all payments together. */
function readClaimable(voucher: unknown, channel: Hex): bigint | undefined {
  if (!hasExactly(voucher, ['channelId', 'maxClaimableAmount', 'signature'])) return undefined
  const { channelId, maxClaimableAmount, signature } = voucher
  if (!isSignature(signature) || String(channelId).toLowerCase() !== channel) return undefined
  return typeof maxClaimableAmount === 'string' && INTEGER.test(maxClaimableAmount)
    ? BigInt(maxClaimableAmount)
    : undefined
}

/** Whether a refund of a part of the channel is asked for. */
function isPart(more: JsonObject): boolean {
  return hasExactly(more, ['amount']) && isAmount(more['amount'])
}
