import type { LedgerRecord } from '../flow/ports.js'
import { isSameAddress } from '../protocol/address.js'

/**
 * Whether `claim` may hand out a payment: it was sent, its answer is lost, nobody is presenting it, and one of `payers` made it.
 *
 * A record without a payer comes of a scheme that doesn't say who pays. Anybody may present it: that is better than paying anew.
 *
 * @param record - The payment as it stands.
 * @param purchase - What is bought.
 * @param payers - The accounts that the asker can pay from.
 * @returns Whether it may be handed out. A ledger that does writes it down as `claimed` in the same atomic step.
 */
export function isClaimable(record: LedgerRecord, purchase: string, payers: readonly string[]): boolean {
  const { payer } = record
  const isTheirs = payer === undefined || payers.some((one) => isSameAddress(one, payer))
  return record.purchase === purchase && isLost(record) && !record.claimed && isTheirs
}

/** Whether a payment was sent and its answer is lost. */
export function isLost({ state, delivery }: Pick<LedgerRecord, 'state' | 'delivery'>): boolean {
  return (state === 'sent' || state === 'settled') && delivery === 'lost'
}
