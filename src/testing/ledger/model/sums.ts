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
    const isInWindow = cap.windowSeconds === undefined || payment.atSeconds > clockSeconds - cap.windowSeconds
    const isAlive = isInWindow && !isBefore(payment.atSeconds, clockSeconds, cap.monthIn)
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

/** Whether the calendar of a zone has an earlier month at one time than at another. */
function isBefore(seconds: number, clockSeconds: number, timeZone: string | undefined): boolean {
  return timeZone !== undefined && writeMonth(seconds, timeZone) < writeMonth(clockSeconds, timeZone)
}

/** As a machine sorts it: `2024-02`. */
function writeMonth(seconds: number, timeZone: string): string {
  const date = new Date(seconds * 1000).toLocaleDateString('en-US', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  })
  const [month, , year] = date.split('/')
  return `${year}-${month}`
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
