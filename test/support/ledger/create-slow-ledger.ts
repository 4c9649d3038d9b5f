import { setTimeout as wait } from 'node:timers/promises'
import type { Ledger } from '../../../src/payment/ledger.js'

/** What the steps of a slow ledger take, and who is told of them. */
export type SlowLedgerOptions = {
  /** Real milliseconds that each step takes, as a disk or a database would. @default 8 */
  stepMs?: number | undefined
  /** Told of each step when it begins, with what it was asked for. */
  onStep?: ((name: keyof Ledger, asked: readonly unknown[]) => void) | undefined
}

/** Slows a real ledger down: what happens while a step is under way is what a ledger in memory never shows. */
export function createSlowLedger<L extends Ledger>(ledger: L, { stepMs = 8, onStep }: SlowLedgerOptions = {}): L {
  return new Proxy(ledger, {
    get(target, name: keyof Ledger) {
      const step: unknown = Reflect.get(target, name)
      if (typeof step !== 'function') return step
      const begin = (asked: readonly unknown[]): Promise<unknown> => {
        onStep?.(name, asked)
        return wait(stepMs)
      }
      if (name === 'list') {
        return async function* (...asked: Parameters<Ledger['list']>) {
          await begin(asked)
          yield* target.list(...asked)
        }
      }
      return async (...asked: unknown[]) => {
        await begin(asked)
        return step.apply(target, asked)
      }
    },
  })
}
