import { describe, expect, it, onTestFinished } from 'vitest'
import { createFileLedger, type FileLedger } from '../../../src/ledger/file/index.js'
import { isRefusal } from '../../../src/payment/ledger.js'
import type { Draft } from '../../../src/payment/payment.js'
import { readAll } from '../../../src/testing/ledger/bench.js'
import { createCap } from '../../../src/testing/ledger/cap.js'
import { createDraft } from '../../../src/testing/ledger/draft.js'
import { createPresentation, delivered, lost, sent } from '../../../src/testing/ledger/events.js'
import { createLedgerPath } from '../../support/ledger/create-ledger-path.js'

const MIB = 1024 * 1024

async function open(path: string): Promise<FileLedger> {
  const ledger = await createFileLedger(path)
  onTestFinished(() => ledger.close())
  return ledger
}

function createLongDraft(characters: number, character = 'a'): Draft {
  const draft = createDraft()
  return { ...draft, call: { ...draft.call, resource: `https://api.example.com/?${character.repeat(characters)}` } }
}

async function reserve(ledger: FileLedger, draft = createDraft()): Promise<string> {
  const reserved = await ledger.reserve(draft, [])
  return isRefusal(reserved) ? '' : reserved.id
}

const refused = (money: string) => ({ code: 'LEDGER_UNAVAILABLE', money, message: expect.stringContaining('too long') })

describe.each(['has the file open', 'is served'])(
  'createFileLedger, of which a handle %s: what is too long for a line',
  (who) => {
    async function openBoth() {
      const path = await createLedgerPath()
      const [first, second] = [await open(path), await open(path)]
      return who === 'is served' ? { ledger: second, other: first } : { ledger: first, other: second }
    }

    it.each([
      ['of 17 MB', 17 * MIB, 'a'],
      ['that JSON makes so long', MIB, '\u0001'],
      ['of wide characters', 2 * MIB, '世'],
    ])(
      'error: LEDGER_UNAVAILABLE for a payment with a URL %s, and nothing else is harmed',
      async (_what, length, character) => {
        const { ledger, other } = await openBoth()
        const id = await reserve(ledger)
        await expect(reserve(ledger, createLongDraft(length, character))).rejects.toMatchObject(refused('untouched'))
        await ledger.note(id, sent)
        await ledger.note(id, delivered)
        expect(await readAll(other)).toMatchObject([{ id, delivery: 'delivered' }])
        expect(await other.spent(createCap(1, { unit: 'payments/all' }))).toMatchObject({ count: 1 })
      },
    )

    it('error: LEDGER_UNAVAILABLE for what was signed, a value, and a sum of a resource, and nothing else is harmed', async () => {
      const { ledger, other } = await openBoth()
      const id = await reserve(ledger)
      const entry = { long: 'a'.repeat(17 * MIB) }
      const long: Parameters<FileLedger['note']>[1] = { type: 'sent', presentation: { ...createPresentation(), entry } }
      await expect(ledger.note(id, long)).rejects.toMatchObject(refused('signed'))
      await expect(ledger.put('kind', 'key', entry, undefined)).rejects.toMatchObject(refused('untouched'))
      const got = ledger.get('kind', entry.long)
      if (who === 'has the file open') expect(await got).toBeUndefined()
      else await expect(got).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE', money: 'untouched' })
      await ledger.note(id, sent)
      await ledger.note(id, lost)
      expect(await readAll(other)).toMatchObject([{ id, delivery: 'lost' }])
    })

    it('keeps all that it takes readable, also when it is rewritten', async () => {
      const { ledger, other } = await openBoth()
      const id = await reserve(ledger, createLongDraft(3.9 * MIB))
      const entry = { long: 'a'.repeat(3.9 * MIB) }
      await ledger.note(id, { type: 'sent', presentation: { ...createPresentation(), entry } })
      await ledger.note(id, lost)
      await ledger.compact()
      await Promise.all([ledger.close(), other.close()])
      expect(await readAll(await open(ledger.path))).toMatchObject([{ id, presentation: { entry } }])
    })
  },
)
