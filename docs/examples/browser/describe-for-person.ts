import { isX402Error } from 'pay402'

/** What came of a call, in words for the person who made it. */
export type Told = { kind: 'paid' | 'limit' | 'refused' | 'lost'; title: string; text: string }

/** The codes that mean: an earlier payment for this may have gone through, and its answer never came. */
const LOST = new Set(['ANSWER_LOST', 'PAID_PERHAPS', 'PAID_NOT_DELIVERED'])

/** Says what went wrong and where the money is, without a code, a stack or a word of the seller's. */
export function describeForPerson(error: unknown): Told {
  // Not pay402's: a broken connection before any payment was made.
  if (!isX402Error(error)) return { kind: 'refused', title: 'No connection', text: 'The shop could not be reached.' }
  if (LOST.has(error.code)) return describeLost(error.money === 'settled')
  const money = describeMoney(error.money)
  if (error.name === 'LimitError') {
    return { kind: 'limit', title: 'Over your limit', text: `This costs more than your limits allow. ${money}` }
  }
  if (error.code === 'SIGNING_REJECTED') {
    return { kind: 'refused', title: 'You said no', text: `Your wallet signed nothing. ${money}` }
  }
  return { kind: 'refused', title: 'Not bought', text: `The purchase did not go through. ${money}` }
}

/** A payment that left, and whose answer never came. */
export function describeLost(isPaid = false): Told {
  return {
    kind: 'lost',
    title: isPaid ? 'Paid, not delivered' : 'Perhaps paid',
    text: `Your payment was sent, and the answer got lost. “Ask again” presents the same payment, so you are not charged twice.`,
  }
}

function describeMoney(money: string): string {
  if (money === 'untouched' || money === 'signed' || money === 'released') return 'Your money is untouched.'
  return money === 'settled' ? 'Your payment was made.' : 'Your payment may have been made.'
}
