// An app on a phone: what it buys, told as plain facts in one line of JSON. The seller is in the same program, since the bare engine has no network.
import './react-native.js'
import './polyfills.js'
import { x402Client } from 'pay402'
import { ExactEvmScheme } from 'pay402/evm'
import { paymentOf, wrapFetchWithPayment } from 'pay402/fetch'

const ADDRESS = '0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A'
const offer = {
  scheme: 'exact',
  network: 'eip155:84532',
  amount: '10000',
  asset: '0x036CbD53842c5426634e7929541eC2318f3dCF7e',
  payTo: '0x209693Bc6afc0C5328bA36FaF03C514EF312287C',
  maxTimeoutSeconds: 300,
  extra: { name: 'USDC', version: '2' },
}
const { amount, extra, ...first } = offer
const asV1 = {
  ...first,
  network: 'base-sepolia',
  maxAmountRequired: amount,
  resource: 'https://api.example.com/protocol-1',
  description: '',
  mimeType: '',
  extra,
}
const write = (value) => btoa(JSON.stringify(value))
const receipt = { success: true, transaction: `0x${'ab'.repeat(32)}`, network: offer.network, payer: ADDRESS }

/** Sells everything for a cent, and loses its first response to `/lost`. */
const seen = { signatures: 0, payments: new Set() }
let losses = 1
async function sell(input, init = {}) {
  const { pathname } = new URL(typeof input === 'string' ? input : (input.url ?? input.href))
  const headers = new Headers(init.headers)
  const payment = headers.get('payment-signature') ?? headers.get('x-payment')
  if (pathname === '/free') return new Response('free')
  if (payment !== null) {
    seen.payments.add(payment)
    if (pathname === '/lost' && losses-- > 0) throw new TypeError('Network request failed')
    const isV1 = pathname === '/protocol-1'
    return new Response('sunny', {
      headers: isV1
        ? { 'x-payment-response': write({ ...receipt, network: 'base-sepolia' }) }
        : { 'payment-response': write(receipt) },
    })
  }
  if (pathname === '/protocol-1') {
    return new Response(JSON.stringify({ x402Version: 1, error: 'pay', accepts: [asV1] }), { status: 402 })
  }
  const price = pathname === '/expensive' ? '5000000' : offer.amount
  const entry = { ...offer, amount: price, ...(pathname === '/forging' && { __private_0_json: '"forged"' }) }
  const terms = { x402Version: 2, resource: { url: '' }, accepts: [entry] }
  return new Response('{}', { status: 402, headers: { 'payment-required': write(terms) } })
}

const signer = {
  address: ADDRESS,
  async signTypedData() {
    seen.signatures++
    return `0x${'11'.repeat(64)}1b`
  },
}
const client = new x402Client().register('eip155:*', new ExactEvmScheme(signer))
const paidFetch = wrapFetchWithPayment(sell, client, { timeouts: { unpaidMs: 5000, paidMs: 5000 } })

async function buy(path, init) {
  const before = seen.signatures
  try {
    const response = await paidFetch(`https://api.example.com${path}`, init)
    const payment = paymentOf(response)
    return {
      status: response.status,
      body: await response.text(),
      money: payment?.money,
      receipt: payment?.receipt.state,
      signatures: seen.signatures - before,
    }
  } catch (error) {
    return { code: error.code, money: error.money, signatures: seen.signatures - before }
  }
}

async function run() {
  const told = { free: await buy('/free'), paid: await buy('/paid') }
  told.body = await buy('/body', { method: 'POST', body: 'two words', signal: new AbortController().signal })
  told.lost = await buy('/lost')
  told.protocol1 = await buy('/protocol-1')
  told.expensive = await buy('/expensive')
  const together = [
    paidFetch('https://api.example.com/join', { x402: { purchase: 'order 7' } }).then((one) => one.text()),
  ]
  together.push(paidFetch('https://api.example.com/join', { x402: { purchase: 'order 7' } }).then((one) => one.text()))
  told.joined = await Promise.all(together)
  const aborting = new AbortController()
  aborting.abort()
  told.aborted = await buy('/paid?again', { signal: aborting.signal })
  const byXhr = wrapFetchWithPayment(
    Object.assign((...asked) => sell(...asked), { polyfill: true }),
    client,
  )
  told.byXhr = await byXhr('https://api.example.com/xhr').catch(({ code, money }) => ({ code, money }))
  await buy('/forging')
  const { accepted } = JSON.parse(atob([...seen.payments].pop()))
  told.echoed = { amount: accepted.amount, __private_0_json: accepted.__private_0_json }
  told.payments = seen.payments.size
  told.listed = (await client.payments()).length
  return told
}

run().then(
  (told) => print(JSON.stringify(told)),
  (error) => print(JSON.stringify({ failed: String(error.stack ?? error) })),
)
