import { ExactEvmScheme as OfficialScheme } from '@x402/evm/exact/client'
import { x402Client as OfficialClient, wrapFetchWithPayment as officialWrap } from '@x402/fetch'
import { privateKeyToAccount } from 'viem/accounts'
import { ExactEvmScheme } from '../../schemes/evm/index.js'
import { wrapFetchWithPayment, x402Client } from '../../src/fetch/index.js'
import { encodeJsonHeader } from '../../src/wire/header-codec.js'
import { createOffer, createRequired, NETWORK, TRANSACTION } from '../support/offers.js'
import { measureFileLedger } from './measure-file-ledger.js'
import { measureHeld } from './measure-held.js'
import { measureSolana } from './measure-solana.js'

/**
 * Measures pay402 beside `@x402/*` in one run, turn by turn, and prints ratios: below 1 is less work than theirs. Sellers answer in
 * this process, so that the network hides nothing.
 */
const account = privateKeyToAccount(`0x${'11'.repeat(32)}`)
const header = encodeJsonHeader(createRequired())
const receipt = encodeJsonHeader({ success: true, transaction: TRANSACTION, network: NETWORK, payer: account.address })

const seller: typeof fetch = async (input, init) => {
  const request = input instanceof Request ? input : new Request(input, init)
  const url = new URL(request.url)
  if (url.pathname === '/free') return new Response('free')
  if (!request.headers.has('payment-signature')) {
    return new Response('{}', { status: 402, headers: { 'payment-required': header } })
  }
  return new Response('{}', { headers: { 'payment-response': receipt } })
}

const limits = { perPayment: '$1', perDay: '$1000000' }
const scheme = (signing: 'typed-data' | 'hash') =>
  wrapFetchWithPayment(
    seller,
    new x402Client({ limits }).register('eip155:*', new ExactEvmScheme(account, { signing })),
  )
const ours = scheme('typed-data')
const oursHashed = scheme('hash')
const theirs = officialWrap(seller, new OfficialClient().register('eip155:*', new OfficialScheme(account)))

const many = JSON.stringify(
  createRequired(Array.from({ length: 10_000 }, (_, index) => createOffer({ amount: String(20_000 + index) }))),
)
const manyClient = new x402Client({ limits }).register('eip155:*', new ExactEvmScheme(account))

const rows: Record<string, [one: () => Promise<unknown>, other: () => Promise<unknown>, rounds: number]> = {
  'a free call': [() => ours('https://api.example.com/free'), () => theirs('https://api.example.com/free'), 3000],
  'a paid call': [() => ours('https://api.example.com/paid'), () => theirs('https://api.example.com/paid'), 300],
  'a paid call, hashed by us': [
    () => oursHashed('https://api.example.com/paid'),
    () => theirs('https://api.example.com/paid'),
    300,
  ],
  '10,000 offers, against their JSON.parse alone': [
    async () => manyClient.createPaymentPayload(JSON.parse(many), { url: 'https://api.example.com/many' }),
    async () => JSON.parse(many),
    10,
  ],
}

async function measure(work: () => Promise<unknown>, rounds: number): Promise<number> {
  const start = performance.now()
  for (let round = 0; round < rounds; round++) await work()
  return (performance.now() - start) / rounds
}

for (const [name, [one, other, rounds]] of Object.entries(rows)) {
  const times: [number[], number[]] = [[], []]
  await one()
  await other()
  for (let turn = 0; turn < 7; turn++) {
    times[0].push(await measure(one, rounds))
    times[1].push(await measure(other, rounds))
  }
  const [a, b] = times.map((list) => list.sort((x, y) => x - y)[3] ?? Number.NaN)
  process.stdout.write(
    `${name.padEnd(46)} ${a?.toFixed(3)} ms against ${b?.toFixed(3)} ms: ${((a ?? 0) / (b ?? 1)).toFixed(2)}\n`,
  )
}

await measureSolana()
await measureHeld()
await measureFileLedger()
