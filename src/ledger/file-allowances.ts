import type { TokenAllowance } from '../scheme.js'
import { isJsonObject } from '../wire/json.js'
import type { Field } from '../wire/read-fields.js'

const MEMBERS = ['by', 'asset', 'spender', 'amount'] as const

/** What was signed beside a payment, as it stands in a ledger's file. */
export const allowancesField: Field<readonly TokenAllowance[]> = {
  is: (value): value is readonly TokenAllowance[] =>
    Array.isArray(value) &&
    value.every((one: unknown) => isJsonObject(one) && MEMBERS.every((member) => typeof one[member] === 'string')),
  must: 'allowances',
}

/** Writes allowances: these members and no other, as texts, whatever a scheme put there. */
export function writeAllowances(allowances: readonly TokenAllowance[]): readonly TokenAllowance[] {
  return allowances.map(({ by, asset, spender, amount }) => ({
    by: String(by),
    asset: String(asset),
    spender: String(spender),
    amount: String(amount),
  }))
}
