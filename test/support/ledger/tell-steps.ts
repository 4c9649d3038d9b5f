import type { Ledger } from '../../../src/payment/ledger.js'

/**
 * Tells of each step of a ledger when it begins.
 *
 * @param onStep - Told which step it is, with what it was asked for.
 */
export function tellSteps<L extends Ledger>(
  ledger: L,
  onStep: (name: keyof Ledger, asked: readonly unknown[]) => void,
): L {
  return new Proxy(ledger, {
    get(target, name: keyof Ledger) {
      const step: unknown = Reflect.get(target, name)
      if (typeof step !== 'function') return step
      return (...asked: unknown[]) => {
        onStep(name, asked)
        return step.apply(target, asked)
      }
    },
  })
}
