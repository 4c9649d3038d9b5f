import {
  type BaseTransactionMessage,
  compileTransaction,
  decompileTransactionMessage,
  getCompiledTransactionMessageDecoder,
  type KeyPairSigner,
  partiallySignTransaction,
  type Transaction,
  type TransactionModifyingSigner,
} from '@solana/kit'

/**
 * Creates a wallet that adds something to each transaction before it signs, as Phantom and Solflare add guards.
 *
 * @param add - Changes the message; the wallet signs what comes of it.
 */
export function createGuardingWallet(
  { address, keyPair }: KeyPairSigner,
  add: (message: Message) => BaseTransactionMessage,
): TransactionModifyingSigner {
  return {
    address,
    async modifyAndSignTransactions(transactions) {
      const signed = await Promise.all(
        transactions.map(async ({ messageBytes }) => {
          const message = decompileTransactionMessage(getCompiledTransactionMessageDecoder().decode(messageBytes))
          const changed = compileTransaction(add(message) as Message) as Transaction
          return partiallySignTransaction([keyPair], changed)
        }),
      )
      return signed as never
    },
  }
}

type Message = Parameters<typeof compileTransaction>[0]
