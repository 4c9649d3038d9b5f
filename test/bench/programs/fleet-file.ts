import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createFileLedger } from 'pay402/ledger/file'
import { isQuick, tellFigures, toQuantile } from '../figures.js'
import { payInSteps } from './fleet-writer.js'

/** A ledger in a file with eight writers: how long a step of those waits that don't have the file. */
const WRITERS = 8
const PAYMENTS = isQuick() ? 100 : 400

const [writer = ''] = process.argv.slice(2)
const folder = await mkdtemp(join(tmpdir(), 'pay402-bench-'))
try {
  const path = join(folder, 'payments.ledger')
  const ledger = await createFileLedger(path)
  let isOver = false
  const own = payInSteps(ledger, () => !isOver)
  const others = await Promise.all(Array.from({ length: WRITERS - 1 }, () => runWriter(path)))
  isOver = true
  await own
  await ledger.close()
  const times = others.flat()
  const ms = (part: number) => (toQuantile(times, part) / 1000).toFixed(1)
  const note = `${times.length} steps of ${WRITERS - 1} processes; median ${ms(0.5)} ms, longest ${ms(1)}`
  tellFigures({ 'fleet-file': { now: toQuantile(times, 0.99) / 1000, note } })
} finally {
  await rm(folder, { recursive: true, force: true })
}

/** How long each step of a further process took, in microseconds. */
async function runWriter(path: string): Promise<readonly number[]> {
  const child = spawn(process.execPath, [writer, path, String(PAYMENTS)], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'close')
  const chunks: Buffer[] = await child.stdout.toArray()
  await ended
  return JSON.parse(Buffer.concat(chunks).toString())
}
