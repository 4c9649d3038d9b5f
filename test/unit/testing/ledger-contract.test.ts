import { describe, expect, it } from 'vitest'
import { createMemoryLedger } from '../../../src/ledger/index.js'
import { ContractError, ledgerContract } from '../../../src/testing/index.js'
import { describeLedgerContract } from '../../support/contracts/ledger.js'
import { loseNextReply } from '../../support/contracts/lost-reply.js'
import {
  crashTableLedger,
  createTable,
  createTableLedger,
  type Parts,
  type TableLedger,
} from '../../support/ledger/table-ledger.js'
import { type BrokenLedger, brokenLedgers } from './broken-ledgers.js'

/** A case that failed, and how. */
type Finding = { readonly name: string; readonly error: unknown }

type Options = ledgerContract.Options<TableLedger>

const few = { histories: 10, payments: 100 }

function contractOf(parts: () => Partial<Parts>, options: Options = {}): readonly ledgerContract.Case[] {
  return ledgerContract((ports) => createTableLedger(createTable(), ports, parts()), { ...few, ...options })
}

function withAbilities(parts: () => Partial<Parts>): Options {
  return {
    openAgain: ({ table }, ports) => createTableLedger(table, ports, parts()),
    crash: (ledger, ports) => crashTableLedger(ledger, ports, parts()),
    disturb: loseNextReply,
  }
}

async function findFailures(cases: readonly ledgerContract.Case[]): Promise<readonly Finding[]> {
  const findings: Finding[] = []
  for (const { name, run } of cases) await run().catch((error: unknown) => findings.push({ name, error }))
  return findings
}

const HISTORIES = 'any history: comes to what the rules make of it (1 to 10 of 10)'
const CRASHING = HISTORIES.replace('any history', 'any history with crashes')

const findingsOf = new Map<BrokenLedger, Promise<readonly Finding[]>>()

/** What all cases find in a broken ledger; looked for once. */
function examine(broken: BrokenLedger): Promise<readonly Finding[]> {
  // A history that fails is made shorter, which takes a while: only what nothing else finds is looked for by them.
  const histories = broken.refusedBy === HISTORIES ? 10 : 0
  const findings = findingsOf.get(broken) ?? findFailures(casesFor(broken, histories))
  findingsOf.set(broken, findings)
  return findings
}

/** Long lists take a third of the time, so only ledgers that list badly are asked for them. */
function casesFor({ parts, refusedBy }: BrokenLedger, histories: number): readonly ledgerContract.Case[] {
  const cases = contractOf(parts, { ...withAbilities(parts), histories })
  return refusedBy.startsWith('list: ') ? cases : cases.filter(({ name }) => !/^list: .* 260 /.test(name))
}

function findBroken(mistake: string): BrokenLedger {
  const broken = brokenLedgers.find((one) => one.mistake === mistake)
  if (broken) return broken
  throw new Error(`nobody breaks a ledger so that it ${mistake}`)
}

async function messageOf(mistake: string, name: string): Promise<string> {
  const finding = (await examine(findBroken(mistake))).find((one) => one.name === name)
  return finding?.error instanceof Error ? finding.error.message : 'nothing was found'
}

describeLedgerContract('a ledger made of the published parts, with two handles that crash', {
  create: (ports) => createTableLedger(createTable(), ports),
  payments: 100,
  ...withAbilities(() => ({})),
})

describe('ledgerContract', () => {
  it.each(brokenLedgers)('refuses a ledger that $mistake', async (broken) => {
    const findings = await examine(broken)
    expect(findings.map(({ name }) => name)).toContain(broken.refusedBy)
    expect(findings.filter(({ error }) => !(error instanceof ContractError))).toEqual([])
  })

  it('has no case that none of the broken ledgers fails', async () => {
    const failed = (await Promise.all(brokenLedgers.map(examine))).flat().map(({ name }) => name)
    const names = contractOf(
      () => ({}),
      withAbilities(() => ({})),
    ).map(({ name }) => name)
    expect(names.filter((name) => !failed.includes(name))).toEqual([])
  })

  it.each(brokenLedgers.filter(({ needs }) => needs !== undefined))(
    'needs $needs to refuse a ledger that $mistake',
    async ({ parts }) => {
      expect(await findFailures(contractOf(parts))).toEqual([])
    },
  )

  it('finds by random histories alone what no case thought of', async () => {
    const names = (await examine(findBroken('mixes up the sums of caps that differ in their scope only'))).map(
      ({ name }) => name,
    )
    expect(names).toEqual([HISTORIES, CRASHING, `two handles: ${HISTORIES}`, `two handles: ${CRASHING}`])
  })

  it('gives each case a name of its own', () => {
    const names = contractOf(
      () => ({}),
      withAbilities(() => ({})),
    ).map(({ name }) => name)
    expect(names.length).toBeGreaterThan(200)
    expect(new Set(names).size).toBe(names.length)
  })

  it('runs cases in any order, also all at once', async () => {
    const cases = contractOf(
      () => ({}),
      withAbilities(() => ({})),
    )
    await Promise.all(cases.toReversed().map(({ run }) => run()))
  })
})

describe('ContractError', () => {
  it('tells what was expected, what was found, and what it costs a buyer', async () => {
    const name = 'windows: free nothing when the clock is set back'
    expect(await messageOf('lets a clock that is set back free money', name)).toMatchInlineSnapshot(`
      "The ledger doesn't hold its contract: windows: free nothing when the clock is set back.
        expected: 1700000000
        found: 1699998200
      Anyone who can set a clock back would get the whole budget again.
      Money: untouched. Docs: node_modules/pay402/docs/errors.md#contract_broken"
    `)
  })

  it('tells where two payments differ', async () => {
    const name = 'note: adds what is learned, and keeps what is not told again'
    expect(await messageOf('loses what is not told again', name)).toMatchInlineSnapshot(`
      "The ledger doesn't hold its contract: note: adds what is learned, and keeps what is not told again.
        at: nonce
        expected: "0x1"
        found: undefined
      What is known of a payment is what it can be presented, reconciled and canceled by.
      Money: untouched. Docs: node_modules/pay402/docs/errors.md#contract_broken"
    `)
  })

  it('tells the shortest history that fails, and how to see it again', async () => {
    const mistake = 'mixes up the sums of caps that differ in their scope only'
    expect(await messageOf(mistake, HISTORIES)).toMatchInlineSnapshot(`
      "The ledger doesn't hold its contract: any history: comes to what the rules make of it (1 to 10 of 10).
        at: count
        expected: 0
        found: 1
        seed: 402
        history: 2
        step 1: reserve { call: { purchase: "weather", isKeyed: false, resource: "/b", asked: "/a", host: "b", origin: "https://b", method: "POST", tags: ["x"] }, terms: { payTo: "0xAA", network: "example:2" }, charges: [{ unit: "usd", amount: 0n }], isPinned: true, by: { payers: ["0xa", "0xA"], buysOver: false } }…
        asked 1: { unit: "usd", scope: { host: "b", tag: "x" }, windowSeconds: 1, amount: 6n }
        asked 2: { unit: "usd", scope: { host: "a" }, windowSeconds: 1, amount: 6n }
      What is done to a ledger in real life is a mixture, and its sums must be right after each of them.
      Money: untouched. Docs: node_modules/pay402/docs/errors.md#contract_broken"
    `)
  })

  it('holds what a ledger threw as its cause', async () => {
    const thrown = new TypeError('rows is undefined')
    const isListed = () => {
      throw thrown
    }
    const [finding] = await findFailures(
      contractOf(() => ({ isListed })).filter(({ name }) => name.startsWith('list: ')),
    )
    expect(finding?.error).toMatchObject({
      name: 'ContractError',
      code: 'CONTRACT_BROKEN',
      money: 'untouched',
      facts: { expected: 'no error', found: 'TypeError: rows is undefined' },
      cause: thrown,
    })
  })
})

describe('seed', () => {
  const broken = () => findBroken('mixes up the sums of caps that differ in their scope only').parts()
  const failWith = async (seed: number) => {
    const [finding] = await findFailures(contractOf(broken, { seed }).filter(({ name }) => name === HISTORIES))
    return finding?.error instanceof Error ? finding.error.message : 'nothing was found'
  }

  it('tries the same histories again', async () => {
    expect(await failWith(7)).toBe(await failWith(7))
  })

  it('tries other histories, when it is another', async () => {
    const [one, other] = [await failWith(7), await failWith(8)]
    expect(one.replace('seed: 7', 'seed: 8')).not.toBe(other)
  })
})

describe('close', () => {
  it('is called once for each ledger, also for those of a case that failed', async () => {
    const open = new Map<TableLedger, number>()
    const cases = ledgerContract(
      (ports) => {
        const ledger = createTableLedger(createTable(), ports, { isListed: () => false })
        open.set(ledger, 0)
        return ledger
      },
      { ...few, close: (ledger) => void open.set(ledger, (open.get(ledger) ?? 0) + 1) },
    )
    expect(await findFailures(cases)).not.toEqual([])
    expect(open.size).toBeGreaterThan(cases.length)
    expect(new Set(open.values())).toEqual(new Set([1]))
  })

  it("is the ledger's own, where it has one", async () => {
    let closed = 0
    const open = (ports: ledgerContract.Ports) => ({
      ...createMemoryLedger(ports),
      close: async () => void closed++,
    })
    const [first] = ledgerContract(open, few)
    await first?.run()
    expect(closed).toBe(1)
  })

  it('fails the case when it fails', async () => {
    const thrown = new RangeError('the disk is gone')
    const [first] = ledgerContract(createMemoryLedger, { ...few, close: () => Promise.reject(thrown) })
    await expect(first?.run()).rejects.toMatchObject({ code: 'CONTRACT_BROKEN', cause: thrown })
  })
})

describe('error: INVALID_OPTION', () => {
  it.each([
    ['no open', undefined, {}],
    ['a ledger in place of a function', createMemoryLedger(), {}],
    ['options that are no object', createMemoryLedger, 7],
    ['a seed that is no whole number', createMemoryLedger, { seed: 1.5 }],
    ['less than no histories', createMemoryLedger, { histories: -1 }],
    ['too few payments for a window', createMemoryLedger, { payments: 99 }],
    ['openAgain that is no function', createMemoryLedger, { openAgain: true }],
    ['crash that is no function', createMemoryLedger, { crash: 1 }],
    ['disturb that is no function', createMemoryLedger, { disturb: null }],
    ['close that is no function', createMemoryLedger, { close: 'yes' }],
  ])('of %s', (_, open, options) => {
    expect(() => Reflect.apply(ledgerContract, undefined, [open, options])).toThrow(
      expect.objectContaining({ name: 'ConfigurationError', code: 'INVALID_OPTION' }),
    )
  })

  it('is UNKNOWN_OPTION for one that there is not', () => {
    expect(() => Reflect.apply(ledgerContract, undefined, [createMemoryLedger, { runs: 7 }])).toThrow(
      expect.objectContaining({ name: 'ConfigurationError', code: 'UNKNOWN_OPTION' }),
    )
  })
})
