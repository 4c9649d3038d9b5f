import type { PaymentEvent } from '../../../src/payment/event.js'
import type { Ledger } from '../../../src/payment/ledger.js'

/** What a ledger was asked for: each step by its name, a note with what happened, a list with what it was asked for. */
export type CountedLedger = {
  readonly ledger: Ledger
  /** The steps since this was called last. */
  take(): readonly string[]
}

/** Writes down the steps that a ledger is asked for, in their order. */
export function countSteps(ledger: Ledger): CountedLedger {
  let steps: string[] = []
  const write = (name: string, given: readonly unknown[]): void => {
    const [first, second] = given
    if (name === 'note') steps.push(`note ${(second as PaymentEvent).type}`)
    else if (name === 'list') steps.push(`list ${Object.keys(first as object).join()}`)
    else if (name === 'get') steps.push(`get ${String(first)}`)
    else steps.push(name)
  }
  const counted = new Proxy(ledger, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name)
      if (typeof member !== 'function' || typeof name !== 'string') return member
      return (...given: unknown[]) => {
        if (STEPS.includes(name)) write(name, given)
        return Reflect.apply(member, target, given) as unknown
      }
    },
  })
  return {
    ledger: counted,
    take() {
      const taken = steps
      steps = []
      return taken
    },
  }
}

const STEPS = ['reserve', 'note', 'claim', 'list', 'spent', 'get', 'put']
