import type { LedgerRecord, Ports } from './ports.js'
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

/** Lets others present the payment again, and returns it as it is now. The chain may have settled it meanwhile, so either state is right. */
export async function endClaim(record: LedgerRecord, { ledger }: Ports): Promise<LedgerRecord> {
  try {
    await ledger.move(record.id, ['sent'], 'sent', {})
    return { ...record, claimed: false, state: 'sent' }
  } catch {
    await ledger.move(record.id, ['settled'], 'settled', {})
    return { ...record, claimed: false, state: 'settled' }
  }
}
