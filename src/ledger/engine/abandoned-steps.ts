import { apply, isUnsent, type PaymentEvent, toCrashEvent } from '../../payment/event.js'
import type { Payment } from '../../payment/payment.js'
import { isUnderWay } from '../../payment/purchase.js'
import type { StoredPayment } from './rows.js'
import type { Updater } from './updater.js'

/**
 * A step that was given up, and may have been carried out: what happened is told again. What was about to be done is undone, since who asked for it was
 * told that it wasn't: `unsent` is what no one but that caller could have sent.
 */
export type Undo = { readonly type: 'unsent' | 'undone' }

type Step = PaymentEvent | Undo

/** What was given up, until the engine can be asked again. */
export type AbandonedSteps = {
  add(id: string, step: Step): void
  /** What a payment is once it is told what it wasn't told. */
  catchUp(id: string, payment: Payment): Payment
  /** Forgets what was given up of a payment: something was told that comes after it. */
  drop(id: string): void
  /** Forgets that a claim of a payment is to be undone: this process has claimed it. */
  dropUndone(id: string): void
  /** Puts right what can be; rejects where the engine can't be asked. */
  tell(): Promise<void>
}

/** Of how many payments it's remembered: of more than a process has in flight. What is forgotten is put right when this process ends. */
const MAX_PAYMENTS = 10_000

/** Creates what remembers the steps that a process gave up. */
export function createAbandonedSteps({ update }: Updater, self: string): AbandonedSteps {
  const steps = new Map<string, readonly Step[]>()

  function catchUp(id: string, payment: Payment): Payment {
    return (steps.get(id) ?? []).reduce((one, step) => take(one, isEvent(step) ? step : undefined), payment)
  }

  function putRight(some: readonly Step[], { payment, row }: StoredPayment) {
    const isOwn = row.owner === self
    const after = some.reduce((one, step) => {
      if (!isEvent(step)) return take(one, isOwn ? toUndoing(step, one) : undefined)
      return isOwn || !isUnsent(step) ? take(one, step) : one
    }, payment)
    return { payment: after, owner: isUnderWay(after) || after.claimed ? row.owner : '' }
  }

  return {
    add(id, step) {
      steps.set(id, [...(steps.get(id) ?? []), step])
      const [oldest = ''] = steps.keys()
      if (steps.size > MAX_PAYMENTS) steps.delete(oldest)
    },
    catchUp,
    drop: (id) => void steps.delete(id),
    dropUndone(id) {
      const rest = steps.get(id)?.filter(({ type }) => type !== 'undone') ?? []
      if (rest.length === 0) steps.delete(id)
      else steps.set(id, rest)
    },
    async tell() {
      for (const [id, some] of steps) {
        // What was given up may be done by now, and asked for once more.
        await update(id, (known) => (steps.get(id) === some ? putRight(some, known) : undefined))
        if (steps.get(id) === some) steps.delete(id)
      }
    },
  }
}

function isEvent(step: Step): step is PaymentEvent {
  return step.type !== 'unsent' && step.type !== 'undone'
}

function toUndoing({ type }: Step, payment: Payment): PaymentEvent | undefined {
  if (type === 'undone') return toCrashEvent(payment)
  return isUnderWay(payment) ? { type: 'released', because: 'unsent' } : undefined
}

/** What can't have happened anymore has been overtaken. */
function take(payment: Payment, event: PaymentEvent | undefined): Payment {
  const after = event === undefined ? payment : apply(payment, event)
  return 'conflict' in after ? payment : after
}
