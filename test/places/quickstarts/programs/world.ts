import type { AxiosInstance } from 'axios'
import type { PrivateKeyAccount } from 'viem'

/** What a program is run in: one seller under any address, and a buyer's keys. */
export type World = {
  readonly fetch: typeof globalThis.fetch
  /** Of axios, reaching the same seller. */
  readonly axios: AxiosInstance
  readonly url: string
  readonly account: PrivateKeyAccount
  /** A key pair signer of @solana/kit. */
  readonly solana: { readonly address: string }
  readonly rpcUrl?: string | undefined
  readonly svmRpcUrl?: string | undefined
}
