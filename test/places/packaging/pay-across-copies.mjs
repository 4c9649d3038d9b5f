// A client of the ES modules behind a fetch wrapped by the CommonJS copy, or the other way round:
// `node pay-across-copies.mjs import require` loads the client by `import` and the door by `require`.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)
const load = { import: (name) => import(name), require: (name) => require(name) }
const [clientMode, doorMode] = process.argv.slice(2)

const { x402Client, encodePaymentRequiredHeader } = await load[clientMode]('pay402')
const { ExactEvmScheme } = await load[clientMode]('pay402/evm')
const { wrapFetchWithPayment, paymentOf } = await load[doorMode]('pay402/fetch')

const offer = {
  scheme: 'exact',
  network: 'eip155:84532',
  amount: '10000',
  asset: '0x036CbD53842c5426634e7929541eC2318f3dCF7e',
  payTo: '0x209693Bc6afc0C5328bA36FaF03C514EF312287C',
  maxTimeoutSeconds: 300,
  extra: { name: 'USDC', version: '2' },
}

let payments = 0
const seller = createServer((request, response) => {
  if ('payment-signature' in request.headers) {
    payments++
    response.end('paid')
    return
  }
  const resource = { url: `http://${request.headers.host}${request.url}` }
  const header = encodePaymentRequiredHeader({ x402Version: 2, resource, accepts: [offer] })
  response.writeHead(402, typeof header === 'string' ? { 'PAYMENT-REQUIRED': header } : header).end()
})
await once(seller.listen(0, '127.0.0.1'), 'listening')

const signer = {
  address: '0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A',
  signTypedData: async () => `0x${'11'.repeat(64)}1b`,
}
const client = new x402Client().register('eip155:*', new ExactEvmScheme(signer))
const response = await wrapFetchWithPayment(fetch, client)(`http://127.0.0.1:${seller.address().port}/`)

assert.equal(await response.text(), 'paid')
assert.equal(payments, 1)
assert.equal(paymentOf(response)?.terms?.amount, '10000')
seller.close()
