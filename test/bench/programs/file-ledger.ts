import { mkdtemp, open, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createFileLedger } from 'pay402/ledger/file'
import { interleave, isQuick, measureTime, repeat, tellFigures, toMedian, toRatio } from '../figures.js'
import { recordPayment } from './recorded-payment.js'

/** A ledger in a file against the least that makes the same bytes durable: to append them at once, and one `fdatasync`. */
const TURNS = isQuick() ? 8 : 25
const ALONE = 40
const AT_ONCE = 64
const WARMING_BATCHES = 50

const createPayment = await recordPayment()
const folder = await mkdtemp(join(tmpdir(), 'pay402-bench-'))
try {
  const path = join(folder, 'payments.ledger')
  const ledger = await createFileLedger(path, { compactAfterLines: Number.MAX_SAFE_INTEGER })
  const disk = await open(join(folder, 'disk'), 'a')

  const pay = (payments: number) => async () => {
    const steps = Array.from({ length: payments }, createPayment)
    return measureTime(async () => {
      if (payments === AT_ONCE) await Promise.all(steps.map((step) => step(ledger)))
      else for (const step of steps) await step(ledger)
    })
  }
  // Until its code is optimized.
  await repeat(WARMING_BATCHES, pay(AT_ONCE))
  const { size } = await stat(path)
  await pay(AT_ONCE)()
  const bytes = Math.round(((await stat(path)).size - size) / AT_ONCE)
  const write = (times: number, length: number) => {
    const line = Buffer.alloc(length, 'a')
    return () =>
      measureTime(async () => {
        for (let time = 0; time < times; time++) {
          await disk.write(line)
          await disk.datasync()
        }
      })
  }

  const figure = async (payments: number, floor: () => Promise<number>) => {
    const cases = { ours: pay(payments), floor, floorAgain: floor }
    await interleave(cases, 2)
    const times = await interleave(cases, TURNS)
    const us = (figures: readonly number[]) => (toMedian(figures) / payments).toFixed(0)
    return {
      ...toRatio(times.ours, times.floor),
      again: toRatio(times.floorAgain, times.floor).now,
      note: `${us(times.ours)} µs a payment, the disk ${us(times.floor)}; ${bytes} B`,
    }
  }
  tellFigures({
    'file-alone': await figure(ALONE, write(ALONE, bytes)),
    'file-64': await figure(AT_ONCE, write(1, AT_ONCE * bytes)),
  })
  await disk.close()
  await ledger.close()
} finally {
  await rm(folder, { recursive: true, force: true })
}
