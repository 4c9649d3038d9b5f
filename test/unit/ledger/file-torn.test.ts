import { appendFile, readFile, stat, truncate, writeFile } from 'node:fs/promises'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { LedgerRecord, State } from '../../../src/flow/ports.js'
import { createFileLedger } from '../../../src/ledger/file/index.js'
import { createPresentation } from '../../../src/testing/ledger/create-presentation.js'
import { createRecord } from '../../../src/testing/ledger/create-record.js'
import { readAll } from '../../../src/testing/ledger/read-all.js'
import { createFileBench } from '../../support/ledger/create-file-bench.js'
import { createLedgerPath } from '../../support/ledger/create-ledger-path.js'

describe('createFileLedger, when the machine stopped while a line was written', () => {
  it('cuts off what is no line, and says so', async () => {
    const { ledger, pay, crash, warnings } = await createFileBench()
    const id = await pay('sent')
    const found = await crash((path) => appendFile(path, '12345678 {"i":'))
    expect(found.recovery).toEqual({ released: 0, lost: 1, tornBytes: 14 })
    expect(warnings).toMatchObject([{ code: 'LEDGER_TORN_LINE', message: expect.stringContaining('14 bytes') }])
    expect(await readAll(found)).toMatchObject([{ id, state: 'sent' }])
    expect(await readFile(found.path)).toEqual(await readFile(ledger.path))
  })

  it('writes on behind what it kept', async () => {
    const { pay, crash } = await createFileBench()
    await pay('sent')
    const found = await crash((path) => appendFile(path, '\0'.repeat(5000)))
    await found.reserve(createRecord(), [])
    await found.close()
    const again = await createFileLedger(found.path)
    expect(again.recovery).toEqual({ released: 1, lost: 1, tornBytes: 0 })
    await again.close()
  })

  it('keeps a last line that lacks nothing but its end', async () => {
    const { ledger, pay, crash, warnings } = await createFileBench()
    const id = await pay('sent')
    const { size } = await stat(ledger.path)
    const found = await crash((path) => truncate(path, size - 1))
    expect(await readAll(found)).toMatchObject([{ id, state: 'sent' }])
    expect(warnings).toEqual([])
    expect(await readFile(found.path)).toEqual(await readFile(ledger.path))
    await found.reserve(createRecord(), [])
  })

  it('begins a ledger in an empty file', async () => {
    const path = await createLedgerPath()
    await writeFile(path, '')
    const ledger = await createFileLedger(path)
    expect(await readAll(ledger)).toEqual([])
    await ledger.close()
  })

  it('finds in any prefix of any history what was done until then, and nothing else', async () => {
    const history = fc.array(fc.record({ to: state, which: fc.nat(9), delivery, isSigned: fc.boolean() }), {
      maxLength: 30,
    })
    await fc.assert(
      fc.asyncProperty(
        history,
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 4, maxLength: 4 }),
        follow,
      ),
      { numRuns: 25 },
    )
  })
})

type Step = { to: State; which: number; delivery: 'none' | 'delivered' | 'answered' | 'lost'; isSigned: boolean }

const state = fc.constantFrom<State>('reserved', 'signed', 'sent', 'settled', 'released')
const delivery = fc.constantFrom<Step['delivery']>('none', 'delivered', 'answered', 'lost')

/** Takes the steps, noting how long the file is after each; then cuts copies of the file off at some shares of its length. */
async function follow(steps: readonly Step[], shares: readonly number[]): Promise<void> {
  const { ledger, reserve } = await createFileBench({ compactAfterLines: Number.POSITIVE_INFINITY })
  const lengthOf = async () => (await stat(ledger.path)).size
  const beginning = await lengthOf()
  const moments = [{ length: beginning, records: await readAll(ledger) }]
  for (const step of steps) {
    const moved = (await readAll(ledger))[step.which]
    const facts = { delivery: step.delivery, ...(step.isSigned && { presentation: createPresentation() }) }
    if (step.to === 'reserved' || moved === undefined) await reserve()
    else await ledger.move(moved.id, [moved.state], step.to, facts).catch(() => undefined) // not every step is possible
    moments.push({ length: await lengthOf(), records: await readAll(ledger) })
  }
  const whole = await readFile(ledger.path)
  for (const share of shares) {
    const length = Math.round(beginning + share * (whole.length - beginning))
    const path = await createLedgerPath()
    await writeFile(path, whole.subarray(0, length))
    const found = await createFileLedger(path)
    // A line is whole without the byte that ends it.
    const then = moments.findLast((moment) => moment.length <= length + 1)
    expect(await readAll(found)).toEqual(then?.records.map(toRecovered))
    await found.close()
  }
}

/** What a payment is to the next process. */
function toRecovered(record: LedgerRecord): LedgerRecord {
  if (record.state === 'reserved' || record.state === 'signed') {
    return { ...record, state: 'released', presentation: undefined }
  }
  return record.state !== 'released' && record.delivery === 'none' ? { ...record, delivery: 'lost' } : record
}
