import { type Address, type Chain, createWalletClient, type Hash, type Hex, http, type LocalAccount } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'

/** A fresh account whose transactions go out one at a time, so that any number may be asked for at once. */
export type Wallet = {
  account: LocalAccount
  writeContract: (call: ContractCall) => Promise<Hash>
  sendTransaction: (transaction: { to?: Address | undefined; data: Hex; value?: bigint }) => Promise<Hash>
}

/** A call to a contract, as loosely typed as the official facilitator's. */
export type ContractCall = {
  address: Address
  abi: readonly unknown[]
  functionName: string
  args: readonly unknown[]
  gas?: bigint
  dataSuffix?: Hex
}

/**
 * Creates a wallet with a random key. It has no ether yet.
 *
 * Each transaction waits until the one before was accepted. viem's own nonce manager would be quicker, but it counts a
 * nonce as spent when gas estimation fails, and every later transaction then waits for one that never comes.
 *
 * @param chain - The chain, with the address of its node.
 */
export function createWallet(chain: Chain): Wallet {
  const account = privateKeyToAccount(generatePrivateKey())
  const client = createWalletClient({ account, chain, transport: http() })
  let last: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(send: () => Promise<T>): Promise<T> => {
    const sent = last.then(send, send)
    last = sent
    return sent
  }
  return {
    account,
    writeContract: (call) => inTurn(() => client.writeContract(call)),
    sendTransaction: ({ to, data, value = 0n }) => inTurn(() => client.sendTransaction({ to, data, value })),
  }
}
