import type { Charge, Unit } from '../../payment/payment.js'
import type { TokenAllowance } from '../../payment/scheme.js'
import { isJsonObject } from '../../wire/json.js'
import type { Field } from '../../wire/read-fields.js'

/** An amount has at most 200 digits: 2^256 atomic units in 10^-18 dollars have 96. */
const INTEGER = /^-?[0-9]{1,200}$/

/** A whole number as a ledger's lines have it: JSON's own numbers aren't exact. */
export const integerField: Field<string> = {
  is: (value): value is string => typeof value === 'string' && INTEGER.test(value),
  must: 'a whole number as a text',
}

/** Charges as a ledger's lines have them: a unit, its amount, the next unit, and so on. */
export const chargesField: Field<readonly string[]> = {
  is: (value): value is readonly string[] =>
    Array.isArray(value) &&
    value.length % 2 === 0 &&
    value.every((one, index) => (index % 2 === 0 ? isUnit(one) : integerField.is(one))),
  must: 'units, each followed by an amount',
}

/** Writes charges. */
export function writeCharges(charges: readonly Charge[]): readonly string[] {
  return charges.flatMap(({ unit, amount }) => [unit, String(amount)])
}

/** Reads what {@link chargesField} lets through; frozen, since thousands of payments may share it. */
export function readCharges(written: readonly string[]): readonly Charge[] {
  const charges: Charge[] = []
  for (let at = 0; at < written.length; at += 2) {
    const unit: unknown = written[at]
    if (isUnit(unit)) charges.push(Object.freeze({ unit, amount: BigInt(written[at + 1] ?? '') }))
  }
  return Object.freeze(charges)
}

function isUnit(value: unknown): value is Unit {
  return typeof value === 'string' && (value === 'usd' || value.includes('/'))
}

const MEMBERS = ['by', 'asset', 'spender', 'amount'] as const

/** What was signed along with a payment, as a ledger's lines have it. */
export const allowancesField: Field<readonly TokenAllowance[]> = {
  is: (value): value is readonly TokenAllowance[] =>
    Array.isArray(value) &&
    value.every((one: unknown) => isJsonObject(one) && MEMBERS.every((member) => typeof one[member] === 'string')),
  must: 'allowances',
}

/** Writes allowances: only these members, and as text, whatever a scheme put there. */
export function writeAllowances(allowances: readonly TokenAllowance[]): readonly TokenAllowance[] {
  return allowances.map(({ by, asset, spender, amount }) => ({
    by: String(by),
    asset: String(asset),
    spender: String(spender),
    amount: String(amount),
  }))
}
