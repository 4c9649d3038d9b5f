import { type Amount, formatPrice, formatUnits } from '../wire/amount.js'
import { oncePerFrozen } from '../wire/frozen.js'
import { freezeParsed } from '../wire/json.js'
import type { PaymentRequirements } from '../wire/requirements.js'

/** What is paid, and to whom: one shape from the seller's entry to the list of payments, in the field's names. */
export type Terms = Readonly<Omit<PaymentRequirements, 'amount'>> & {
  /** Atomic units. */
  readonly amount: bigint
}

/** Terms as they are shown to people and programs: as JSON, with what the amount comes to. */
export type ShownTerms = Readonly<Omit<PaymentRequirements, 'amount' | 'maxTimeoutSeconds' | 'extra'>> & {
  /** Atomic units. */
  readonly amount: string
  /** Such as `0.02 USDC`; `undefined` when neither the scheme nor the limits know the asset. */
  readonly price: string | undefined
  /** Such as `$0.02`; `undefined` when the asset isn't known to be worth a dollar. */
  readonly dollars: string | undefined
}

/** How an asset is written for a person, if it is known, and whether it is worth a dollar. */
export type Notation = {
  readonly symbol?: string | undefined
  readonly decimals?: number | undefined
  readonly isPegged?: boolean | undefined
}

/** Makes the terms of an entry of `accepts` that was read: frozen, and one object for all payments on them. */
export const toTerms = /* @__PURE__ */ oncePerFrozen(
  ({ amount, ...rest }: PaymentRequirements): Terms => freezeParsed({ ...rest, amount: BigInt(amount) }),
)

/** Writes terms as schemes take them: in the shape of protocol 2. */
export function toRequirements({ amount, ...rest }: Terms): PaymentRequirements {
  return { ...rest, extra: { ...rest.extra }, amount: String(amount) as Amount } // it was read as one
}

/** Shows terms to people and programs. */
export function showTerms({ scheme, network, asset, payTo, amount }: Terms, notation: Notation): ShownTerms {
  return { scheme, network, asset, payTo, amount: String(amount), ...writePrice(amount, notation) }
}

/** Writes what an amount comes to, as a person reads it. */
export function writePrice(
  amount: bigint,
  { symbol, decimals, isPegged }: Notation,
): Pick<ShownTerms, 'price' | 'dollars'> {
  const price = formatPrice(amount, symbol, decimals)
  return { price, dollars: isPegged && decimals !== undefined ? `$${formatUnits(amount, decimals)}` : undefined }
}
