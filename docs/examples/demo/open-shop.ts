import type { LocalAccount } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { type Chain, createChain } from '../../../test/support/chain/create-chain.js'
import type { Listening } from '../../../test/support/chain/listen.js'
import { startOfficialExpressSeller } from '../../../test/support/chain/official-express-seller.js'
import { createOfficialFacilitator } from '../../../test/support/chain/official-facilitator.js'
import type { OfficialSeller } from '../../../test/support/chain/official-seller.js'
import { startLine } from '../browser/demo/start-line.js'

/** Everything that a purchase needs, on this machine only. */
export type Shop = {
  chain: Chain
  /** The official server of x402, with the official facilitator behind it. */
  seller: OfficialSeller
  /** A line to the seller on which the first sends of each payment for the weather are lost. */
  line: Listening
  /** A fresh account with dollars. */
  buyer: LocalAccount
  /** Ends the seller and the chain, and frees their ports. */
  close: () => Promise<void>
}

/**
 * Starts a chain with a dollar on it, an official seller, and gives a fresh buyer `buyerHas` atomic units.
 *
 * @param options - `tell` is told what is being done, since it takes a while.
 */
export async function openShop({ buyerHas, tell }: openShop.Options): Promise<Shop> {
  tell('a chain with a dollar on it')
  const chain = await createChain()
  try {
    tell('a buyer with play money, and the official seller')
    const buyer = privateKeyToAccount(generatePrivateKey())
    await chain.mint(buyer.address, buyerHas)
    const seller = await startOfficialExpressSeller({ facilitator: createOfficialFacilitator(chain) })
    const line = await startLine(seller.url, '/weather')
    const close = async () => {
      await line.stop()
      await seller.stop()
      await chain.stop()
    }
    return { chain, seller, line, buyer, close }
  } catch (error) {
    await chain.stop()
    throw error
  }
}

export declare namespace openShop {
  type Options = { buyerHas: bigint; tell: (what: string) => void }
}
