import { isDeepStrictEqual } from 'node:util'
import { describe, expect, it } from 'vitest'
import { createFileLedger } from '../../../src/ledger/file/index.js'
import type { Payment } from '../../../src/payment/payment.js'
import { readAll } from '../../../src/testing/ledger/bench.js'
import { createCap } from '../../../src/testing/ledger/cap.js'
import { createPresentation } from '../../../src/testing/ledger/events.js'
import { createLedgerPath } from '../../support/ledger/create-ledger-path.js'
import { startChild } from '../../support/ledger/start-child.js'

/** How often the payer is killed; `LEDGER_KILLS=1000` looks longer. */
const KILLS = Number(process.env['LEDGER_KILLS'] ?? 40)

const PRESENTATION = createPresentation()

/** Ledgers that are killed side by side. */
const LEDGERS = 4

describe('createFileLedger: its process killed at any moment', () => {
  it(`has lost nothing that it confirmed, ${KILLS} times`, { timeout: 60_000 + KILLS * 5000 }, async () => {
    const paths = await Promise.all(Array.from({ length: LEDGERS }, createLedgerPath))
    const survived = paths.map(async (path, index) => {
      const told = new Map<string, string>()
      for (let kill = index; kill < KILLS; kill += LEDGERS) {
        await payUntilKilled(path, toMoment(kill), told)
        await assertKept(path, told)
      }
      expect(told.size).toBeGreaterThan(0)
    })
    await Promise.all(survived)
  })
})

/** When a payer is killed: after so many lines, or so many milliseconds, which is while it opens the ledger. */
type Moment = { readonly lines: number; readonly milliseconds: number }

function toMoment(kill: number): Moment {
  const spread = (kill * 37) % 211
  return kill % 5 === 4
    ? { lines: Number.POSITIVE_INFINITY, milliseconds: 40 + spread / 4 }
    : { lines: spread, milliseconds: 30_000 }
}

/** Notes the last that a payer told of each payment. */
async function payUntilKilled(path: string, moment: Moment, told: Map<string, string>): Promise<void> {
  const child = await startChild('pay-in-a-loop', [path])
  const timer = setTimeout(() => void child.kill(), moment.milliseconds)
  let lines = 0
  for await (const line of child.lines) {
    const [step = '', id] = line.split(' ')
    if (id !== undefined) told.set(id, step)
    lines += 1
    if (lines === moment.lines + 1) await child.kill()
  }
  clearTimeout(timer)
  await child.kill()
}

async function assertKept(path: string, told: ReadonlyMap<string, string>): Promise<void> {
  const ledger = await createFileLedger(path)
  const payments = new Map((await readAll(ledger)).map((payment) => [payment.id, payment]))
  const fates = [...told].map(([id, step]) => `${step}: ${toFate(payments.get(id))}`)
  expect(fates.filter((fate) => !FATES.has(fate))).toEqual([])
  const counted = [...payments.values()].filter(({ state }) => state !== 'released')
  expect((await ledger.spent(createCap(1))).count).toBe(counted.length)
  await ledger.close()
}

/** What may be found of a payment, by the last step that was confirmed: never less, at most the step that had begun. */
const FATES = new Set([
  'reserved: released',
  'reserved: sent, lost, with its payment',
  'sent: sent, lost, with its payment',
  'sent: settled, delivered',
  'settled: settled, delivered',
])

function toFate(payment: Payment | undefined): string {
  if (payment === undefined) return 'missing'
  const { state, delivery, presentation } = payment
  if (state === 'released') return state
  return `${state}, ${delivery}${isDeepStrictEqual(presentation, PRESENTATION) ? ', with its payment' : ''}`
}
