import { subscribe } from 'node:diagnostics_channel'
import { writeSync } from 'node:fs'
import type { FileLedger } from '../../../src/ledger/file/index.js'
import type { PaymentEvent } from '../../../src/payment/event.js'

/** Counts the moments at which a process waits for something, and ends it at one of them. */
export type Seams = {
  /** One moment. At the chosen one the process is gone when this would return. */
  pass(name: string): void
  /** Three moments: before the work begins, while it is under way, and once it is done. */
  around<T>(name: string, work: () => Promise<T>): Promise<T>
  /** A function with three moments around each call. */
  wrap<In extends readonly unknown[], Out>(name: string, work: (...given: In) => Promise<Out>): Wrapped<In, Out>
}

type Wrapped<In extends readonly unknown[], Out> = (...given: In) => Promise<Out>

/**
 * Creates a counter that tells each moment on the standard output.
 *
 * @param killAt - The moment at which the process kills itself, counted from 1, or the name of it; none for never.
 */
export function createSeams(killAt: number | string | undefined): Seams {
  let passed = 0
  const seams: Seams = {
    pass(name) {
      passed += 1
      // Has told it when it returns: what `console.log` prints may still be queued when the process is killed.
      writeSync(1, `${JSON.stringify({ seam: name })}\n`)
      if (passed === killAt || name === killAt) process.kill(process.pid, 'SIGKILL')
    },
    async around(name, work) {
      seams.pass(`before ${name}`)
      const working = work()
      seams.pass(`during ${name}`)
      const result = await working
      seams.pass(`after ${name}`)
      return result
    },
    wrap:
      (name, work) =>
      (...given) =>
        seams.around(name, () => work(...given)),
  }
  return seams
}

/** Moments of a request, in the same tick in which they happen: at `bodySent` the whole request is with the system. */
const MOMENTS_OF_A_REQUEST = [
  'undici:request:create',
  'undici:client:beforeConnect',
  'undici:client:connected',
  'undici:client:sendHeaders',
  'undici:request:bodySent',
  'undici:request:headers',
  'undici:request:trailers',
]

/** Adds the moments that the platform's `fetch` tells of. */
export function watchRequests({ pass }: Seams): void {
  for (const moment of MOMENTS_OF_A_REQUEST) subscribe(moment, () => pass(moment))
}

/** The same ledger, with moments around all that the corridor waits for. */
export function watchLedger(ledger: FileLedger, seams: Seams): FileLedger {
  return {
    ...ledger,
    reserve: seams.wrap('reserve', ledger.reserve),
    note: (id, event) => seams.around(`note of ${nameEvent(event)}`, () => ledger.note(id, event)),
    claim: seams.wrap('claim', ledger.claim),
    spent: seams.wrap('spent', ledger.spent),
    get: seams.wrap('get', ledger.get),
    close: seams.wrap('close', ledger.close),
    async *list(filter) {
      seams.pass('before list')
      for await (const record of ledger.list(filter)) {
        seams.pass('during list')
        yield record
      }
      seams.pass('after list')
    },
  }
}

/** What came of a payment, by what a kill there could cost. */
function nameEvent(event: PaymentEvent): string {
  if (event.type === 'answered') return 'a refusal'
  return 'isSettled' in event && event.isSettled ? 'settled' : event.type
}

/** The same ledger, which does the first step that writes a payment down as sent, be it for the first time or again, and says that it failed. */
export function loseReply(ledger: FileLedger): FileLedger {
  let isLost = false
  return {
    ...ledger,
    async note(id, event) {
      const payment = await ledger.note(id, event)
      if (isLost || event.type !== 'sent') return payment
      isLost = true
      throw new Error('the reply was lost')
    },
  }
}
