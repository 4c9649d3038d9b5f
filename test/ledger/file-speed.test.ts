import { copyFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { createLedgerPath } from '../support/ledger/create-ledger-path.js'
import { startChild } from '../support/ledger/start-child.js'
import { writeLines } from '../support/ledger/write-lines.js'

/** Payments in the large ledger; `LEDGER_RECORDS=1000000` takes a minute and a gigabyte. */
const RECORDS = Number(process.env['LEDGER_RECORDS'] ?? 100_000)

/** What a run took, the times in milliseconds of the processor. */
type Measured = Readonly<Record<'openMs' | 'openMegabytes' | 'reserveMs', number>>

describe('createFileLedger: with many payments', () => {
  const name = `opens ${RECORDS} in a second and 100 MB for each 100,000, and reserves as fast as on ten`
  it(name, { timeout: 120_000 }, async () => {
    const small = await measureBest(10)
    const large = await measureBest(RECORDS)
    expect(large.openMs).toBeLessThan(RECORDS / 100)
    expect(large.openMegabytes).toBeLessThan(RECORDS / 1000)
    expect(large.reserveMs).toBeLessThan(small.reserveMs * 2)
  })
})

/** The best of three. */
async function measureBest(records: number): Promise<Measured> {
  const path = await createLedgerPath()
  await writeLedger(path, records)
  const runs = [await measure(path), await measure(path), await measure(path)]
  if (process.env['LEDGER_RECORDS'] !== undefined) console.table(runs)
  const best = (figure: keyof Measured) => Math.min(...runs.map((run) => run[figure]))
  return { openMs: best('openMs'), openMegabytes: best('openMegabytes'), reserveMs: best('reserveMs') }
}

/** On a copy, since it adds to it. */
async function measure(path: string): Promise<Measured> {
  const copy = await createLedgerPath()
  await copyFile(path, copy)
  const child = await startChild('measure-ledger', [copy])
  for await (const line of child.lines) return JSON.parse(line)
  throw new Error('it told nothing')
}

/** Payments of a purchase each, as a compacted ledger holds them: settled and answered, at 50 prices, for 1,000 resources. */
async function writeLedger(path: string, records: number): Promise<void> {
  const lines = [JSON.stringify({ pay402: 'ledger', version: 1, records })]
  for (let n = 0; n < records; n++) lines.push(toLine(n))
  await writeLines(path, lines)
}

function toLine(n: number): string {
  const digits = n.toString(16).padStart(64, 'f')
  const price = n % 50
  return JSON.stringify({
    i: `0123456789abcdef-${n}`,
    t: 1_700_000_000 + n,
    p: digits,
    r: `https://api.example.com/weather/${n % 1000}`,
    z: 'settled',
    w: 'answered',
    e: 1_700_000_600 + n,
    n: `0x${digits}`,
    x: `0x${digits}`,
    k: price,
    ...(n < 50 && { d: toDeal(price) }),
  })
}

function toDeal(price: number): object {
  const asset = '0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913'
  return {
    o: 'https://api.example.com',
    h: 'api.example.com',
    m: 'GET',
    f: '0xAb5801a7D398351b8bE11C439e05C5B3259aeC9B',
    s: 'exact',
    n: 'eip155:8453',
    a: asset,
    y: '0x209693Bc6afc0C5328bA36FaF03C514EF312287C',
    v: `${10_000 + price}`,
    u: 'USDC',
    e: 6,
    g: [],
    c: ['payments/all', '1', 'usd', `${10_000 + price}000000000000`, `eip155:8453/${asset}`, `${10_000 + price}`],
  }
}
