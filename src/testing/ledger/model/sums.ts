import type { Cap, Scope, Sums } from '../../../payment/ledger.js'
import type { Charge, Draft, Payment, Unit } from '../../../payment/payment.js'

/**
 * What counts against a cap, in the contract's words and as plainly as it can be computed. A ledger may use code of ours; this shares
 * none of it, so that no mistake is on both sides.
 *
 * @param payments - Those of the ledger, each with the time that it counts from.
 */
export function expectSums(cap: Cap, payments: readonly Payment[], clockSeconds: number): Sums {
  const counted = payments.filter((payment) => {
    const isAlive = cap.windowSeconds === undefined || payment.atSeconds > clockSeconds - cap.windowSeconds
    const isCharged = chargesIn(cap.unit, payment).length > 0
    return isAlive && isCharged && payment.state !== 'released' && isIn(payment, cap.scope)
  })
  const total = (some: readonly Payment[]) =>
    some.flatMap((payment) => chargesIn(cap.unit, payment)).reduce((all, { amount }) => all + amount, 0n)
  return {
    held: total(counted.filter((payment) => payment.state !== 'settled')),
    spent: total(counted.filter((payment) => payment.state === 'settled')),
    count: counted.length,
  }
}

/** Whether a cap must refuse a payment. */
export function expectFull({ unit, scope, amount, count }: Cap, draft: Draft, sums: Sums): boolean {
  const mine = chargesIn(unit, draft)
  if (mine.length === 0 || !isIn(draft, scope)) return false
  const asked = mine.reduce((all, charge) => all + charge.amount, sums.held + sums.spent)
  return (amount !== undefined && asked > amount) || (count !== undefined && sums.count >= count)
}

function chargesIn(unit: Unit, { charges }: Pick<Draft, 'charges'>): readonly Charge[] {
  return charges.filter((charge) => charge.unit === unit)
}

/** The recipients that are drawn are the same in any case. */
function isIn({ call, terms }: Pick<Draft, 'call' | 'terms'>, scope: Scope): boolean {
  return (
    (scope.host ?? call.host) === call.host &&
    (scope.resource ?? call.asked ?? call.resource) === (call.asked ?? call.resource) &&
    (scope.payTo ?? terms.payTo).toLowerCase() === terms.payTo.toLowerCase() &&
    (scope.tag === undefined || call.tags.includes(scope.tag))
  )
}
