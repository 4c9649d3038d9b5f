import { expect, it } from 'vitest'
import { createFileLedger } from '../../../src/ledger/file/index.js'
import { isRefusal } from '../../../src/payment/ledger.js'
import type { Warning } from '../../../src/payment/stream.js'
import { readAll } from '../../../src/testing/ledger/bench.js'
import { createCap } from '../../../src/testing/ledger/cap.js'
import { createDraft, DOLLAR } from '../../../src/testing/ledger/draft.js'
import { createManualClock } from '../../../src/testing/manual-clock.js'
import { createLedgerPath } from '../../support/ledger/create-ledger-path.js'

const HOUR = 3600
const YEAR = 365 * 24 * HOUR
const hourly = createCap(1, { name: 'perHour', windowSeconds: HOUR })

it.each([1000, 0])(
  'createFileLedger: goes on by the clock after restarts, though it had been a year ahead, compacted after %i lines',
  async (compactAfterLines) => {
    const path = await createLedgerPath()
    const clock = createManualClock()
    const warnings: Warning[] = []
    const open = () =>
      createFileLedger(path, { clock, compactAfterLines, onWarning: (warning) => warnings.push(warning) })
    let ledger = await open()
    const openAgain = async () => {
      await ledger.close()
      ledger = await open()
    }
    const isFull = async () => isRefusal(await ledger.reserve(createDraft(), [hourly]))
    const pay = async () => {
      const reserved = await ledger.reserve(createDraft(), [])
      if (isRefusal(reserved)) throw new Error(reserved.by)
      // One that is reserved is given up by the next process, and this one counts.
      for (const type of ['sent', 'delivered'] as const) {
        const presentation = { payload: { x402Version: 2, payload: {} }, entry: {} } as const
        await ledger.note(reserved.id, type === 'sent' ? { type, presentation } : { type, isSettled: true })
      }
    }
    await pay()
    clock.advance(YEAR)
    await pay()
    await openAgain()
    clock.advance(60 - YEAR)
    await openAgain()
    expect((await ledger.spent(hourly)).spent).toBe(2n * DOLLAR)
    expect(await isFull()).toBe(true)
    expect(warnings).toMatchObject([{ code: 'CLOCK_WAS_AHEAD' }])
    clock.advance(HOUR - 60)
    await openAgain()
    expect((await ledger.spent(hourly)).spent).toBe(DOLLAR)
    expect(await isFull()).toBe(true)
    clock.advance(60)
    await openAgain()
    await pay()
    expect((await ledger.spent(hourly)).spent).toBe(DOLLAR)
    await ledger.compact()
    await openAgain()
    expect((await readAll(ledger)).map(({ atSeconds }) => atSeconds - 1_700_000_000)).toEqual([HOUR + 60, YEAR, 0])
    expect((await ledger.spent(hourly)).spent).toBe(DOLLAR)
    expect(await isFull()).toBe(true)
    expect(warnings).toHaveLength(1)
    await ledger.close()
  },
)
