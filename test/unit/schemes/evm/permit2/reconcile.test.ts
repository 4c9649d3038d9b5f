import { x402ExactPermit2ProxyABI } from '@x402/evm'
import { concat, encodeFunctionData, pad } from 'viem'
import { describe, expect, test } from 'vitest'
import { EXACT_PROXY, PERMIT2 } from '../../../../../schemes/evm/permit2/contracts.js'
import { reconcilePermit2 } from '../../../../../schemes/evm/permit2/reconciliation.js'
import { type RpcCall, type RpcHandler, refuse, startRpc } from '../start-rpc.js'

const NOW = 1_750_000_000
const transaction = `0x${'cd'.repeat(32)}` as const
const described = {
  payer: '0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A',
  payTo: '0x209693Bc6afc0C5328bA36FaF03C514EF312287C',
  asset: '0x036CbD53842c5426634e7929541eC2318f3dCF7e',
  amount: 10_000n,
  validUntilSeconds: NOW,
  nonce: '5',
}

/** A node of a chain with a block every two seconds, whose newest and final block is a minute after the payment's end. */
function createNode(instead: Record<string, (call: RpcCall) => unknown> = {}): RpcHandler {
  const latest = NOW / 2 + 30
  const answers: Record<string, (call: RpcCall) => unknown> = {
    eth_chainId: () => '0x14a34',
    eth_call: () => pad('0x20'),
    eth_getBlockByNumber: ({ params: [block] }) => {
      const number = String(block).startsWith('0x') ? Number(block) : latest
      return { number: hex(number), timestamp: hex(2 * number) }
    },
    eth_getLogs: () => [],
    ...instead,
  }
  return (call) => answers[call.method]?.(call) ?? null
}

/** A transfer from the payer to the recipient, as nodes write it. */
function toTransfer(hash: string) {
  return {
    address: described.asset,
    topics: [
      '0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef',
      pad(described.payer as `0x${string}`),
      pad(described.payTo as `0x${string}`),
    ],
    data: pad('0x1'),
    blockNumber: hex(NOW / 2 - 10),
    transactionHash: hash,
  }
}

async function reconcile(...nodes: RpcHandler[]) {
  const started = await Promise.all(nodes.map(startRpc))
  const urls = started.map(({ url }) => url)
  return { verdict: await reconcilePermit2(urls, 84_532, described, 300), calls: started.flatMap(({ calls }) => calls) }
}

test('reconcilePermit2: asks Permit2 for the bit of the nonce', async () => {
  const { calls } = await reconcile(createNode())
  expect(calls.find(({ method }) => method === 'eth_call')?.params[0]).toEqual({
    to: PERMIT2,
    data: `0x4fe02b44${pad(described.payer as `0x${string}`)
      .slice(2)
      .toLowerCase()}${'0'.repeat(64)}`,
  })
})

describe('reconcilePermit2: counts a used nonce as spent, and names nothing, when', () => {
  test.each<[what: string, instead: Record<string, (call: RpcCall) => unknown>]>([
    ['the node finds no event', {}],
    ['the node refuses to search events', { eth_getLogs: () => refuse(-32_005) }],
    ['the node knows no such transaction', { eth_getLogs: transfers(1) }],
    [
      'the transaction calls no proxy',
      {
        eth_getLogs: transfers(1),
        eth_getTransactionByHash: ({ params: [hash] }) => ({ hash, to: PERMIT2, input: '0x13cd3b53' }),
      },
    ],
    [
      'the node answers with another transaction',
      {
        eth_getLogs: transfers(1),
        eth_getTransactionByHash: () => ({ hash: `0x${'00'.repeat(32)}`, to: PERMIT2, input: '0x' }),
      },
    ],
    ['the seller is paid too often to tell', { eth_getLogs: transfers(65) }],
  ])('%s', async (_what, instead) => {
    expect((await reconcile(createNode(instead))).verdict).toEqual({ verdict: 'spent' })
  })

  function transfers(count: number) {
    return ({ params: [filter] }: RpcCall) =>
      Reflect.get(new Object(filter), 'address') === PERMIT2
        ? []
        : Array.from({ length: count }, (_, index) =>
            toTransfer(index === 0 ? transaction : `0x${hex(index).slice(2).padStart(64, '0')}`),
          )
  }
})

test('reconcilePermit2: tells another bit of the same word from the nonce', async () => {
  const others = createNode({ eth_call: () => pad('0x10') })
  expect((await reconcile(others)).verdict).toEqual({ verdict: 'unspent-and-dead' })
})

describe('reconcilePermit2: where a payment of another nonce came before the cancellation', () => {
  const payer = described.payer as `0x${string}`
  const input = encodeFunctionData({
    abi: x402ExactPermit2ProxyABI,
    functionName: 'settle',
    args: [
      { permitted: { token: described.asset as `0x${string}`, amount: 1n }, nonce: 6n, deadline: BigInt(NOW) },
      payer,
      { to: described.payTo as `0x${string}`, validAfter: 0n },
      '0x',
    ],
  })
  const cancellation = {
    address: PERMIT2,
    topics: ['0x3704902f963766a4e561bbaab6e6cdc1b1dd12f6e9e99648da8843b3f46b918d', pad(payer)],
    data: concat([pad('0x0'), pad('0x20')]),
    blockNumber: hex(NOW / 2 - 5),
    transactionHash: `0x${'ab'.repeat(32)}`,
  }

  function createCanceledNode(transfers: number): RpcHandler {
    return createNode({
      eth_getLogs: ({ params: [filter] }) =>
        Reflect.get(new Object(filter), 'address') === PERMIT2
          ? [cancellation]
          : Array.from({ length: transfers }, () => toTransfer(transaction)),
      eth_getTransactionByHash: ({ params: [hash] }) => ({ hash, to: EXACT_PROXY, input }),
    })
  }

  test('believes the cancellation', async () => {
    const { verdict } = await reconcile(createCanceledNode(1))
    const transaction = cancellation.transactionHash
    expect(verdict).toEqual({ verdict: 'unspent-and-dead', transaction, canceled: true })
  })

  // A recipient that its token calls back can settle a second payment from there.
  test('believes none when the same transaction moves tokens twice, and the nonce was used before', async () => {
    expect((await reconcile(createCanceledNode(2))).verdict).toEqual({ verdict: 'spent' })
  })
})

test('reconcilePermit2: knows nothing when one of several sources fails, and believes one that says spent', async () => {
  const unused = createNode({ eth_call: () => pad('0x0') })
  const broken = createNode({ eth_call: () => refuse() })
  expect((await reconcile(unused, broken)).verdict).toEqual({ verdict: 'unknown' })
  expect((await reconcile(unused, createNode())).verdict).toEqual({ verdict: 'spent' })
})

test.each([
  { nonce: '0x05' },
  { payer: 'buyer.eth' },
  { asset: 'USDC' },
  { payTo: 'seller.eth' },
  { validUntilSeconds: Number.NaN },
])('reconcilePermit2: knows nothing of a record with %o, and asks nobody', async (changes) => {
  const node = await startRpc(createNode())
  expect(await reconcilePermit2([node.url], 84_532, { ...described, ...changes })).toEqual({ verdict: 'unknown' })
  expect(node.calls).toEqual([])
})

function hex(value: number): `0x${string}` {
  return `0x${value.toString(16)}`
}
