import { createFileLedger } from 'pay402/ledger/file'
import { collectGarbage, tellFigures } from '../figures.js'

/** All that a process holds once it opened a ledger with a million payments that are over: what the machine must have for it. */
const [path = '', payments = ''] = process.argv.slice(2)
const MILLION = 1_000_000

const few = await createFileLedger(`${path}.few`)
const rest = readHeld()
await few.close()
const ledger = await createFileLedger(path)
const all = readHeld()
const resident = process.memoryUsage().rss
const missing = MILLION - Number(payments)
tellFigures({
  'file-million': {
    now: (all + ((all - rest) / Number(payments)) * missing) / MILLION,
    note:
      missing > 0 ? `quick: reckoned from ${payments}` : `resident ${(resident / MILLION).toFixed(0)} MB once opened`,
  },
})
await ledger.close()

function readHeld(): number {
  collectGarbage()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
