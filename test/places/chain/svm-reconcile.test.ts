import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import { type Address, generateKeyPairSigner } from '@solana/kit'
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { ExactSvmScheme } from '../../../schemes/svm/index.js'
import type { Described } from '../../../src/payment/scheme.js'
import { createManualClock } from '../../../src/testing/manual-clock.js'
import { listen } from '../../support/chain/listen.js'
import { cosign } from '../../support/chain/svm/cosign.js'
import { createSvmChain, type SvmChain } from '../../support/chain/svm/create-svm-chain.js'
import { createTerms } from '../../unit/schemes/svm/exact/terms.js'

let chain: SvmChain
let payTo: Address
beforeEach(async () => {
  chain = await createSvmChain()
  payTo = (await generateKeyPairSigner()).address
  await chain.writeAccount(payTo)
})
afterEach(() => chain.stop())

type Payment = { wire: string; described: Described }

/** A buyer, and the payments that it makes, each with what the ledger would keep of it. */
async function createPayer({ amount = 1_000_000n, first = [] as string[], others = [] as string[] } = {}) {
  const signer = await generateKeyPairSigner()
  await chain.writeAccount(signer.address, { amount })
  const rpc = { [chain.network]: [...first, chain.url, ...others] }
  const scheme = new ExactSvmScheme(signer, { rpc })
  const clock = createManualClock()
  const createOffer = (extra: Record<string, unknown>) =>
    createTerms({ payTo, extra: { feePayer: chain.facilitator.address, recentBlockhash: undefined, ...extra } })
  return {
    scheme,
    async pay(extra: Record<string, unknown> = {}): Promise<Payment> {
      const terms = createOffer(extra)
      const { payload } = await scheme.createPaymentPayload(2, terms, { clock })
      const described = scheme.describe(payload, terms)
      if (described === undefined) throw new Error('the payload can not be read back')
      return { wire: await cosign(chain.facilitator, payload.transaction), described }
    },
    /** As another process asks, which knows only what the ledger kept. */
    ask: (described: Described) =>
      new ExactSvmScheme(signer, { rpc }).reconcile(described, { ...createOffer({}), extra: {} }),
    /** Lets blocks pass, and the time that they take. */
    advance(blocks: number) {
      chain.advance(blocks)
      clock.advance(blocks * 0.4)
    },
  }
}

/** A node of the same cluster that tells one thing otherwise. */
async function openLiar(method: string, told: object): Promise<string> {
  const server = createServer(async (request, response) => {
    const body = await text(request)
    const answer = await fetch(chain.url, { method: 'POST', body })
    const { result, ...rest } = await answer.json()
    const isAsked = JSON.parse(body).method === method
    response.end(JSON.stringify({ ...rest, result: isAsked ? merge(result, told) : result }))
  })
  const { url, stop } = await listen(server)
  onTestFinished(stop)
  return url
}

/** The members of one object in place of those of another, at any depth. */
function merge(one: Record<string, unknown>, other: object): Record<string, unknown> {
  const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null
  const merged = Object.entries(other).map(([key, value]) => {
    const known = one[key]
    return [key, isObject(value) && isObject(known) ? merge(known, value) : value]
  })
  return { ...one, ...Object.fromEntries(merged) }
}

/** 150 blocks may hold a transaction; the one after them must be final, which takes 32 more. */
const UNTIL_DEAD = 151 + 32

describe('reconcile', () => {
  test('reconcile: says spent, and in which transaction, as soon as the cluster has it', async () => {
    const payer = await createPayer()
    const { wire, described } = await payer.pay()
    const transaction = chain.send(wire)
    expect(described.nonce).not.toContain(transaction)
    expect(await payer.ask(described)).toEqual({ verdict: 'spent', transaction })
    payer.advance(UNTIL_DEAD)
    expect(await payer.ask(described)).toEqual({ verdict: 'spent', transaction })
  })

  test('reconcile: says unspent while a block may still hold it, and it is right', async () => {
    const payer = await createPayer()
    const { wire, described } = await payer.pay()
    payer.advance(150)
    expect(await payer.ask(described)).toEqual({ verdict: 'unspent' })
    chain.send(wire)
    expect(await payer.ask(described)).toMatchObject({ verdict: 'spent' })
  })

  test('reconcile: says dead once the first block that can not hold it is final, and not before', async () => {
    const payer = await createPayer()
    const { wire, described } = await payer.pay()
    payer.advance(UNTIL_DEAD - 1)
    expect(await payer.ask(described)).toEqual({ verdict: 'unspent' })
    payer.advance(1)
    expect(await payer.ask(described)).toEqual({ verdict: 'unspent-and-dead' })
    expect(() => chain.send(wire)).toThrow(/BlockhashNotFound/)
  })

  test('reconcile: says dead of a transaction that failed on the cluster, once that is final', async () => {
    const payer = await createPayer({ amount: 0n })
    const { wire, described } = await payer.pay()
    const transaction = chain.send(wire)
    expect(chain.landed.at(-1)?.err).not.toBeNull()
    expect(await payer.ask(described)).toEqual({ verdict: 'unspent' })
    payer.advance(UNTIL_DEAD)
    expect(await payer.ask(described)).toEqual({ verdict: 'unspent-and-dead', transaction })
  })

  test('reconcile: tells one lost payment from the others of the same minute, without looking into those of later ones', async () => {
    const payer = await createPayer()
    const [lost, ...others] = await Promise.all(Array.from({ length: 12 }, () => payer.pay()))
    for (const { wire } of others) chain.send(wire)
    payer.advance(UNTIL_DEAD)
    const later = await Promise.all(Array.from({ length: 60 }, () => payer.pay()))
    for (const { wire } of later) chain.send(wire)
    payer.advance(UNTIL_DEAD)
    const asked = chain.calls.length
    expect(lost && (await payer.ask(lost.described))).toEqual({ verdict: 'unspent-and-dead' })
    expect(chain.calls.slice(asked).filter((method) => method === 'getTransaction').length).toBeLessThan(20)
    for (const { described } of [...others, ...later]) {
      expect(await payer.ask(described)).toMatchObject({ verdict: 'spent' })
    }
  })

  test('reconcile: says unknown where the source has dropped that part of its history', async () => {
    const payer = await createPayer()
    const { wire, described } = await payer.pay()
    chain.send(wire)
    payer.advance(UNTIL_DEAD)
    chain.forgetBelow(chain.height() - 1n)
    expect(await payer.ask(described)).toEqual({ verdict: 'unknown' })
  })

  test('reconcile: says unknown when a source fails, and when one answers for another cluster', async () => {
    const other = await createSvmChain({ genesisHash: '75hbt6uvDqjPZ9WgFtMhBnTeyHw7cinoHiz4FD2vEz2d' })
    const payer = await createPayer({ others: [other.url] })
    const { described } = await payer.pay()
    payer.advance(UNTIL_DEAD)
    expect(await payer.ask(described)).toEqual({ verdict: 'unknown' })
    await other.stop()
    expect(await payer.ask(described)).toEqual({ verdict: 'unknown' })
  })

  test('reconcile: believes one source that it was spent, and no single one that it was not', async () => {
    const blind = await createSvmChain()
    onTestFinished(blind.stop)
    const payer = await createPayer({ others: [blind.url] })
    const [paid, lost] = [await payer.pay(), await payer.pay()]
    chain.send(paid.wire)
    payer.advance(UNTIL_DEAD + 150)
    expect(await payer.ask(paid.described)).toMatchObject({ verdict: 'spent' })
    // The other cluster's head is behind, so that it says "unspent" where this one says "dead".
    expect(await payer.ask(lost.described)).toEqual({ verdict: 'unknown' })
  })

  for (const [lie, told] of Object.entries({
    'that it died long ago': { value: { lastValidBlockHeight: 1 } },
    'that it came later than it did': { context: { slot: 10_000_000 } },
  })) {
    test(`reconcile: calls no payment dead because one source of two said, when it was signed, ${lie}`, async () => {
      chain.advance(200)
      const payer = await createPayer({ first: [await openLiar('getLatestBlockhash', told)] })
      const { wire, described } = await payer.pay()
      expect(await payer.ask(described)).toEqual({ verdict: 'unspent' })
      chain.send(wire)
      payer.advance(400)
      expect(await payer.ask(described)).toMatchObject({ verdict: 'spent' })
    })
  }

  test('reconcile: says dead where two sources agree, once a node that lags behind would say so', async () => {
    const payer = await createPayer({ others: [chain.url] })
    const { described } = await payer.pay()
    payer.advance(UNTIL_DEAD + 149)
    expect(await payer.ask(described)).toEqual({ verdict: 'unspent' })
    payer.advance(1)
    expect(await payer.ask(described)).toEqual({ verdict: 'unspent-and-dead' })
  })

  test('reconcile: says unknown of a payment that was signed while one source of two could not be asked', async () => {
    const gone = await createSvmChain()
    const payer = await createPayer({ others: [gone.url] })
    await gone.stop()
    const { described } = await payer.pay()
    expect(described.nonce).not.toContain(':')
    payer.advance(400)
    expect(await payer.ask(described)).toEqual({ verdict: 'unknown' })
  })

  test("reconcile: bounds a seller's blockhash by the cluster, whatever the seller says of it", async () => {
    const payer = await createPayer()
    const hint = { recentBlockhash: chain.latestBlockhash(), lastValidBlockHeight: '1' }
    const { wire, described } = await payer.pay(hint)
    payer.advance(150)
    expect(await payer.ask(described)).toEqual({ verdict: 'unspent' })
    chain.send(wire)
    expect(await payer.ask(described)).toMatchObject({ verdict: 'spent' })
    const lost = await payer.pay(hint)
    payer.advance(UNTIL_DEAD + 150)
    expect(await payer.ask(lost.described)).toEqual({ verdict: 'unspent' })
    payer.advance(UNTIL_DEAD + 150)
    expect(await payer.ask(lost.described)).toEqual({ verdict: 'unspent-and-dead' })
  })

  test('reconcile: says unknown of a payment that was signed while nobody could be asked', async () => {
    const payer = await createPayer()
    const hint = { recentBlockhash: chain.latestBlockhash() }
    chain.failWith((response) => response.writeHead(500).end())
    const { described } = await payer.pay(hint)
    chain.failWith(undefined)
    payer.advance(UNTIL_DEAD * 2)
    expect(described.nonce).not.toContain(':')
    expect(await payer.ask(described)).toEqual({ verdict: 'unknown' })
  })

  test.each(['', 'nonsense', '1:2:3', `${'1'.repeat(64)}:5`, `${'1'.repeat(64)}:-1:2`])(
    'reconcile: says unknown of a record that holds "%s"',
    async (nonce) => {
      const payer = await createPayer()
      const { described } = await payer.pay()
      expect(await payer.ask({ ...described, nonce })).toEqual({ verdict: 'unknown' })
    },
  )
})
