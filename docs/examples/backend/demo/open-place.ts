import { createServer } from 'node:http'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { type Chain, createChain } from '../../../../test/support/chain/create-chain.js'
import { type Listening, listen } from '../../../../test/support/chain/listen.js'
import { createOfficialFacilitator } from '../../../../test/support/chain/official-facilitator.js'
import { createSellerApp } from '../seller/create-seller-app.js'

/** A chain with a dollar, a wallet with some, and a seller of reports, on this machine. */
export type Place = {
  readonly chain: Chain
  readonly seller: Listening
  readonly wallet: { readonly address: `0x${string}`; readonly privateKey: `0x${string}` }
  /** What the seller earned, in millionths of a dollar: the chain says so. */
  earned(): Promise<bigint>
  /** Makes the next report take until it is let go. */
  hold(): Held
  stop(): Promise<void>
}

/** A report that takes a while. */
export type Held = {
  /** Once the seller was paid for it, and writes it. */
  readonly begun: Promise<void>
  letGo(): void
}

/** Starts all that. The wallet has ten dollars. */
export async function openPlace(): Promise<Place> {
  const chain = await createChain()
  try {
    const privateKey = generatePrivateKey()
    const wallet = { privateKey, address: privateKeyToAccount(privateKey).address }
    await chain.mint(wallet.address, 10_000_000n)
    const payTo = privateKeyToAccount(generatePrivateKey()).address
    let next: { begin: () => void; until: Promise<void> } | undefined
    const app = createSellerApp({
      facilitator: createOfficialFacilitator(chain),
      payTo,
      async write(city) {
        const held = next
        next = undefined
        held?.begin()
        await held?.until
        return { city, pages: 3 }
      },
    })
    const seller = await listen(createServer(app))
    return {
      chain,
      seller,
      wallet,
      earned: () => chain.balanceOf(payTo),
      hold() {
        const [begun, until] = [createGate(), createGate()]
        next = { begin: begun.open, until: until.opened }
        return { begun: begun.opened, letGo: until.open }
      },
      async stop() {
        await seller.stop()
        await chain.stop()
      },
    }
  } catch (error) {
    await chain.stop()
    throw error
  }
}

/** A promise, and what resolves it. */
function createGate(): { readonly opened: Promise<void>; open(): void } {
  let open = (): void => undefined
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open }
}
