import { createPublicClient, http } from 'viem'
import { describe, expect, test } from 'vitest'
import { ExactEvmScheme, toClientEvmSigner, UptoEvmScheme } from '../../../../../schemes/evm/index.js'
import { isX402Error } from '../../../../../src/errors/x402-error.js'
import { createManualClock } from '../../../../../src/testing/manual-clock.js'
import { account } from '../../../../support/create-buyer.js'
import { createSpy } from '../permit2/create-spy.js'
import { createPermit2Terms } from '../permit2/permit2-terms.js'
import { act, type RpcHandler, type RpcNode, refuse, startRpc } from '../start-rpc.js'
import { type AllowanceNode, createAllowanceNode } from './create-allowance-node.js'

const PERMIT2 = '0x000000000022D473030F116dDEE9F6B43aC78BA3'
const declared = { info: { description: 'd', version: '1' }, schema: {} }
const permit = { eip2612GasSponsoring: declared }
const approval = { erc20ApprovalGasSponsoring: declared }
const unlimited = String(2n ** 256n - 1n)

type Setting = {
  node?: AllowanceNode | RpcHandler | undefined
  extensions?: Record<string, unknown>
  terms?: Record<string, unknown>
  allowance?: ExactEvmScheme.Options['allowance']
  canSignTransactions?: boolean
  Scheme?: typeof ExactEvmScheme | typeof UptoEvmScheme
}

/** A scheme with one node, and the way to sign a payment of 10,000 units. */
async function setUp({ node = {}, extensions = permit, terms, ...setting }: Setting = {}) {
  const { allowance, canSignTransactions = true, Scheme = ExactEvmScheme } = setting
  const rpc = await startRpc(typeof node === 'function' ? node : createAllowanceNode(node))
  const spy = createSpy()
  const { signTransaction, ...rest } = spy.signer
  const signer = canSignTransactions ? { ...rest, signTransaction } : rest
  const scheme = new Scheme(signer, { rpc: { 'eip155:84532': rpc.url }, allowance })
  const requirements = createPermit2Terms(Scheme === UptoEvmScheme ? 'upto-permit2' : 'exact-permit2', terms)
  const clock = createManualClock()
  const pay = (context = extensions) => scheme.createPaymentPayload(2, requirements, { extensions: context, clock })
  const allowances = async () => Reflect.get(await pay(), 'allowances')
  return { ...spy, rpc, scheme, requirements, clock, pay, allowances }
}

/** The error of a payment that must be refused. */
async function errorOf(paying: Promise<unknown>) {
  const thrown: unknown = await paying.then(
    () => undefined,
    (error: unknown) => error,
  )
  if (!isX402Error(thrown)) throw new Error('It threw no error of ours.', { cause: thrown })
  return thrown
}

function methodsOf({ calls }: RpcNode): string[] {
  return calls.map(({ method }) => method)
}

describe('sponsoring: asks the chain', () => {
  test('by the client that toClientEvmSigner was given, where no rpc is', async () => {
    const rpc = await startRpc(createAllowanceNode())
    const signer = toClientEvmSigner(account, createPublicClient({ transport: http(rpc.url) }))
    for (const options of [{}, { allowance: 'never' } as const]) {
      const scheme = new ExactEvmScheme(signer, options)
      const paid = await scheme.createPaymentPayload(2, createPermit2Terms('exact-permit2'), { extensions: permit })
      const expected = 'allowance' in options ? undefined : [{ by: 'eip2612GasSponsoring', amount: '10000' }]
      expect(Reflect.get(paid, 'allowances')).toEqual(expected?.map((one) => expect.objectContaining(one)))
    }
    expect(JSON.stringify(signer)).not.toContain(rpc.url)
  })

  test('in one round trip for a permit, the chain’s id included', async () => {
    const { rpc, allowances } = await setUp()
    expect(await allowances()).toMatchObject([{ by: 'eip2612GasSponsoring', amount: '10000' }])
    expect(rpc.roundTrips).toBe(1)
    expect(methodsOf(rpc)).toContain('eth_chainId')
  })

  test('in one round trip for an approval', async () => {
    const { rpc, allowances } = await setUp({ extensions: approval })
    expect(await allowances()).toMatchObject([{ by: 'erc20ApprovalGasSponsoring', amount: '10000' }])
    expect(rpc.roundTrips).toBe(1)
  })

  test('by each question alone, where a node takes no batches', async () => {
    const whole = createAllowanceNode()
    let asked = 0
    const noBatch = () => act((response) => response.end('{"jsonrpc":"2.0","id":null,"error":{"code":-32600}}'))
    const { rpc, allowances } = await setUp({ node: (call) => (asked++ < 7 ? noBatch() : whole(call)) })
    expect(await allowances()).toMatchObject([{ by: 'eip2612GasSponsoring' }])
    expect(rpc.roundTrips).toBe(8)
  })

  test('through a viem client', async () => {
    const { url } = await startRpc(createAllowanceNode())
    const client = createPublicClient({ transport: http(url) })
    const scheme = new ExactEvmScheme(createSpy().signer, { rpc: { 'eip155:84532': client } })
    const paid = await scheme.createPaymentPayload(2, createPermit2Terms('exact-permit2'), { extensions: permit })
    expect(paid).toHaveProperty('allowances')
  })

  test('never, where the seller submits nothing', async () => {
    const { rpc, pay } = await setUp()
    expect(await pay({})).not.toHaveProperty('allowances')
    expect(rpc.roundTrips).toBe(0)
  })

  test('never by EIP-3009, whatever the seller would submit', async () => {
    const { rpc, pay, asked } = await setUp({
      node: () => act((response) => response.destroy()),
      extensions: { ...permit, ...approval },
      terms: { extra: { assetTransferMethod: undefined } },
    })
    expect((await pay()).payload).toHaveProperty('authorization')
    expect([rpc.roundTrips, asked.length]).toEqual([0, 1])
  })

  test('never, where the user lets nothing be allowed', async () => {
    const { rpc, pay, scheme, requirements } = await setUp({ allowance: 'never' })
    expect(await pay()).not.toHaveProperty('allowances')
    expect(scheme.listAllowances(requirements, permit)).toEqual([])
    expect(rpc.roundTrips).toBe(0)
  })

  test('once a minute at most, while what is left of an allowance covers what is paid', async () => {
    const { rpc, pay, clock } = await setUp({ node: { allowance: 30_000n } })
    for (let payment = 0; payment < 3; payment++) await pay()
    expect(rpc.roundTrips).toBe(1)
    await pay()
    expect(rpc.roundTrips).toBe(2)
    await pay()
    expect(rpc.roundTrips).toBe(2)
    clock.advance(60)
    await pay()
    expect(rpc.roundTrips).toBe(3)
  })

  test('anew for each payment that needed an allowance', async () => {
    const { rpc, pay } = await setUp()
    await pay()
    await pay()
    expect(rpc.roundTrips).toBe(2)
  })
})

describe('sponsoring: signs no allowance', () => {
  test.each<[what: string, node: Setting['node']]>([
    ['enough is allowed', { allowance: 10_000n }],
    ['the node hangs up', () => act((response) => response.destroy())],
    ['the node refuses', () => refuse()],
    ['the node fails', () => act((response) => response.writeHead(500).end())],
    ['the node is of another chain', { instead: ({ method }) => (method === 'eth_chainId' ? '0x1' : undefined) }],
    ['the allowance can’t be read', { instead: ({ method }) => (method === 'eth_call' ? '0x' : undefined) }],
    ['the answer is no batch', () => act((response) => response.end('{}'))],
    ['the answer is empty', () => act((response) => response.end('[]'))],
  ])('when %s, and the payment goes on', async (_what, node) => {
    const { pay, asked, transactions } = await setUp({ node, extensions: { ...permit, ...approval } })
    expect(await pay()).not.toHaveProperty('allowances')
    expect([asked.length, transactions.length]).toEqual([1, 0])
  })

  test.each<[what: string, setting: Setting, because: RegExp]>([
    ['the token has no EIP-2612', { node: { permitNonce: undefined } }, /no EIP-2612/],
    [
      'the domain is another token’s',
      { node: { domain: { name: 'USD Coin', version: '2' } } },
      /not what the seller says/,
    ],
    [
      'the seller leaves the domain out',
      { terms: { extra: { name: undefined } } },
      /no allowance that this signer can sign/,
    ],
    ['the signer can’t sign transactions', { extensions: approval, canSignTransactions: false }, /no allowance/],
    [
      'gas costs more than is signed for',
      { extensions: approval, node: { baseFee: 250_000_000_000n } },
      /gas of an approval/,
    ],
    [
      'its tip costs more than is signed for',
      { extensions: approval, node: { priorityFee: 50_000_000_001n } },
      /gas of an approval/,
    ],
    [
      'the chain doesn’t say what gas costs',
      {
        extensions: approval,
        node: { instead: ({ method }) => (method === 'eth_maxPriorityFeePerGas' ? refuse() : undefined) },
      },
      /what gas costs/,
    ],
    [
      'the seller asks for an allowance without end',
      {
        extensions: { eip2612GasSponsoring: { info: { version: '1', amount: unlimited } } },
      },
      /no allowance/,
    ],
    [
      'the seller names another spender',
      {
        extensions: { erc20ApprovalGasSponsoring: { info: { spender: `0x${'66'.repeat(20)}` } } },
      },
      /no allowance/,
    ],
    [
      'the extension is of a version to come',
      {
        extensions: { eip2612GasSponsoring: { info: { version: '2' } } },
      },
      /no allowance/,
    ],
    ['the extension is empty', { extensions: { eip2612GasSponsoring: {} } }, /no allowance/],
  ])('error: ALLOWANCE_REQUIRED when it is missing and %s, and nothing is signed', async (_what, setting, because) => {
    const { pay, asked, transactions } = await setUp(setting)
    const error = await errorOf(pay())
    expect(error).toMatchObject({
      code: 'ALLOWANCE_REQUIRED',
      money: 'untouched',
      facts: { spender: PERMIT2, needed: '10000 units', allowed: '0 units', because: expect.stringMatching(because) },
    })
    expect([asked.length, transactions.length]).toEqual([0, 0])
  })
})

test('sponsoring: a permit lives no longer than the payment', async () => {
  const { pay, asked } = await setUp({ terms: { maxTimeoutSeconds: 315_360_000 } })
  await pay()
  const [first, payment] = asked
  expect(first?.message['deadline']).toBe(payment?.message['deadline'])
})

test('sponsoring: falls back to an approval, where the token has no EIP-2612', async () => {
  const { allowances } = await setUp({ node: { permitNonce: undefined }, extensions: { ...permit, ...approval } })
  expect(await allowances()).toMatchObject([{ by: 'erc20ApprovalGasSponsoring' }])
})

test('sponsoring: takes the first source that answers', async () => {
  const broken = await startRpc(() => act((response) => response.destroy()))
  const right = await startRpc(createAllowanceNode())
  const { signer } = createSpy()
  const scheme = new UptoEvmScheme(signer, { rpc: { 'eip155:84532': [broken.url, right.url] } })
  const paid = await scheme.createPaymentPayload(2, createPermit2Terms('upto-permit2'), { extensions: permit })
  expect(paid.allowances).toMatchObject([{ by: 'eip2612GasSponsoring', amount: '10000' }])
})

test.each(['exact', 'standing'] as const)(
  'sponsoring: a permit is for the price and no more, with %s',
  async (allowance) => {
    const { pay, asked, scheme, requirements } = await setUp({ allowance, Scheme: UptoEvmScheme })
    const { allowances } = { allowances: undefined, ...(await pay()) }
    expect(allowances).toEqual(scheme.listAllowances(requirements, permit))
    expect(asked[0]?.message).toMatchObject({ spender: PERMIT2, value: 10_000n })
  },
)

test('error: SIGNATURE_MALFORMED when the signer signs another transaction, and no payment is signed', async () => {
  const { url } = await startRpc(createAllowanceNode())
  const { signer, asked } = createSpy()
  const cheat = {
    ...signer,
    signTransaction: (transaction: Parameters<typeof signer.signTransaction>[0]) =>
      signer.signTransaction({ ...transaction, to: `0x${'66'.repeat(20)}` }),
  }
  const scheme = new ExactEvmScheme(cheat, { rpc: { 'eip155:84532': url } })
  const paying = scheme.createPaymentPayload(2, createPermit2Terms('exact-permit2'), { extensions: approval })
  expect(await errorOf(paying)).toMatchObject({ code: 'SIGNATURE_MALFORMED', money: 'untouched' })
  expect(asked).toEqual([])
})

test('error: ALLOWANCE_REQUIRED when a contract account would sign a permit, which EIP-2612 does not know', async () => {
  const { url } = await startRpc(createAllowanceNode())
  const { signer } = createSpy()
  const wallet = { address: signer.address, signTypedData: async () => `0x${'11'.repeat(100)}` }
  const scheme = new ExactEvmScheme(wallet, { rpc: { 'eip155:84532': url } })
  const paying = scheme.createPaymentPayload(2, createPermit2Terms('exact-permit2'), { extensions: permit })
  expect(await errorOf(paying)).toMatchObject({
    code: 'ALLOWANCE_REQUIRED',
    money: 'released',
    facts: { because: expect.stringMatching(/plain account/) },
  })
})
