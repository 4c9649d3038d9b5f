import type { LocalAccount } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { type Chain, createChain } from '../../../test/support/chain/create-chain.js'
import { startOfficialExpressSeller } from '../../../test/support/chain/official-express-seller.js'
import { createOfficialFacilitator } from '../../../test/support/chain/official-facilitator.js'
import type { OfficialSeller } from '../../../test/support/chain/official-seller.js'

/** Everything that a purchase needs, on this machine only. */
export type Shop = {
  chain: Chain
  /** The official server of x402, with the official facilitator behind it. */
  seller: OfficialSeller
  /** A fresh account with dollars. */
  buyer: LocalAccount
  /** Ends the seller and the chain, and frees their ports. */
  close: () => Promise<void>
}

/** Starts a chain with a dollar on it, an official seller, and gives a fresh buyer `buyerHas` atomic units. */
export async function openShop({ buyerHas }: { buyerHas: bigint }): Promise<Shop> {
  const chain = await createChain()
  try {
    const buyer = privateKeyToAccount(generatePrivateKey())
    await chain.mint(buyer.address, buyerHas)
    const seller = await startOfficialExpressSeller({ facilitator: createOfficialFacilitator(chain) })
    const close = async () => {
      await seller.stop()
      await chain.stop()
    }
    return { chain, seller, buyer, close }
  } catch (error) {
    await chain.stop()
    throw error
  }
}
