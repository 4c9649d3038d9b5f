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
    const small = await measureBest(writeCompacted, 10)
    const large = await measureBest(writeCompacted, RECORDS)
    expect(large.openMs).toBeLessThan(RECORDS / 100)
    expect(large.openMegabytes).toBeLessThan(RECORDS / 1000)
    expect(large.reserveMs).toBeLessThan(small.reserveMs * 2)
  })

  it(`opens ${RECORDS} as fast and in as little memory when it was never written anew`, {
    timeout: 120_000,
  }, async () => {
    const grown = await measureBest(writeGrown, RECORDS)
    expect(grown.openMs).toBeLessThan(RECORDS / 100)
    expect(grown.openMegabytes).toBeLessThan(RECORDS / 1000)
  })
})

/** The best of three. */
async function measureBest(write: typeof writeCompacted, records: number): Promise<Measured> {
  const path = await createLedgerPath()
  await write(path, records)
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
async function writeCompacted(path: string, records: number): Promise<void> {
  const lines = [JSON.stringify({ pay402: 'ledger', version: 2, records })]
  for (let n = 0; n < records; n++) lines.push(JSON.stringify({ ...toReserved(n), ...toSent(n), ...toSettled(n) }))
  await writeLines(path, lines)
}

/** The same payments, with all that happened to each: it was reserved, sent with its signed payment, and settled. */
async function writeGrown(path: string, records: number): Promise<void> {
  const signed = JSON.stringify({ headers: { 'PAYMENT-SIGNATURE': 'a'.repeat(1000) } })
  const lines = [JSON.stringify({ pay402: 'ledger', version: 2, records: 0 })]
  for (let n = 0; n < records; n++) {
    lines.push(JSON.stringify(toReserved(n)))
    lines.push(`${JSON.stringify({ ...toSent(n), z: 'sent' })}\t${signed}`)
    lines.push(JSON.stringify(toSettled(n)))
  }
  await writeLines(path, lines)
}

function toReserved(n: number): object {
  const price = n % 50
  return {
    i: toId(n),
    t: 1_700_000_000 + n,
    p: toDigits(n),
    r: `https://api.example.com/weather/${n % 1000}`,
    k: price,
    ...(n < 50 && { d: toDeal(price) }),
  }
}

function toSent(n: number): object {
  return { i: toId(n), e: 1_700_000_600 + n, n: `0x${toDigits(n)}` }
}

function toSettled(n: number): object {
  return { i: toId(n), z: 'settled', w: 'delivered', x: `0x${toDigits(n)}` }
}

function toId(n: number): string {
  return `0123456789abcdef-${n}`
}

function toDigits(n: number): string {
  return n.toString(16).padStart(64, 'f')
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
