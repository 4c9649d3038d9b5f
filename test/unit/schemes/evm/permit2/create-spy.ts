import { privateKeyToAccount } from 'viem/accounts'
import type { TypedData } from '../../../../../schemes/evm/index.js'
import { pinned } from '../../../../support/vectors/read-vector.js'

/** The account that the vectors were made with, as a signer that keeps what it was asked to sign. */
export function createSpy() {
  const account = privateKeyToAccount(pinned.evmPrivateKey)
  const asked: TypedData[] = []
  const transactions: unknown[] = []
  const signer = {
    address: account.address,
    sign: account.sign,
    signTypedData(typedData: TypedData) {
      asked.push(typedData)
      return account.signTypedData(typedData)
    },
    signTransaction(transaction: Parameters<typeof account.signTransaction>[0]) {
      transactions.push(transaction)
      return account.signTransaction(transaction)
    },
  }
  return { asked, transactions, signer }
}

/** Bigints as the vectors write them. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? part.toString() : part))
}
