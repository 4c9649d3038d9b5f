import { X402Error } from '../../../src/errors/x402-error.js'
import { createFileLedger, type FileLedger } from '../../../src/ledger/file/index.js'
import { readAll } from '../../../src/testing/ledger/bench.js'
import { createManualClock } from '../../../src/testing/manual-clock.js'
import type { Asked, Told } from './start-sharers.js'

/** Does the steps of a file ledger that it's told over the channel of its parent, by a clock that is told, too. */
let ledger: FileLedger | undefined
const clock = createManualClock()

process.on('message', async ({ number, step, given, nowSeconds }: Asked) => {
  clock.advance(nowSeconds - clock.nowSeconds())
  let told: Told
  try {
    told = { number, value: await take(step, given) }
  } catch (error) {
    if (!(error instanceof X402Error)) throw error
    told = { number, error: { text: error.shortMessage, code: error.code, money: error.money } }
  }
  process.send?.(told)
})

async function take(step: string, given: readonly unknown[]): Promise<unknown> {
  if (step === 'open') {
    ledger = await createFileLedger(String(given[0]), { clock, compactAfterLines: 50 })
    return ledger.path
  }
  if (step === 'turn' || ledger === undefined) return undefined
  if (step === 'list') return readAll(ledger, given[0] ?? {})
  return Reflect.apply(Reflect.get(ledger, step), ledger, given)
}
