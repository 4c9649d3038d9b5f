import { type Address, createSolanaRpc, generateKeyPairSigner, getBase58Encoder } from '@solana/kit'
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { ExactSvmScheme, type RpcSource, type RpcSources } from '../../../schemes/svm/index.js'
import { systemRandomBytes } from '../../../src/payment/random.js'
import { createManualClock } from '../../../src/testing/manual-clock.js'
import { createSvmChain, type Fault, LOCAL_GENESIS, type SvmChain } from '../../support/chain/svm/create-svm-chain.js'
import { createTerms, DEVNET } from '../../unit/schemes/svm/exact/terms.js'

let chain: SvmChain
let payTo: Address
beforeEach(async () => {
  chain = await createSvmChain()
  payTo = (await generateKeyPairSigner()).address
  await chain.writeAccount(payTo)
})
afterEach(() => chain.stop())

/** A buyer who counts what its key signs. */
async function createPayer(sources: RpcSource | readonly RpcSource[]) {
  const signer = await generateKeyPairSigner()
  let signatures = 0
  const counting = {
    address: signer.address,
    signTransactions(...parameters: Parameters<typeof signer.signTransactions>) {
      signatures++
      return signer.signTransactions(...parameters)
    },
  }
  const scheme = new ExactSvmScheme(counting as never, { rpc: { [chain.network]: sources } })
  const clock = createManualClock()
  const pay = async (extra: Record<string, unknown> = {}, to: string = payTo) => {
    const terms = createTerms({ payTo: to, extra: { recentBlockhash: undefined, ...extra } })
    const { payload } = await scheme.createPaymentPayload(2, terms, { clock, random: systemRandomBytes })
    return payload.transaction
  }
  return { scheme, clock, pay, signatures: () => signatures }
}

/** What was asked since. */
function listen() {
  const start = chain.calls.length
  return () => chain.calls.slice(start).sort()
}

describe('what is asked', () => {
  test('a first payment asks for the cluster, the accounts and a blockhash; one while the blockhash is fresh asks nothing', async () => {
    const payer = await createPayer(chain.url)
    const first = listen()
    await payer.pay()
    expect(first()).toEqual(['getGenesisHash', 'getLatestBlockhash', 'getMultipleAccounts'])
    const second = listen()
    payer.clock.advance(14)
    await payer.pay()
    expect(second()).toEqual([])
  })

  test('a payment after the blockhash grew old asks once, and so do many at once', async () => {
    const payer = await createPayer(chain.url)
    await payer.pay()
    payer.clock.advance(15)
    const asked = listen()
    await Promise.all(Array.from({ length: 20 }, () => payer.pay()))
    expect(asked()).toEqual(['getLatestBlockhash'])
  })

  test('another payTo of the same token costs one question more, once', async () => {
    const payer = await createPayer(chain.url)
    await payer.pay()
    const other = (await generateKeyPairSigner()).address
    await chain.writeAccount(other)
    const asked = listen()
    await payer.pay({}, other)
    await payer.pay({}, other)
    expect(asked()).toEqual(['getMultipleAccounts'])
  })

  test("the seller's blockhash is signed when it is well-formed, and only then", async () => {
    const payer = await createPayer(chain.url)
    const seller = 'EZ3rST5dvHmbanh75jc4PuLfV96vp9fEYBVeNk4FfM1k'
    const lifeOf = async (recentBlockhash: unknown) => {
      const bytes = Buffer.from(await payer.pay({ recentBlockhash }), 'base64').toString('hex')
      const hex = (hash: string) => Buffer.from(getBase58Encoder().encode(hash)).toString('hex')
      return [seller, chain.latestBlockhash()].filter((hash) => bytes.includes(hex(hash)))
    }
    expect(await lifeOf(seller)).toEqual([seller])
    for (const none of ['', '0OIl', seller.slice(2), 42, null]) {
      expect(await lifeOf(none)).toEqual([chain.latestBlockhash()])
    }
  })

  test('a failed question for a blockhash is not remembered', async () => {
    const payer = await createPayer(chain.url)
    chain.failWith((response) => response.writeHead(500).end())
    await expect(payer.pay()).rejects.toMatchObject({ code: 'RPC_FAILED' })
    chain.failWith(undefined)
    await payer.pay()
    expect(payer.signatures()).toBe(1)
  })
})

const refuseJson =
  (code: number): Fault =>
  (response) => {
    response.end(JSON.stringify({ jsonrpc: '2.0', id: 1, error: { code, message: 'no' } }))
  }

describe('an RPC that does not answer', () => {
  test.each<[what: string, fault: Fault, code: string]>([
    ['has enough of us (429)', (response) => response.writeHead(429).end(), 'RPC_RATE_LIMITED'],
    ['lets no servers in (403)', (response) => response.writeHead(403).end(), 'RPC_RATE_LIMITED'],
    ['has enough of us in JSON', refuseJson(429), 'RPC_RATE_LIMITED'],
    ['is broken (500)', (response) => response.writeHead(500).end(), 'RPC_FAILED'],
    ['hangs up', (response) => response.destroy(), 'RPC_FAILED'],
    ['answers HTML', (response) => response.end('<html>'), 'RPC_FAILED'],
    ['answers nothing', (response) => response.end('{}'), 'RPC_FAILED'],
    ['redirects', (response) => response.writeHead(302, { location: '/' }).end(), 'RPC_FAILED'],
    ['answers without end', (response) => response.end('x'.repeat(3 * 1024 * 1024)), 'RPC_FAILED'],
    ['refuses', refuseJson(-32_005), 'RPC_REFUSED'],
    ['answers null', (response) => response.end('{"jsonrpc":"2.0","id":1,"result":null}'), 'RPC_WRONG_CHAIN'],
  ])('is named, and nothing is signed, when it %s', async (_what, fault, code) => {
    const payer = await createPayer(`${chain.url}/?api-key=secret`)
    chain.failWith(fault)
    const error: unknown = await payer.pay({}).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code, money: 'untouched' })
    expect(String(error)).not.toContain('secret')
    expect(payer.signatures()).toBe(0)
  })

  test('names its host, and what to do, when it has enough of us', async () => {
    const payer = await createPayer(chain.url)
    chain.failWith((response) => response.writeHead(429).end())
    await expect(payer.pay()).rejects.toMatchObject({
      shortMessage: `The RPC ${new URL(chain.url).host} lets no more questions in.`,
      facts: { status: '429' },
      message: expect.stringContaining('Give the scheme an RPC of your own'),
    })
  })

  test('is named by the same codes when @solana/kit asks it', async () => {
    const payer = await createPayer(createSolanaRpc(chain.url))
    chain.failWith((response) => response.writeHead(429).end())
    await expect(payer.pay()).rejects.toMatchObject({ code: 'RPC_RATE_LIMITED' })
    chain.failWith((response) => response.writeHead(502).end())
    await expect(payer.pay()).rejects.toMatchObject({ code: 'RPC_FAILED' })
    chain.failWith(refuseJson(-32_005))
    await expect(payer.pay()).rejects.toMatchObject({ code: 'RPC_REFUSED' })
  })

  test('is passed over for the next one', async () => {
    const tired = await createSvmChain()
    onTestFinished(tired.stop)
    tired.failWith((response) => response.writeHead(429).end())
    const payer = await createPayer([tired.url, chain.url])
    await payer.pay()
    expect(payer.signatures()).toBe(1)
  })

  test('is no reason not to pay in a known token with the seller’s blockhash', async () => {
    const payer = await createPayer(chain.url)
    chain.failWith((response) => response.writeHead(429).end())
    await payer.pay({ recentBlockhash: chain.latestBlockhash() })
    expect(payer.signatures()).toBe(1)
    chain.failWith(undefined)
    const asked = listen()
    await payer.pay({ recentBlockhash: chain.latestBlockhash() })
    expect(asked()).toContain('getMultipleAccounts')
  })
})

test('an RPC of another cluster: is found out, and nothing is signed', async () => {
  const local = await createSvmChain({ genesisHash: LOCAL_GENESIS })
  onTestFinished(local.stop)
  const payer = await createPayer(local.url)
  await expect(payer.pay()).rejects.toMatchObject({
    code: 'RPC_WRONG_CHAIN',
    facts: { wanted: DEVNET.slice(7), answered: LOCAL_GENESIS.slice(0, 32) },
  })
  await expect(payer.pay({ recentBlockhash: local.latestBlockhash() })).rejects.toMatchObject({
    code: 'RPC_WRONG_CHAIN',
  })
  expect(payer.signatures()).toBe(0)
})

describe('readFunding', () => {
  test.each([
    ['enough', 1_000n],
    ['short', 999n],
  ] as const)('readFunding: says %s of %s atomic units', async (verdict, amount) => {
    const payer = await createPayer(chain.url)
    await chain.writeAccount(payer.scheme.payer as Address, { amount })
    expect(await payer.scheme.readFunding(createTerms())).toBe(verdict)
  })

  test('readFunding: says short without a token account, and unknown when the RPC is down', async () => {
    const payer = await createPayer(chain.url)
    expect(await payer.scheme.readFunding(createTerms())).toBe('short')
    chain.failWith((response) => response.writeHead(500).end())
    expect(await payer.scheme.readFunding(createTerms())).toBe('unknown')
    expect(await payer.scheme.readFunding(createTerms({ payTo: 'nobody' }))).toBe('unknown')
  })
})

describe('the option rpc', () => {
  const create = (rpc: unknown) =>
    new ExactSvmScheme({ address: payTo, signTransactions: async () => [] }, { rpc: rpc as RpcSources })

  test('rpc: without it the public endpoints of the three clusters are asked, with it nobody but whom it names', async () => {
    const asked: string[] = []
    const stub = vi.spyOn(globalThis, 'fetch').mockImplementation(async (input) => {
      asked.push(new URL(String(input)).host)
      return new Response(null, { status: 403 })
    })
    onTestFinished(() => stub.mockRestore())
    const terms = createTerms({ payTo: (await generateKeyPairSigner()).address, extra: { recentBlockhash: undefined } })
    await expect(create(undefined).createPaymentPayload(2, terms)).rejects.toMatchObject({ code: 'RPC_RATE_LIMITED' })
    expect(new Set(asked)).toEqual(new Set(['api.devnet.solana.com']))
    expect(create({ 'solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp': 'https://rpc.example.com' }).refuse(terms)).toBe(
      'the option `rpc` names nobody to ask about its cluster',
    )
  })

  test('rpc: says which networks can be asked about', () => {
    expect(create(undefined).canReconcile(DEVNET)).toBe(true)
    expect(create(undefined).canReconcile('solana:75hbt6uvDqjPZ9WgFtMhBnTeyHw7cino')).toBe(false)
    expect(create(undefined).canReconcile('solana:*')).toBe(false)
    expect(create({}).canReconcile(DEVNET)).toBe(false)
    expect(create({ [chain.network]: chain.url }).canReconcile(DEVNET)).toBe(true)
  })

  test.each<[what: string, rpc: unknown, code: string]>([
    ['a URL alone', 'https://rpc.example.com/secret', 'INVALID_OPTION'],
    ['a key by name', { mainnet: 'https://rpc.example.com/secret' }, 'UNKNOWN_OPTION'],
    ['a key of another chain', { 'eip155:8453': 'https://rpc.example.com/secret' }, 'UNKNOWN_OPTION'],
    ['a web socket', { [DEVNET]: 'wss://rpc.example.com/secret' }, 'INVALID_OPTION'],
    ['a user name', { [DEVNET]: 'https://secret:secret@rpc.example.com' }, 'INVALID_OPTION'],
    ['no source', { [DEVNET]: [] }, 'INVALID_OPTION'],
    ['an object that is no RPC', { [DEVNET]: { request: 'secret' } }, 'INVALID_OPTION'],
  ])('rpc: refuses %s, and says nothing of it', (_what, rpc, code) => {
    expect(() => create(rpc)).toThrow(expect.objectContaining({ code }))
    expect(() => create(rpc)).not.toThrow(/secret/)
  })
})
