import { once } from 'node:events'
import { createFileLedger } from '../../src/ledger/file/index.js'
import { isRefusal } from '../../src/payment/ledger.js'
import { createCap } from '../../src/testing/ledger/cap.js'
import { createDraft, named } from '../../src/testing/ledger/draft.js'
import { delivered, sent } from '../../src/testing/ledger/events.js'

/** Pays on a ledger that others may have open, and tells how long each step took, in milliseconds. */
const [path = '', who = '', payments = '0'] = process.argv.slice(2)
const caps = [createCap(1e9), createCap(1e9, { windowSeconds: 86_400 })]
const ledger = await createFileLedger(path)
console.log('ready')
await once(process.stdin, 'data')
const times: Record<string, number[]> = { reserve: [], sent: [], delivered: [] }

async function time<T>(step: string, work: () => Promise<T>): Promise<T> {
  const begun = performance.now()
  const done = await work()
  times[step]?.push(performance.now() - begun)
  return done
}

for (let made = 0; made < Number(payments); made++) {
  const draft = createDraft({ call: named(`${who}-${made}`) })
  const reserved = await time('reserve', () => ledger.reserve(draft, caps))
  if (isRefusal(reserved)) throw new Error(`it refused: ${reserved.by}`)
  for (const event of [sent, delivered]) await time(event.type, () => ledger.note(reserved.id, event))
}
console.log(JSON.stringify(times))
await ledger.close()
process.exit()
