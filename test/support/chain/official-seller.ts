import type { FacilitatorClient } from '@x402/core/server'
import type { Network } from '@x402/core/types'
import type { Address } from 'viem'
import type { RecordedRequest } from './record-requests.js'
import type { SellerRoutes } from './routes.js'

/** A seller that runs the official server code, on a loopback port. */
export type OfficialSeller = {
  /** Its address, without a slash at the end. */
  url: string
  /** Who is paid. */
  payTo: Address
  /** Every request that arrived, in order. */
  readonly requests: readonly RecordedRequest[]
  /** How many connections it ever accepted. */
  readonly connections: number
  /** Closes every connection and frees the port. */
  stop: () => Promise<void>
}

/** What both official sellers take. */
export type OfficialSellerOptions = {
  /** Who verifies and settles; wrap it to fail on purpose. */
  facilitator: FacilitatorClient
  /** @default 'eip155:84532' (Base Sepolia) */
  network?: Network | undefined
  /** @default a fresh account, so that its balance starts at nothing */
  payTo?: Address | undefined
  /** @default sellerRoutes */
  routes?: SellerRoutes | undefined
}
