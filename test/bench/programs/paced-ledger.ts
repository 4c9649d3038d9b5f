import { createMemoryLedger, type Ledger } from 'pay402/ledger'
import { measureTime, repeat } from '../figures.js'
import { recordPayment } from './recorded-payment.js'

/** A ledger in memory whose clock goes on with its payments. */
export type PacedLedger = {
  /** Makes payments that are over. */
  pay(payments: number): Promise<void>
  /** How many microseconds the steps of one further payment take. */
  measureStep(): Promise<number>
}

/** Payments a second: a busy backend's. */
const PACE = 10
const MEASURED = 200

export async function createPacedLedger(): Promise<PacedLedger> {
  const createPayment = await recordPayment()
  let payments = 0
  const nowSeconds = () => 1_800_000_000 + Math.floor(payments / PACE)
  const ledger: Ledger = createMemoryLedger({ clock: { nowSeconds, monotonicMs: () => nowSeconds() * 1000 } })
  const pay = async (steps: ReturnType<typeof createPayment>) => {
    await steps(ledger)
    payments++
  }
  return {
    pay: (times) => repeat(times, () => pay(createPayment())),
    async measureStep() {
      const made = Array.from({ length: MEASURED }, createPayment)
      const time = await measureTime(async () => {
        for (const steps of made) await pay(steps)
      })
      return time / MEASURED
    },
  }
}
