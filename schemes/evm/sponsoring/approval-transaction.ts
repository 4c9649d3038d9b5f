import type { Hex } from '../hex.js'
import { PERMIT2 } from '../permit2/permit2-contracts.js'
import type { ApprovalTransaction } from '../read-transaction-signer.js'
import { toWord } from '../to-word.js'

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
