import type { Described } from '../../../src/payment/scheme.js'
import { isAmount } from '../../../src/wire/amount.js'
import type { PaymentRequirements } from '../../../src/wire/requirements.js'
import { readAddress } from '../address.js'
import { fromDigits, type Hex, hasExactly, isSeconds, isUint256, toHex } from '../hex.js'
import { keccak256 } from '../keccak256.js'
import { PERMIT2 } from '../permit2/contracts.js'
import { wantsPermit2 } from '../permit2/terms.js'
import { isSignature } from '../wallet/signer.js'
import type { Channel } from './channel.js'

/** Takes a deposit through Permit2. Source: `PERMIT2_DEPOSIT_COLLECTOR_ADDRESS` of `@x402/evm` 2.27. */
const PERMIT2_COLLECTOR: Hex = '0x4020425FAf3B746C082C2f942b4E5159887B0005'

const PERMIT2_KEYS = ['from', 'permitted', 'spender', 'nonce', 'deadline', 'witness', 'signature']

const WORD = /^0x[0-9a-fA-F]{1,64}$/

/** What a deposit puts into its channel, and until when it can be made. */
export type Deposit = Pick<Described, 'amount' | 'validUntilSeconds' | 'nonce' | 'spender'>

/**
 * Reads a deposit in the way that the offer wants: by EIP-3009 or through Permit2.
 *
 * @param deposit - Untrusted.
 * @returns `undefined` when it isn't exactly a deposit into this channel.
 */
export function describeDeposit(
  deposit: unknown,
  channel: Channel,
  requirements: PaymentRequirements,
): Deposit | undefined {
  if (!hasExactly(deposit, ['amount', 'authorization'])) return undefined
  const { amount, authorization } = deposit
  if (!isAmount(amount)) return undefined
  if (wantsPermit2(requirements)) {
    return hasExactly(authorization, ['permit2Authorization'])
      ? describeByPermit2(authorization['permit2Authorization'], amount, channel)
      : undefined
  }
  return hasExactly(authorization, ['erc3009Authorization'])
    ? describeByEip3009(authorization['erc3009Authorization'], amount, channel)
    : undefined
}

/** The nonce isn't in it: the collector makes it of the channel and the salt. Source: `buildErc3009DepositNonce` of `@x402/evm` 2.27. */
function describeByEip3009(authorization: unknown, amount: string, { id }: Channel): Deposit | undefined {
  if (!hasExactly(authorization, ['validAfter', 'validBefore', 'salt', 'signature'])) return undefined
  const { validAfter, validBefore, salt, signature } = authorization
  if (!isSeconds(validAfter) || !isSeconds(validBefore)) return undefined
  if (typeof salt !== 'string' || !WORD.test(salt) || !isSignature(signature)) return undefined
  const words = id.slice(2) + salt.slice(2).padStart(64, '0')
  const nonce = toHex(keccak256(fromDigits(words)))
  return { amount: BigInt(amount), validUntilSeconds: Number(validBefore), nonce }
}

function describeByPermit2(authorization: unknown, amount: string, channel: Channel): Deposit | undefined {
  if (!hasExactly(authorization, PERMIT2_KEYS)) return undefined
  const { from, permitted, spender, nonce, deadline, witness, signature } = authorization
  if (!hasExactly(permitted, ['token', 'amount']) || !hasExactly(witness, ['channelId'])) return undefined
  const isOwn =
    isAddress(from, channel.payer) &&
    isAddress(permitted['token'], channel.asset) &&
    isAddress(spender, PERMIT2_COLLECTOR) &&
    permitted['amount'] === amount &&
    String(witness['channelId']).toLowerCase() === channel.id
  if (!isOwn || !isSignature(signature)) return undefined
  if (!isSeconds(deadline) || !isUint256(nonce)) return undefined
  return { amount: BigInt(amount), validUntilSeconds: Number(deadline), nonce, spender: PERMIT2 }
}

function isAddress(value: unknown, address: Hex): boolean {
  const read = readAddress(value)
  return 'value' in read && read.value === address
}
