import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import { createFileLedger } from '../../../src/ledger/file/index.js'

/** Opens a ledger once it is told to, tells whether it got it, and holds it until it's killed. */
const [path = ''] = process.argv.slice(2)
console.log('ready')
await once(process.stdin, 'data')
try {
  await createFileLedger(path)
  console.log('open')
} catch (error) {
  console.log(error instanceof Error && 'code' in error ? error.code : error)
}
await setTimeout(60_000)
