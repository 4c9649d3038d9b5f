import { createFileLedger } from 'pay402/ledger/file'
import { payInSteps } from './fleet-writer.js'

/** Writes to a ledger that another process has, and tells how long each step took once the code was optimized. */
const [path = '', payments = ''] = process.argv.slice(2)
const ledger = await createFileLedger(path)
let left = Number(payments)
const times = await payInSteps(ledger, () => left-- > 0)
await ledger.close()
process.stdout.write(JSON.stringify(times.slice(times.length / 5)))
