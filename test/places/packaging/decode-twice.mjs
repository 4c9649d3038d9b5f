// The mark of what was frozen is a private field, which a bundler may rewrite: a header that is decoded again is known by it.
import assert from 'node:assert/strict'
import { decodePaymentRequiredHeader } from 'pay402'

const offer = {
  scheme: 'exact',
  network: 'eip155:84532',
  amount: '10000',
  asset: '0x036CbD53842c5426634e7929541eC2318f3dCF7e',
  payTo: '0x209693Bc6afc0C5328bA36FaF03C514EF312287C',
  maxTimeoutSeconds: 300,
  extra: {},
}
const terms = { x402Version: 2, resource: { url: 'https://api.example.com/report' }, accepts: [offer] }
const header = Buffer.from(JSON.stringify(terms)).toString('base64')
const [first, second] = [decodePaymentRequiredHeader(header), decodePaymentRequiredHeader(header)]
assert.equal(first.accepts, second.accepts)
assert.ok(Object.isFrozen(first.accepts[0]))
