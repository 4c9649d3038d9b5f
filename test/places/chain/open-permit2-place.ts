import { afterAll, beforeAll } from 'vitest'
import { type Chain, createChain } from '../../support/chain/create-chain.js'
import { deployPermit2 } from '../../support/chain/deploy-permit2.js'
import { type OfficialPermit2Seller, startOfficialPermit2Seller } from '../../support/chain/official-permit2-seller.js'

/** A chain with Permit2, and an official seller on it. */
export type Permit2Place = { readonly chain: Chain; readonly seller: OfficialPermit2Seller }

/**
 * Starts a chain with Permit2 and an official seller before the tests of a file, and ends both after them.
 *
 * @param start - Given both once they are there: a file keeps them in variables of its own.
 * @param options - Of the chain.
 */
export function openPermit2Place(
  start: (place: Permit2Place) => void,
  options?: Parameters<typeof createChain>[0],
): void {
  let place: Permit2Place
  beforeAll(async () => {
    const chain = await createChain(options)
    await deployPermit2(chain)
    place = { chain, seller: await startOfficialPermit2Seller(chain) }
    start(place)
  })
  afterAll(async () => {
    await place.seller.stop()
    await place.chain.stop()
  })
}
