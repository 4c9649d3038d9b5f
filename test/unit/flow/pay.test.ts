import { expect, it } from 'vitest'
import type { x402Client } from '../../../src/index.js'
import { createBuyer } from '../../support/create-buyer.js'
import { createOffer, NETWORK, PAY_TO, USDC } from '../../support/offers.js'

const terms = { scheme: 'exact', network: NETWORK, asset: USDC, payTo: PAY_TO, amount: 10_000n }
const payment = { id: 'forged-0', state: 'reserved', delivery: 'none', terms, call: {}, charges: [] }
const call = { method: 'GET', url: new URL('https://api.example.com/'), origin: 'https://api.example.com', tags: [] }
const challenge = { call, envelope: { x402Version: 2, accepts: [createOffer()] }, required: () => ({}) }
const offer = { index: 0, requirements: createOffer(), terms, entry: createOffer() }
const assessment = { notation: {}, dollars: undefined, charges: [], caps: [] }
const selected = { challenge, offer, registration: {}, assessment, exposure: 10_000n, considered: () => [] }

it.each<[string, unknown]>([
  ['a forged Authorized', Object.freeze({ selected, payment })],
  ['a forged Selected', Object.freeze(selected)],
  ['a forged Signed', Object.freeze({ call, payment, presentation: { payload: {}, entry: {} } })],
  ['a 402 as a door reads it', { x402Version: 2, accepts: [createOffer()] }],
  ['an exchange without its verbs', { given: call, options: undefined, native: new Response() }],
  ['half an exchange', { read: () => ({ url: undefined, terms: { value: challenge.envelope } }) }],
  ['a function', () => undefined],
  ['nothing', undefined],
  ['null', null],
])('pay: refuses %s, and nothing is signed or reserved', async (_what, forged) => {
  const { client, signatures, records } = createBuyer()
  await expect(payWith(client, forged)).rejects.toThrow(TypeError)
  expect(signatures()).toBe(0)
  expect(await records()).toEqual([])
})

/** As anyone can who knows the symbol. */
async function payWith(client: x402Client, exchange: unknown): Promise<unknown> {
  const pay: unknown = Reflect.get(client, Symbol.for('pay402.pay'))
  expect(pay).toBeTypeOf('function')
  return Reflect.apply(pay as () => unknown, client, [exchange])
}
