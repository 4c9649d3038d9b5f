import { appendFile, readFile, stat, truncate, writeFile } from 'node:fs/promises'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createFileLedger } from '../../../src/ledger/file/index.js'
import type { PaymentEvent } from '../../../src/payment/event.js'
import type { Payment } from '../../../src/payment/payment.js'
import { readAll } from '../../../src/testing/ledger/bench.js'
import { createDraft, named } from '../../../src/testing/ledger/draft.js'
import {
  answered,
  createPresentation,
  delivered,
  lost,
  released,
  sent,
  settled,
} from '../../../src/testing/ledger/events.js'
import { createFileBench } from '../../support/ledger/create-file-bench.js'
import { createLedgerPath } from '../../support/ledger/create-ledger-path.js'

describe('createFileLedger, when the machine stopped while a line was written', () => {
  it('cuts off what is no line, and says so', async () => {
    const { ledger, pay, crash, warnings } = await createFileBench()
    const id = await pay({}, sent)
    const found = await crash((path) => appendFile(path, '12345678 {"i":'))
    expect(found.recovery).toEqual({ released: 0, lost: 1, tornBytes: 14 })
    expect(warnings).toMatchObject([{ code: 'LEDGER_TORN_LINE', message: expect.stringContaining('14 bytes') }])
    expect(await readAll(found)).toMatchObject([{ id, state: 'sent' }])
    expect(await readFile(found.path)).toEqual(await readFile(ledger.path))
  })

  it('writes on behind what it kept', async () => {
    const { pay, crash } = await createFileBench()
    await pay({}, sent)
    const found = await crash((path) => appendFile(path, '\0'.repeat(5000)))
    await found.reserve(createDraft({ call: named('news') }), [])
    await found.close()
    const again = await createFileLedger(found.path)
    expect(again.recovery).toEqual({ released: 1, lost: 1, tornBytes: 0 })
    await again.close()
  })

  it('keeps a last line that lacks nothing but its end', async () => {
    const { ledger, pay, crash, warnings } = await createFileBench()
    const id = await pay({}, sent)
    const { size } = await stat(ledger.path)
    const found = await crash((path) => truncate(path, size - 1))
    expect(await readAll(found)).toMatchObject([{ id, state: 'sent' }])
    expect(warnings).toEqual([])
    expect(await readFile(found.path)).toEqual(await readFile(ledger.path))
    await found.reserve(createDraft({ call: named('news') }), [])
  })

  it('begins a ledger in an empty file', async () => {
    const path = await createLedgerPath()
    await writeFile(path, '')
    const ledger = await createFileLedger(path)
    expect(await readAll(ledger)).toEqual([])
    await ledger.close()
  })

  it('finds in any prefix of any history what was done until then, and nothing else', async () => {
    const history = fc.array(fc.record({ event, which: fc.nat(9) }), { maxLength: 30 })
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

/** What happens to one of the payments, or a new payment. */
type Step = { readonly event: PaymentEvent | undefined; readonly which: number }

const event = fc.constantFrom<PaymentEvent | undefined>(
  undefined,
  undefined,
  sent,
  { ...sent, presentation: createPresentation({ nonce: '0x2' }), purchase: 'storm' },
  delivered,
  answered,
  lost,
  { ...lost, said: 'no', isSettled: true },
  settled,
  released,
  { type: 'canceling', cancellation: '0x8' },
  { type: 'forgotten' },
  { type: 'freed' },
)

/** Takes the steps, noting how long the file is after each; then cuts copies of the file off at some shares of its length. */
async function follow(steps: readonly Step[], shares: readonly number[]): Promise<void> {
  const { ledger, reserve } = await createFileBench({ compactAfterLines: Number.POSITIVE_INFINITY })
  const lengthOf = async () => (await stat(ledger.path)).size
  const beginning = await lengthOf()
  const moments = [{ length: beginning, payments: await readAll(ledger) }]
  for (const { event, which } of steps) {
    const payment = (await readAll(ledger))[which]
    if (event === undefined || payment === undefined) await reserve({ call: named(`${moments.length}`) })
    else await ledger.note(payment.id, event).catch(() => undefined) // not every step is possible
    moments.push({ length: await lengthOf(), payments: await readAll(ledger) })
  }
  const whole = await readFile(ledger.path)
  for (const share of shares) {
    const length = Math.round(beginning + share * (whole.length - beginning))
    const path = await createLedgerPath()
    await writeFile(path, whole.subarray(0, length))
    const found = await createFileLedger(path)
    // A line is whole without the byte that ends it.
    const then = moments.findLast((moment) => moment.length <= length + 1)
    expect(await readAll(found)).toEqual(then?.payments.map(toRecovered))
    await found.close()
  }
}

/** What a payment is to the next process. */
function toRecovered(payment: Payment): Payment {
  const { state, delivery, terms } = payment
  if (state === 'reserved') return { ...payment, state: 'released', terms: { ...terms, extra: {} } }
  return state !== 'released' && delivery === 'none' ? { ...payment, delivery: 'lost' } : payment
}
