import { privateKeyToAccount } from 'viem/accounts'
import { expect, test } from 'vitest'
import { FUNDING_TIMEOUT_MS } from '../../../../schemes/evm/assets/funding.js'
import { ExactEvmScheme } from '../../../../schemes/evm/index.js'
import { stopTimers } from '../../../support/money/stop-timers.js'
import { pinned } from '../../../support/vectors/read-vector.js'
import { createTerms } from './exact/terms.js'
import { act, type RpcHandler, refuse, startRpc } from './start-rpc.js'

const signer = privateKeyToAccount(pinned.evmPrivateKey)
const word = (value: bigint) => `0x${value.toString(16).padStart(64, '0')}`

/** A node of Base Sepolia on which everybody holds this much. */
const holding =
  (balance: bigint, chainId = '0x14a34'): RpcHandler =>
  ({ method }) =>
    method === 'eth_chainId' ? chainId : word(balance)

/** What the scheme says of terms of 10,000 atomic units, when nodes answer like this. */
async function readFunding(answers: readonly RpcHandler[], terms = createTerms()) {
  const nodes = await Promise.all(answers.map(startRpc))
  const rpc = nodes.length === 0 ? {} : { 'eip155:84532': nodes.map(({ url }) => url) }
  return { funding: await new ExactEvmScheme(signer, { rpc }).readFunding(terms), nodes }
}

test.each([
  [9_999n, 'short'],
  [10_000n, 'enough'],
  [2n ** 256n - 1n, 'enough'],
  [0n, 'short'],
])('readFunding: with %i units it is %s', async (balance, expected) => {
  expect((await readFunding([holding(balance)])).funding).toBe(expected)
})

test("readFunding: asks for the payer's balance of the token", async () => {
  const { nodes } = await readFunding([holding(1n)])
  const data = `0x70a08231${signer.address.slice(2).toLowerCase().padStart(64, '0')}`
  expect(nodes[0]?.calls.find(({ method }) => method === 'eth_call')?.params).toEqual([
    { to: createTerms().asset, data },
    'latest',
  ])
})

test.each<[what: string, answer: RpcHandler]>([
  ['refuses', () => refuse()],
  ['fails', () => act((response) => response.writeHead(503).end())],
  ['hangs up', () => act((response) => response.destroy())],
  ['answers nothing of a contract', ({ method }) => (method === 'eth_chainId' ? '0x14a34' : '0x')],
  ['answers a number', ({ method }) => (method === 'eth_chainId' ? '0x14a34' : 10_000)],
  ['is of another chain', holding(0n, '0x2105')],
])('readFunding: is unknown, never short, when a node %s', async (_what, answer) => {
  expect((await readFunding([answer])).funding).toBe('unknown')
})

test('readFunding: is unknown once its time is over, when a source never answers', async () => {
  const pass = stopTimers()
  const source = {
    request() {
      pass(FUNDING_TIMEOUT_MS)
      return new Promise<never>(() => undefined)
    },
  }
  const scheme = new ExactEvmScheme(signer, { rpc: { 'eip155:84532': source } })
  expect(await scheme.readFunding(createTerms())).toBe('unknown')
})

test('readFunding: takes the first answer of several sources', async () => {
  let isGivenUp = false
  const silent = () =>
    act((response) =>
      response.on('close', () => {
        isGivenUp = true
      }),
    )
  expect((await readFunding([silent, () => refuse(), holding(10_000n)])).funding).toBe('enough')
  expect(isGivenUp).toBe(false)
})

test('readFunding: is unknown without a source, and for terms that can not be signed', async () => {
  expect((await readFunding([])).funding).toBe('unknown')
  const { funding, nodes } = await readFunding([holding(0n)], createTerms({ amount: '-1' }))
  expect(funding).toBe('unknown')
  expect(nodes[0]?.calls).toEqual([])
})
