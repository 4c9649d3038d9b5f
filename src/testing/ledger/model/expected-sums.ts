import type { Cap, Charge, LedgerRecord, NewRecord, Scope, Unit } from '../../../flow/ports.js'

/** What counts against a cap. */
export type ExpectedSums = { readonly held: bigint; readonly spent: bigint; readonly count: number }

/**
 * What counts against a cap, in the contract's words and as plainly as it can be computed. A ledger may use code of ours; this shares
 * none of it, so that no mistake is on both sides.
 */
export function expectSums(cap: Cap, records: readonly LedgerRecord[], clockSeconds: number): ExpectedSums {
  const nowSeconds = Math.max(clockSeconds, ...records.map(({ atSeconds }) => atSeconds))
  const counted = records.filter((record) => {
    const isAlive = cap.windowSeconds === undefined || record.atSeconds > nowSeconds - cap.windowSeconds
    const isCharged = chargesIn(cap.unit, record).length > 0
    return isAlive && isCharged && record.state !== 'released' && isIn(record, cap.scope)
  })
  const total = (some: readonly LedgerRecord[]) =>
    some.flatMap((record) => chargesIn(cap.unit, record)).reduce((all, { amount }) => all + amount, 0n)
  return {
    held: total(counted.filter((record) => record.state !== 'settled')),
    spent: total(counted.filter((record) => record.state === 'settled')),
    count: counted.length,
  }
}

/** Whether a cap must refuse a payment. */
export function expectRefused({ unit, scope, amount, count }: Cap, record: NewRecord, sums: ExpectedSums): boolean {
  const mine = chargesIn(unit, record)
  if (mine.length === 0 || !isIn(record, scope)) return false
  const asked = mine.reduce((all, charge) => all + charge.amount, sums.held + sums.spent)
  return (amount !== undefined && asked > amount) || (count !== undefined && sums.count >= count)
}

function chargesIn(unit: Unit, { charges }: NewRecord): readonly Charge[] {
  return charges.filter((charge) => charge.unit === unit)
}

/** The recipients that are drawn are the same in any case. */
function isIn({ host, payTo, tags }: NewRecord, scope: Scope): boolean {
  return (
    (scope.host ?? host) === host &&
    (scope.payTo ?? payTo).toLowerCase() === payTo.toLowerCase() &&
    (scope.tag === undefined || tags.includes(scope.tag))
  )
}
