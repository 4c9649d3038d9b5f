import type { Charge, NewRecord, Scope, Unit } from '../../flow/ports.js'
import { toAddressKey } from '../../wire/address.js'

/** What a payment is charged in one unit; `undefined` where it has no charge in it, which isn't the same as zero. */
export function amountIn(unit: Unit, { charges }: Pick<NewRecord, 'charges'>): bigint | undefined {
  let sum: bigint | undefined
  for (const charge of charges) if (charge.unit === unit) sum = (sum ?? 0n) + charge.amount
  return sum
}

/** A frozen copy, which nobody else can change what is counted by. */
export function copyCharges(charges: readonly Charge[]): readonly Charge[] {
  return Object.freeze(charges.map(({ unit, amount }) => Object.freeze({ unit, amount })))
}

/** Whether a payment is among those that a scope names. */
export function isInScope(record: NewRecord, { host, payTo, tag }: Scope): boolean {
  return (
    (host === undefined || host === record.host) &&
    (payTo === undefined || toAddressKey(payTo) === toAddressKey(record.payTo)) &&
    (tag === undefined || record.tags.includes(tag))
  )
}
