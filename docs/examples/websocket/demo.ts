import { x402ResourceServer } from '@x402/core/server'
import { ExactEvmScheme as ExactEvmServer } from '@x402/evm/exact/server'
import { x402Client } from 'pay402'
import { ExactEvmScheme } from 'pay402/evm'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { openBuyer } from './open-buyer.js'
import { startSeller } from './start-seller.js'

const network = 'eip155:84532'
const account = privateKeyToAccount(generatePrivateKey())

/** Believes every payment, and moves no money. A seller of yours asks a facilitator: `new HTTPFacilitatorClient({ url })`. */
const resources = new x402ResourceServer({
  verify: async () => ({ isValid: true, payer: account.address }),
  settle: async () => ({ success: true, transaction: `0x${'1'.repeat(64)}`, network, payer: account.address }),
  getSupported: async () => ({ kinds: [{ x402Version: 2, scheme: 'exact', network }], extensions: [], signers: {} }),
}).register(network, new ExactEvmServer())
await resources.initialize()

const seller = await startSeller(resources, {
  sold: { '/weather': { price: '$0.01', answer: (query) => `21 degrees in ${query.get('city')}` } },
  network,
  payTo: '0x209693Bc6afc0C5328bA36FaF03C514EF312287C',
})
const client = new x402Client({ limits: { perPayment: '$0.10', perDay: '$1' } }).register(
  network,
  new ExactEvmScheme(account),
)
const buyer = openBuyer(seller.address, client)
const { result, payment } = await buyer.ask('/weather?city=Zurich')
process.stdout.write(`${result}, for ${payment?.terms?.dollars}: ${payment?.money}\n`)
buyer.close()
await seller.stop()
