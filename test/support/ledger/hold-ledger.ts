import { setTimeout } from 'node:timers/promises'
import { createFileLedger } from '../../../src/ledger/file.js'

/** Opens a ledger at a moment (milliseconds since 1970), tells whether it got it, and holds it until it's killed. */
const [path = '', atMs = '0'] = process.argv.slice(2)
await setTimeout(Math.max(0, Number(atMs) - Date.now()))
try {
  await createFileLedger(path)
  console.log('open')
} catch (error) {
  console.log(error instanceof Error && 'code' in error ? error.code : error)
}
await setTimeout(60_000)
