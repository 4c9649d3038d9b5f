import { apply, type PaymentEvent, toCrashEvent } from '../../../payment/event.js'
import { type Cap, FREEZE, LIMITS, type Refusal, type Sums, type Value } from '../../../payment/ledger.js'
import { type Draft, openPayment, type Payment } from '../../../payment/payment.js'
import { type Claim, type Claimant, findOpen, isUnderWay, toClaim } from '../../../payment/purchase.js'
import { createHands } from './hands.js'
import { expectFull, expectSums } from './sums.js'

/** What a ledger must be like: a plain list, and the published rules. Caps and pins are read once more, by words of its own. */
export type Model = {
  /** Oldest first. */
  readonly payments: readonly Payment[]
  readonly register: ReadonlyMap<string, Value>
  /** What counts against a cap when the clock says this. */
  spent(cap: Cap, clockSeconds: number): Sums
  /** What must refuse a payment; nothing where it must be reserved. */
  refuse(draft: Draft, caps: readonly Cap[], clockSeconds: number): Refusal | undefined
  /** Takes in what was reserved under this id. */
  add(draft: Draft, id: string, clockSeconds: number, handle: number): Payment
  /** What a payment is after an event; nothing changes where it can't have happened. */
  note(payment: Payment, event: PaymentEvent, handle: number): ReturnType<typeof apply>
  claim(claimant: Claimant, handle: number): Claim
  put(kind: string, value: Value | undefined, expected: Value | undefined): void
  /** A handle is gone, with what it had under way. */
  crash(handle: number): void
  /** The handle that has a payment under way or claimed. */
  holderOf(payment: Payment): number | undefined
}

/** Without limits in the register a payment is judged by its client's own, and says so by saying nothing. */
function isJudgedBy(limits: Value | undefined, { by }: Draft): boolean {
  if (limits === undefined || by.limits === undefined) return limits === undefined && by.limits === undefined
  return Reflect.get(new Object(limits), 'version') === by.limits
}

/** Creates a model of an empty ledger. */
export function createModel(): Model {
  let payments: readonly Payment[] = []
  const hands = createHands()
  const register = new Map<string, Value>()
  /** Who made, sent or took each last. */
  const holders = new Map<string, number>()

  function replace(after: Payment): void {
    payments = payments.map((one) => (one.id === after.id ? after : one))
  }

  function spent(cap: Cap, clockSeconds: number): Sums {
    const froms = hands.froms(clockSeconds)
    const counted = payments.map((payment, place) => ({ ...payment, atSeconds: froms[place] ?? 0 }))
    return expectSums(cap, counted, clockSeconds)
  }

  function findPin({ call, terms }: Draft): string | undefined {
    const toNamespace = (network: string) => network.split(':')[0]
    const first = payments.find(
      (one) =>
        one.state !== 'released' &&
        (one.state === 'settled' ||
          one.delivery === 'delivered' ||
          !one.call.tags.some((tag) => /^(client|name)\/(?!\?)/.test(tag))) &&
        one.call.origin === call.origin &&
        toNamespace(one.terms.network) === toNamespace(terms.network),
    )?.terms.payTo
    return first?.toLowerCase() === terms.payTo.toLowerCase() ? undefined : first
  }

  return {
    get payments() {
      return payments
    },
    register,
    spent,
    refuse(draft, caps, clockSeconds) {
      hands.look(clockSeconds)
      const frozen = register.get(FREEZE.kind)
      if (frozen !== undefined) return { by: 'frozen', value: frozen }
      const limits = register.get(LIMITS.kind)
      if (!isJudgedBy(limits, draft)) return { by: 'limits', value: limits }
      const open = findOpen(payments, { ...draft.call, ...draft.by })
      if (open !== undefined) return { by: 'open', open }
      const payTo = draft.isPinned ? findPin(draft) : undefined
      if (payTo !== undefined) return { by: 'pin', payTo }
      for (const cap of caps) {
        const sums = spent(cap, clockSeconds)
        if (expectFull(cap, draft, sums)) return { by: 'cap', cap, held: sums.held, spent: sums.spent }
      }
      return undefined
    },
    add(draft, id, clockSeconds, handle) {
      const payment = openPayment(draft, id, hands.add(clockSeconds))
      payments = [...payments, payment]
      holders.set(id, handle)
      return payment
    },
    note(payment, event, handle) {
      const after = apply(payment, event)
      if ('conflict' in after) return after
      if (event.type === 'sent') holders.set(after.id, handle)
      replace(after)
      return after
    },
    claim(claimant, handle) {
      const claim = toClaim(payments, claimant)
      if (claim.is !== 'yours') return claim
      replace(claim.payment)
      holders.set(claim.payment.id, handle)
      return claim
    },
    put(kind, value, expected) {
      if (!Object.is(register.get(kind), expected)) return
      if (value === undefined) register.delete(kind)
      else register.set(kind, value)
    },
    crash(handle) {
      for (const payment of payments) {
        const event = holders.get(payment.id) === handle ? toCrashEvent(payment) : undefined
        const after = event && apply(payment, event)
        if (after && !('conflict' in after)) replace(after)
      }
    },
    holderOf: (payment) => (payment.claimed || isUnderWay(payment) ? holders.get(payment.id) : undefined),
  }
}
