import { type Hex, toWord } from '../../hex.js'
import type { ApprovalTransaction } from '../../wallet/transaction-signer.js'
import { PERMIT2 } from '../contracts.js'

/** `approve(address,uint256)`. Source: EIP-20. */
const APPROVE = '0x095ea7b3'

/** The call by which an account lets Permit2 take up to `amount` of its tokens. */
export function encodeApprove(amount: bigint): Hex {
  return `${APPROVE}${toWord(PERMIT2)}${toWord(amount)}`
}

/**
 * Whether a signed transaction is the one that was asked for, byte by byte, with nothing behind it but a signature.
 *
 * Source: EIP-1559: `0x02` and the RLP of its fields, then those of the signature.
 */
export function isSignedApproval(signed: unknown, transaction: ApprovalTransaction): signed is Hex {
  if (typeof signed !== 'string') return false
  const { chainId, nonce, maxPriorityFeePerGas, maxFeePerGas, gas, to, value, data } = transaction
  const numbers = [BigInt(chainId), BigInt(nonce), maxPriorityFeePerGas, maxFeePerGas, gas].map(toInteger)
  const fields = [...numbers, to.slice(2), toInteger(value), data.slice(2)].map(encodeItem).join('')
  const body = readList(signed.toLowerCase())
  const asked = `${fields}c0`.toLowerCase() // ends with an empty list of accesses
  return body?.startsWith(asked) === true && SIGNATURE.test(body.slice(asked.length))
}

/** Parity, then r and s without leading zeros. */
const SIGNATURE = /^(?:80|01)(?:a0[0-9a-f]{64}|[89][0-9a-f](?:[0-9a-f]{2}){1,31}){2}$/

/** The members of the list that a transaction is, whose length is in one byte or two. */
function readList(signed: string): string | undefined {
  const [, short, long, body = ''] = /^0x02(?:f8([0-9a-f]{2})|f9([0-9a-f]{4}))([0-9a-f]*)$/.exec(signed) ?? []
  return Number(`0x${short ?? long}`) * 2 === body.length ? body : undefined
}

/** Whole bytes without leading zeros; none for zero. */
function toInteger(value: bigint): string {
  const digits = value === 0n ? '' : value.toString(16)
  return digits.length % 2 === 0 ? digits : `0${digits}`
}

/** Source: Ethereum's yellow paper, appendix B (RLP): a text of bytes, here never longer than 255. */
function encodeItem(digits: string): string {
  const length = digits.length / 2
  if (length === 1 && Number(`0x${digits}`) < 0x80) return digits
  return (length <= 55 ? (0x80 + length).toString(16) : `b8${length.toString(16)}`) + digits
}

/** Gas for an `approve`, which facilitators count on. Source: `ERC20_APPROVE_GAS_LIMIT` of `@x402/evm` 2.27. */
export const APPROVE_GAS = 70_000n

/**
 * Most that may be paid per gas, in wei: 500 gwei, and 50 gwei of it to whoever makes the block. A seller is to send the payer that
 * gas, but the signature takes it from whatever ether the payer has, and a source that lies about fees would take all of it.
 */
const MAX_FEE_PER_GAS = 500_000_000_000n
const MAX_PRIORITY_FEE_PER_GAS = 50_000_000_000n

/** Whether an approval could cost the payer more ether than is signed for. */
export function isTooDear({ gas, maxFeePerGas, maxPriorityFeePerGas }: ApprovalTransaction): boolean {
  return gas > APPROVE_GAS || maxFeePerGas > MAX_FEE_PER_GAS || maxPriorityFeePerGas > MAX_PRIORITY_FEE_PER_GAS
}
