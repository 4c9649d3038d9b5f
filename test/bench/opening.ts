import { copyFile, mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startChild } from '../support/ledger/start-child.js'
import { writeCompacted, writeGrown } from '../support/ledger/write-ledger.js'
import type { Figures } from './figures.js'

/** Payments in the large ledger; `LEDGER_RECORDS=1000000` takes a minute and a gigabyte. */
const RECORDS = Number(process.env['LEDGER_RECORDS'] ?? 100_000)
const TURNS = 3

type Measured = Readonly<Record<'parseMs' | 'openMs' | 'heldBytes' | 'reserveMs', number>>

/** Measures the ledger in a file with many payments, each run in a process of its own. */
export async function measureOpening(): Promise<Figures> {
  const folder = await mkdtemp(join(tmpdir(), 'pay402-bench-'))
  try {
    const small = await measure(join(folder, 'small'), writeCompacted, 10)
    const large = await measure(join(folder, 'large'), writeCompacted, RECORDS)
    const grown = await measure(join(folder, 'grown'), writeGrown, RECORDS)
    for (const [name, { openMs, parseMs, heldBytes, fileBytes }] of Object.entries({ compacted: large, grown })) {
      tell(`opening ${RECORDS} payments, ${name}`, openMs, parseMs, 'ms of CPU', 'JSON.parse of its lines')
      tell(`memory of ${RECORDS} payments, ${name}`, heldBytes / 1e6, fileBytes / 1e6, 'MB', 'its file')
    }
    tell(`reserving on ${RECORDS} payments`, large.reserveMs, small.reserveMs, 'ms of CPU', 'on ten')
    return {}
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** The best of three, each on a copy, since it adds to it. */
async function measure(path: string, write: typeof writeCompacted, records: number) {
  await write(path, records)
  const { size } = await stat(path)
  const runs: Measured[] = []
  for (let turn = 0; turn < TURNS; turn++) {
    const copy = `${path}.${turn}`
    await copyFile(path, copy)
    const child = await startChild('measure-ledger', [copy])
    for await (const line of child.lines) runs.push(JSON.parse(line))
  }
  const best = (figure: keyof Measured) => Math.min(...runs.map((run) => run[figure]))
  return {
    ...{ parseMs: best('parseMs'), openMs: best('openMs') },
    ...{ heldBytes: best('heldBytes'), reserveMs: best('reserveMs'), fileBytes: size },
  }
}

function tell(name: string, one: number, other: number, unit: string, floor: string): void {
  const ratio = (one / other).toFixed(2)
  process.stdout.write(
    `${name.padEnd(46)} ${one.toFixed(3)} against ${other.toFixed(3)} ${unit} for ${floor}: ${ratio}\n`,
  )
}
