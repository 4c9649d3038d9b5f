import { Session } from 'node:inspector/promises'
import { getHeapSnapshot } from 'node:v8'
import { createFileLedger } from '../../../src/ledger/file/index.js'
import { createCap } from '../../../src/testing/ledger/cap.js'
import { createDraft } from '../../../src/testing/ledger/draft.js'
import { SIGNED } from './write-ledger.js'

/**
 * Opens a ledger and reserves on top of it; tells in how many steps, and what is held of it then. Steps are the blocks of code that ran, as
 * the engine counts them, and objects those of its heap: the same on every machine, however busy.
 */
const [path = ''] = process.argv.slice(2)
const RESERVATIONS = 100
const caps = [
  createCap(1e9),
  createCap(1e9, { windowSeconds: 86_400 }),
  createCap(1e9, { scope: { host: 'api.example.com' } }),
]

const session = new Session()
session.connect()
await session.post('Profiler.enable')
await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true })

// So that what is counted is the payments, and not the program.
const warm = await createFileLedger(`${path}.warm`)
for (let made = 0; made < RESERVATIONS; made++) await warm.reserve(createDraft(), caps)
await warm.close()

await takeSteps()
const ledger = await createFileLedger(path)
const openSteps = await takeSteps()
const { objects, signed } = await readHeap()

// The first one sums up all payments for caps that nobody asked about before.
await ledger.reserve(createDraft(), caps)
await takeSteps()
for (let made = 0; made < RESERVATIONS; made++) await ledger.reserve(createDraft(), caps)
const reserveSteps = await takeSteps()

console.log(JSON.stringify({ openSteps, reserveSteps, objects, signed }))
process.exit() // without closing, which would write the file anew

/** The steps since the last time, of this file and all that is bundled into it. */
async function takeSteps(): Promise<number> {
  const { result } = await session.post('Profiler.takePreciseCoverage')
  const own = result.filter(({ url }) => url === import.meta.url)
  const ranges = own.flatMap(({ functions }) => functions.flatMap(({ ranges }) => ranges))
  return ranges.reduce((steps, { count }) => steps + count, 0)
}

/** What isn't garbage: how many objects, and which texts of signed payments are among them. */
async function readHeap(): Promise<{ objects: number; signed: number }> {
  let text = ''
  for await (const chunk of getHeapSnapshot()) text += chunk
  const objects = Number(/"node_count":(\d+)/.exec(text)?.[1])
  return { objects, signed: new Set(text.match(new RegExp(`${SIGNED}\\d+`, 'g'))).size }
}
