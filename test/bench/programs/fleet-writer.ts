import type { Ledger } from 'pay402/ledger'
import { recordPayment } from './recorded-payment.js'

/** Makes payments one after the other as long as there are more; returns how long each step took, in microseconds. */
export async function payInSteps(ledger: Ledger, hasMore: () => boolean): Promise<readonly number[]> {
  const createPayment = await recordPayment()
  const times: number[] = []
  async function time<Told>(step: Promise<Told>): Promise<Told> {
    const begun = performance.now()
    const told = await step
    times.push((performance.now() - begun) * 1000)
    return told
  }
  const timed: Ledger = {
    ...ledger,
    reserve: (draft, caps) => time(ledger.reserve(draft, caps)),
    note: (id, event) => time(ledger.note(id, event)),
  }
  while (hasMore()) await createPayment()(timed)
  return times
}
