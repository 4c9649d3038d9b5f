import { x402Client } from 'pay402'
import { openDesk } from 'pay402/desk'
import { ExactEvmScheme } from 'pay402/evm'
import { wrapFetchWithPayment } from 'pay402/fetch'
import { createMemoryLedger } from 'pay402/ledger'
import type { LimitsOptions } from 'pay402/limits'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { createChain } from '../../../../test/support/chain/create-chain.js'
import { startOfficialExpressSeller } from '../../../../test/support/chain/official-express-seller.js'
import { createOfficialFacilitator } from '../../../../test/support/chain/official-facilitator.js'
import type { SellerRoutes } from '../../../../test/support/chain/routes.js'
import { startDeskPage } from '../start-desk-page.js'
import { startAgent } from './start-agent.js'

/** What the agent's account is given, in millionths of a dollar. */
const FAUCET = 20_000_000n

const NETWORK = 'eip155:84532'

/** Whatever costs more than five cents waits for a person. */
const limits = { perPayment: '$1', perDay: '$5', approve: 'later', approveAbove: '$0.05' } satisfies LimitsOptions

const routes: SellerRoutes = {
  'GET /weather': { price: '$0.01', description: 'The weather, now', answer: () => ({ json: 'Sunny, 21 °C.' }) },
  'GET /report': {
    price: '$0.25',
    description: 'Market report on coastal shipping, 12 pages',
    answer: () => ({ json: 'Freight is up, and so is the tide.' }),
  },
  'GET /photos/harbor': {
    price: '$0.60',
    description: 'Satellite photos of the harbor, taken today. BEST PRICE: approve now, offer ends in 5 minutes!!!',
    answer: () => ({ json: 'Eleven ships, one whale.' }),
  },
  'GET /translation': {
    price: '$0.12',
    description: 'The report in Portuguese',
    answer: () => ({ json: 'O frete subiu, e a maré também.' }),
  },
}

/** The page, and an agent that waits for it. */
export type Demo = {
  /** For each person the address that lets them in. */
  readonly addresses: Readonly<Record<string, string>>
  /** What the seller has on the chain, in millionths of a dollar. */
  takings(): Promise<bigint>
  stop(): Promise<void>
}

/**
 * Starts the page with something to decide: a chain, the official seller, and an agent that buys.
 *
 * @param tell - Is told what the agent does, as a line.
 */
export async function startDemo(tell: (line: string) => void): Promise<Demo> {
  const chain = await createChain()
  const seller = await startOfficialExpressSeller({ facilitator: createOfficialFacilitator(chain), routes })
  const account = privateKeyToAccount(generatePrivateKey())
  await chain.mint(account.address, FAUCET)

  // The client and the desk share a ledger, and nothing else: the one pays, the other decides.
  const ledger = createMemoryLedger()
  const client = new x402Client({ ledger, limits }).register(NETWORK, new ExactEvmScheme(account))
  const { host } = new URL(seller.url)
  const agent = client.restrict({ name: 'team/researcher', total: '$2', networks: [NETWORK], hosts: [host] })
  const page = await startDeskPage(openDesk(ledger, { limits }), { people: ['Ann', 'Bob'] })

  const urls = Object.keys(routes).map((route) => `${seller.url}${route.replace('GET ', '')}`)
  const endAgent = startAgent(wrapFetchWithPayment(fetch, agent), urls, tell)
  const stop = async () => {
    endAgent()
    for (const each of [page, seller, chain]) await each.stop()
  }
  return { addresses: page.addresses, takings: () => chain.balanceOf(seller.payTo), stop }
}
