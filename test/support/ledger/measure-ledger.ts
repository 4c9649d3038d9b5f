import { createFileLedger } from '../../../src/ledger/file.js'
import { capOf, createRecord } from '../../contracts/ledger/create-bench.js'

/** Opens a ledger and reserves on top of it; tells how many milliseconds and megabytes opening took, and microseconds a reservation. */
const [path = ''] = process.argv.slice(2)
const RESERVATIONS = 1000
const caps = [capOf(1e9), capOf(1e9, { windowSeconds: 86_400 }), capOf(1e9, { scope: { host: 'api.example.com' } })]

const bytesBefore = process.memoryUsage().rss
const openedAt = performance.now()
const ledger = await createFileLedger(path)
const openMs = performance.now() - openedAt
const openMegabytes = (process.memoryUsage().rss - bytesBefore) / 1e6

// The first one sums up all payments for caps that nobody asked about before.
await ledger.reserve(createRecord(), caps)
const times: number[] = []
for (let made = 0; made < RESERVATIONS; made++) {
  const startedAt = performance.now()
  await ledger.reserve(createRecord(), caps)
  times.push(performance.now() - startedAt)
}
const reserveMicroseconds = (times.sort((a, b) => a - b)[RESERVATIONS / 2] ?? 0) * 1000
console.log(JSON.stringify({ openMs, openMegabytes, reserveMicroseconds }))
await ledger.close()
