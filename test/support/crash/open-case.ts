import { copyFile, mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generatePrivateKey, privateKeyToAddress } from 'viem/accounts'
import { expect, onTestFinished } from 'vitest'
import { createFileLedger } from '../../../src/ledger/file/index.js'
import type { Payment } from '../../../src/payment/payment.js'
import { readAll } from '../../../src/testing/ledger/bench.js'
import type { Chain } from '../chain/create-chain.js'
import type { Presentation, Shop } from './open-shop.js'
import { isFor, type Outcome, type Plan, type Purchase } from './plan.js'
import { type Run, runBuyer } from './start-buyer.js'

/** One buyer with a wallet and a ledger of its own, over all of its runs. */
export type Case = {
  /** Buys until it's done or killed; then everybody's books must agree. */
  run(change?: Partial<Plan>): Promise<CaseRun>
  /** Everybody's books at the end. Each purchase has at most `most` authorizations, however often the buyer was killed. */
  close(last: Run, most?: number): Promise<Books>
}

/** A run, and everybody's books where it was killed after there was a ledger. */
export type CaseRun = Run & { readonly left?: Books | undefined }

/** What seller, chain and ledger say of one case. */
export type Books = {
  readonly presentations: readonly Presentation[]
  readonly records: readonly Payment[]
  readonly transfers: number
}

/** What is to be bought: under a key, unless it says otherwise, and by a client without a name. */
export type Wanted = Pick<Purchase, 'method'> &
  Partial<Pick<Purchase, 'isKeyed' | 'tags' | 'name' | 'isRemembered'>> & {
    /** The place of a purchase whose tag and key this one shares, so that nothing but their names tells them apart. */
    readonly sameAs?: number | undefined
  }

/** What everything together costs less than, in millionths of a dollar. */
const PURSE = 1_000_000n
/** Units of a dollar's sum in the ledger for one millionth of a dollar. */
const MILLIONTH = 10n ** 12n

let cases = 0

/** Opens a case: a funded wallet, and no ledger yet. */
export async function openCase(chain: Chain, shop: Shop, wanted: readonly Wanted[]): Promise<Case> {
  const folder = await mkdtemp(join(await realpath(tmpdir()), 'pay402-crash-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const privateKey = generatePrivateKey()
  const payer = privateKeyToAddress(privateKey)
  await chain.mint(payer, PURSE)
  cases += 1
  const purchases = wanted.map((one, index): Purchase => {
    const tag = `purchase ${cases}.${one.sameAs ?? index}`
    const { isKeyed = true, tags = [], name, isRemembered = false } = one
    return { id: `${tag} by ${name}`, tag, method: one.method, isKeyed, tags, name, isRemembered }
  })
  const ids = new Set(purchases.map(({ id }) => id))
  const ledger = join(folder, 'payments.ledger')
  let runs = 0

  /** Nothing that the seller saw or the chain moved is missing in the ledger, and nothing counts twice. */
  async function readBooks(path: string): Promise<Books> {
    await shop.rest()
    const presentations = shop.presentations.filter(({ purchase }) => ids.has(purchase))
    const { records, held, spent } = await readLedger(path)
    const counted = records.filter(({ state }) => state !== 'released')
    // Opened by the next process, nothing is on its way any more.
    expect(counted.filter(({ state, delivery }) => state === 'reserved' || delivery === 'none')).toEqual([])
    expect(held).toBe(sum(counted.filter(({ state }) => state === 'sent')) * MILLIONTH)
    expect(spent).toBe(sum(counted.filter(({ state }) => state === 'settled')) * MILLIONTH)
    const nonces = new Set(counted.map(({ nonce }) => nonce))
    expect(presentations.filter(({ nonce }) => !nonces.has(nonce))).toEqual([])
    const used = await Promise.all(counted.map((record) => isUsed(chain, record)))
    const moved = counted.filter((_record, index) => used[index])
    expect(PURSE - (await chain.balanceOf(payer))).toBe(sum(moved))
    expect(counted.filter((record) => record.state === 'settled' && !moved.includes(record))).toEqual([])
    return { presentations, records, transfers: moved.length }
  }

  return {
    async run(change = {}) {
      runs += 1
      const run = await runBuyer({
        ledger,
        seller: shop.url,
        privateKey,
        purchases,
        door: 'fetch',
        run: runs,
        losesReply: false,
        buysAnew: false,
        ...change,
      })
      if (!run.killed || !(await copy(ledger, `${ledger}.copy`))) return run
      // A copy, so that the next run finds the ledger and its lock exactly as the killed one left them.
      return { ...run, left: await readBooks(`${ledger}.copy`) }
    },
    async close(last, most = 1) {
      const books = await readBooks(ledger)
      expect(last.killed).toBe(false)
      expect(last.outcomes.map(({ purchase }) => purchase)).toEqual([...ids])
      for (const purchase of purchases) {
        const presented = books.presentations.filter((one) => one.purchase === purchase.id)
        const nonces = [...new Set(presented.map(({ nonce }) => nonce))]
        const counted = books.records.filter((record) => record.state !== 'released' && isFor(record, purchase))
        expect(nonces.length).toBeLessThanOrEqual(most)
        // What one name bought was presented for that one alone.
        expect(counted.map(({ nonce }) => nonce).toSorted()).toEqual(nonces.toSorted())
      }
      await rm(folder, { recursive: true, force: true })
      return books
    },
  }
}

/** Presented by an earlier run, so that this one presented it again. */
export function isRepeated({ presentations }: Books, { purchase }: Outcome): boolean {
  const taken = presentations.filter((one) => one.purchase === purchase && one.taken)
  return new Set(taken.map(({ run }) => run)).size > 1
}

async function readLedger(path: string) {
  const ledger = await createFileLedger(path)
  try {
    const records = await readAll(ledger)
    const cap = { name: 'total', unit: 'usd', scope: {}, windowSeconds: undefined } as const
    return { records, ...(await ledger.spent(cap)) }
  } finally {
    await ledger.close()
  }
}

async function isUsed(chain: Chain, { payer, nonce }: Payment): Promise<boolean> {
  return chain.authorizationState(payer as `0x${string}`, nonce as `0x${string}`)
}

async function copy(from: string, to: string): Promise<boolean> {
  try {
    await copyFile(from, to)
    return true
  } catch (error) {
    // Killed before there was a ledger.
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false
    throw error
  }
}

function sum(records: readonly Payment[]): bigint {
  return records.reduce((total, { terms }) => total + terms.amount, 0n)
}
