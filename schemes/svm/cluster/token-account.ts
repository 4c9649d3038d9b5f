import { type Address, toAddress } from '../address.js'
import { isTokenProgram } from '../programs.js'
import { readLittleEndian } from '../wire/instruction.js'
import type { SvmAccount } from './cluster.js'
import { refuseAccountExtensions } from './token-extensions.js'

/** What a payment must know of a token account. */
export type TokenAccount = {
  readonly mint: Address
  readonly amount: bigint
  readonly isFrozen: boolean
  /** Why it takes no payment, to be put after its name. */
  readonly refusal: string | undefined
}

/** Source: SPL Token program, `Account`: 165 bytes, the mint at 0, the amount at 64, the state at 108, where 2 is frozen. */
const ACCOUNT_BYTES = 165
const STATE_OFFSET = 108

/** Reads a token account; `undefined` when there is none, or something else stands there. */
export function readTokenAccount(account: SvmAccount | undefined): TokenAccount | undefined {
  if (account === undefined || !isTokenProgram(account.owner) || account.data.length < ACCOUNT_BYTES) return undefined
  const { data } = account
  const state = data[STATE_OFFSET]
  if (state !== 1 && state !== 2) return undefined
  return {
    mint: toAddress(data.subarray(0, 32)),
    amount: readLittleEndian(data, 64, 8),
    isFrozen: state === 2,
    refusal: state === 2 ? 'is frozen' : refuseAccountExtensions(data),
  }
}
