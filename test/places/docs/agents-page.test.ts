import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { x402Client } from 'pay402'
import { ExactEvmScheme } from 'pay402/evm'
import { expect, it } from 'vitest'
import { account } from '../../support/create-buyer.js'
import { askToPay, createOffer, createRequired, deliver, sell, startToDeliver } from '../../support/offers.js'
import type { Handler } from '../../support/start-seller.js'
import { openSeller } from '../../unit/fetch/open-seller.js'
import { root, toExamples } from './examples.js'
import { runExample } from './runner.js'

/** `buy` of the agents' page, as a toolkit's author copies it, against sellers that behave badly. */

const file = 'docs/guides/agents.md'

/** What `buy` returns for one call of a seller. */
async function buyFrom(handler: Handler, changes: { hosts?: string[]; patienceMs?: number } = {}) {
  const seller = await openSeller(handler)
  const { hosts = [new URL(seller.url).host], patienceMs = 60_000 } = changes
  const page = readFileSync(join(root, file), 'utf8')
  const example = toExamples(file, page).find(({ code }) => code.includes('function createBuy'))
  if (example === undefined) throw new Error('the page has no `createBuy`')
  const [definitions = ''] = example.source.split("const hosts = ['api.example.com']")
  const patient = definitions.replace('60_000', String(patienceMs))
  const results: Record<string, string | undefined>[] = []
  const client = new x402Client().register('eip155:*', new ExactEvmScheme(account))
  const agent = client.restrict({ total: '$0.05', hosts })
  const source = `${patient}
    keep(await createBuy(fetch, agent, hosts)(url))`
  const context = { agent, client, fetch, hosts, keep: results.push.bind(results), url: seller.url }
  await runExample({ ...example, code: patient, source }, context)
  return { result: results[0] ?? {}, seller }
}

it(`${file}: buy tells status, price, what is left, and what the seller wrote as such`, async () => {
  const { result } = await buyFrom(sell)
  expect(result).toEqual({
    status: 200,
    price: '0.01 USDC',
    money: 'settled',
    left: '$0.04 of $0.05 (restrict.total)',
    sellerWrote: '{"ok":true}',
  })
})

it(`${file}: buy tells that a free response cost nothing`, async () => {
  const { result } = await buyFrom((_request, response) => void response.writeHead(404).end('nothing here'))
  expect(result).toMatchObject({ status: 404, price: 'free', money: 'untouched', sellerWrote: 'nothing here' })
})

it(`${file}: buy doesn't throw when the connection fails`, async () => {
  const { result } = await buyFrom((_request, response) => void response.destroy())
  expect(result).toMatchObject({ refused: 'The server could not be reached.', money: 'untouched' })
})

it(`${file}: buy names the price and what is left when a limit refuses, and advises nobody to raise it`, async () => {
  const { result } = await buyFrom((_request, response) =>
    askToPay(response, createRequired([createOffer({ amount: '100000' })])),
  )
  expect(result['refused']).toContain('0.10 USDC')
  expect(result['left']).toBe('$0.05 of $0.05 (restrict.total)')
  expect(JSON.stringify(result)).not.toMatch(/raise|increase|ask whoever/i)
})

it(`${file}: buy reads no further than its bound`, async () => {
  const { result } = await buyFrom((request, response) =>
    request.payment === undefined ? askToPay(response) : deliver(response, request, 'x'.repeat(5_000_000)),
  )
  expect(result['sellerWrote']).toBe(`${'x'.repeat(20_000)}… (cut off here: it is longer)`)
  expect(result['money']).toBe('settled')
})

it(`${file}: buy ends when a paid response stalls, and tells where the money is`, async () => {
  const { result } = await buyFrom(startToDeliver, { patienceMs: 1_000 })
  expect(result).toMatchObject({ status: 200, money: 'settled', sellerWrote: '{"ok":… (it broke off here)' })
})

it(`${file}: buy says that a payment is in doubt whose response never came`, async () => {
  const { result, seller } = await buyFrom((request, response) =>
    request.payment === undefined ? askToPay(response) : void response.destroy(),
  )
  expect(result).toMatchObject({ money: 'in-doubt', left: '$0.04 of $0.05 (restrict.total)' })
  expect(seller.authorizations().size).toBe(1)
})

it(`${file}: buy asks no host that isn't on its list`, async () => {
  const { result, seller } = await buyFrom(sell, { hosts: ['api.example.com'] })
  expect(result).toMatchObject({ refused: 'Only these hosts may be asked: api.example.com.', money: 'untouched' })
  expect(seller.requests).toEqual([])
})
