import { expect, it, onTestFinished } from 'vitest'
import { createFileLedger } from '../../../src/ledger/file/index.js'
import { isRefusal } from '../../../src/payment/ledger.js'
import { readAll } from '../../../src/testing/ledger/bench.js'
import { createCap } from '../../../src/testing/ledger/cap.js'
import { createDraft } from '../../../src/testing/ledger/draft.js'
import { delivered, sent } from '../../../src/testing/ledger/events.js'
import { createLedgerPath } from '../../support/ledger/create-ledger-path.js'

it.each([
  ['has the file open', 0],
  ['is served', 1],
])(
  'error: LEDGER_UNAVAILABLE for a month in a zone that who serves does not know, and for nothing else, where a handle %s',
  async (_who, place) => {
    const path = await createLedgerPath()
    const handles = [await createFileLedger(path), await createFileLedger(path)]
    onTestFinished(async () => {
      for (const handle of handles) await handle.close()
    })
    const [ledger, other] = place === 0 ? handles : [...handles].reverse()
    if (ledger === undefined || other === undefined) throw new Error('two were opened')
    const reserved = await ledger.reserve(createDraft(), [])
    const id = isRefusal(reserved) ? '' : reserved.id
    const cap = createCap(10, { windowSeconds: undefined, monthIn: 'Mars/Olympus_Mons' })
    const refusal = {
      code: 'LEDGER_UNAVAILABLE',
      money: 'untouched',
      message: expect.stringContaining("doesn't know the time zone Mars/Olympus_Mons"),
    }
    await expect(ledger.spent(cap)).rejects.toMatchObject(refusal)
    await expect(ledger.reserve(createDraft(), [cap])).rejects.toMatchObject(refusal)
    await ledger.note(id, sent)
    await ledger.note(id, delivered)
    expect(await readAll(other)).toMatchObject([{ id, delivery: 'delivered' }])
    expect(await ledger.spent({ ...cap, monthIn: 'UTC' })).toMatchObject({ count: 1 })
  },
)
