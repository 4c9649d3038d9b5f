import type { Facts, Ledger, LedgerRecord, Ports, State } from './ports.js'
import { type Call, type Signed, sealSigned } from './steps.js'

/** What is left to do for a call once it is known what was paid already. */
export type Resumed =
  /** This payment is presented, and none is made. */
  | { readonly signed: Signed }
  /** A new payment may be made. In place of `earlier`, whose purchase is over, or, with `isPerhaps`, only if somebody approves that. */
  | { readonly signed: undefined; readonly earlier: readonly LedgerRecord[]; readonly isPerhaps: boolean }

/**
 * A payment that was made, to be presented again.
 *
 * @param name - The exact name of the purchase for which it is presented.
 */
export function toSigned(record: LedgerRecord, call: Call, name: string): Signed {
  const purchase = record.purchase === name ? undefined : name
  const { id, state, presentation, validUntilSeconds, nonce, payer, status } = record
  if (presentation === undefined) throw new TypeError('pay402: a payment without its signature is not presented')
  return sealSigned({
    id,
    state,
    call,
    presentation,
    validUntilSeconds,
    nonce,
    payer,
    purchase,
    answeredBefore: status,
  })
}

/** Lets others present the payment again, and returns it as it is now. */
export async function endClaim(record: LedgerRecord, { ledger }: Ports): Promise<LedgerRecord> {
  return { ...record, claimed: false, state: await learnOf(record, {}, ledger) }
}

/**
 * Writes down what was learned of a payment that left. The chain may have settled it since it was found, so either state is right.
 *
 * @returns The state that it is in.
 */
export async function learnOf({ id, state }: LedgerRecord, facts: Facts, ledger: Ledger): Promise<State> {
  try {
    await ledger.move(id, [state], state, facts)
    return state
  } catch (cause) {
    if (state === 'settled') throw cause
    await ledger.move(id, ['settled'], 'settled', facts)
    return 'settled'
  }
}
