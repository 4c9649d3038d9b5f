import { randomUUID } from 'node:crypto'
import { writeSync } from 'node:fs'
import { createFileLedger } from '../../../src/ledger/file/index.js'
import { isRefusal } from '../../../src/payment/ledger.js'
import { createDraft, named } from '../../../src/testing/ledger/draft.js'
import { delivered, sent } from '../../../src/testing/ledger/events.js'

/** Pays without end, three at a time, and tells each step that the ledger has confirmed. */
const [path = ''] = process.argv.slice(2)
const ledger = await createFileLedger(path, { compactAfterLines: 50 })
tell('open')

async function pay(): Promise<void> {
  // What a kill left in doubt keeps its purchase, so each payment is for one of its own.
  const reserved = await ledger.reserve(createDraft({ call: named(randomUUID()) }), [])
  if (isRefusal(reserved)) throw new Error(`The ledger refused to reserve: ${reserved.by}.`)
  const { id } = reserved
  tell(`reserved ${id}`)
  await ledger.note(id, sent)
  tell(`sent ${id}`)
  await ledger.note(id, { ...delivered, transaction: '0x1', isSettled: true })
  tell(`settled ${id}`)
}

await Promise.all(
  [1, 2, 3].map(async () => {
    while (true) await pay()
  }),
)

/** Has told it when it returns: what `console.log` prints may still be queued when the process is killed. */
function tell(line: string): void {
  let rest = Buffer.from(`${line}\n`)
  while (rest.length > 0) rest = rest.subarray(writeSome(rest))
}

function writeSome(bytes: Buffer): number {
  try {
    return writeSync(1, bytes)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') return 0 // the reader is behind
    throw error
  }
}
