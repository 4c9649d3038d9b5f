import cluster from 'node:cluster'
import { once } from 'node:events'
import { isX402Error } from '../../../src/index.js'
import { createFileLedger } from '../../../src/ledger/file/index.js'

/** A server whose first process is busy when its second worker opens the ledger that the first one has, which tells whether it got it. */
const [path = ''] = process.argv.slice(2)
if (cluster.isPrimary) {
  const [first, second] = [cluster.fork(), cluster.fork()]
  await Promise.all([once(first, 'message'), once(second, 'message')])
  first.send('open')
  await once(first, 'message')
  second.send('open')
  await new Promise(setImmediate)
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10_000)
} else {
  process.send?.('ready')
  await once(process, 'message')
  const told = await createFileLedger(path).then(
    () => 'open',
    (error) => (isX402Error(error) ? error.code : String(error)),
  )
  console.log(told)
  process.send?.(told)
}
