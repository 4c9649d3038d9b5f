import { readFile } from 'node:fs/promises'
import { createFileLedger } from '../../src/ledger/file/index.js'
import { createCap } from '../../src/testing/ledger/cap.js'
import { createDraft } from '../../src/testing/ledger/draft.js'

/** Opens a ledger and reserves on top of it; tells what that took. Processor time, since other programs run at the same time. */
const [path = ''] = process.argv.slice(2)
const RESERVATIONS = 1000
const caps = [
  createCap(1e9),
  createCap(1e9, { windowSeconds: 86_400 }),
  createCap(1e9, { scope: { host: 'api.example.com' } }),
]

// So that what is measured is the payments, and not the program.
const warm = await createFileLedger(`${path}.warm`)
for (let made = 0; made < RESERVATIONS; made++) await warm.reserve(createDraft(), caps)
await warm.close()

const parseMs = await measureParsing()
const bytesBefore = process.memoryUsage().rss
const beforeOpen = process.cpuUsage()
const ledger = await createFileLedger(path)
const openMs = toMs(process.cpuUsage(beforeOpen))
const heldBytes = process.memoryUsage().rss - bytesBefore

// The first one sums up all payments for caps that nobody asked about before.
await ledger.reserve(createDraft(), caps)
const beforeReserve = process.cpuUsage()
for (let made = 0; made < RESERVATIONS; made++) await ledger.reserve(createDraft(), caps)
const reserveMs = toMs(process.cpuUsage(beforeReserve)) / RESERVATIONS

console.log(JSON.stringify({ parseMs, openMs, heldBytes, reserveMs }))
process.exit() // without closing, which would write the file anew

/** What the platform takes for reading the same lines: the least that opening can. */
async function measureParsing(): Promise<number> {
  const before = process.cpuUsage()
  for (const line of (await readFile(path, 'utf8')).split('\n')) {
    if (line !== '') JSON.parse(line.slice(9).split('\t')[0] ?? '')
  }
  return toMs(process.cpuUsage(before))
}

function toMs({ user, system }: NodeJS.CpuUsage): number {
  return (user + system) / 1000
}
