import { describe, expect, it } from 'vitest'
import { ContractError, ledgerContract } from '../../src/testing/index.js'
import { describeLedgerContract } from '../contracts/ledger.js'
import { type BrokenLedger, brokenLedgers } from './broken-ledgers.js'
import { createTable, createTableLedger, type Parts, type TableLedger } from './create-table-ledger.js'

/** What a case found. */
type Finding = { readonly name: string; readonly thrown: unknown }

const few = { histories: 10, payments: 100 }

function contractOf(parts: () => Partial<Parts>, options: ledgerContract.Options<TableLedger> = {}) {
  return ledgerContract((ports) => createTableLedger(createTable(), ports, parts()), { ...few, ...options })
}

function openAgainWith(parts: () => Partial<Parts>): ledgerContract.Options<TableLedger> {
  return { openAgain: ({ table }, ports) => createTableLedger(table, ports, parts()) }
}

async function findFailures(cases: readonly ledgerContract.Case[]): Promise<readonly Finding[]> {
  const findings: Finding[] = []
  for (const { name, run } of cases) {
    await run().catch((thrown: unknown) => findings.push({ name, thrown }))
  }
  return findings
}

const sound = () => ({})
describeLedgerContract('a ledger on a table with two handles', {
  create: (ports) => createTableLedger(createTable(), ports),
  payments: 100,
  ...openAgainWith(sound),
})

describe('ledgerContract', () => {
  it.each(brokenLedgers)('refuses a ledger that $mistake', async ({ parts, needsTwo, refusedBy }: BrokenLedger) => {
    const findings = await findFailures(contractOf(parts, needsTwo ? openAgainWith(parts) : {}))
    expect(findings.map(({ name }) => name)).toContain(refusedBy)
    expect(findings.filter(({ thrown }) => !(thrown instanceof ContractError))).toEqual([])
  })

  it.each(brokenLedgers.filter(({ needsTwo }) => needsTwo))(
    'sees only with two handles that a ledger $mistake',
    async ({ parts }) => {
      expect(await findFailures(contractOf(parts))).toEqual([])
    },
  )
})
