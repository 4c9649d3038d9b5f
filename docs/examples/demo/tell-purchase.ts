import { isX402Error } from 'pay402'
import { paymentOf } from 'pay402/fetch'
import { shorten, toDollars, toDuration, toMoment } from './show.js'
import type { Story } from './start-story.js'
import type { Purchase } from './watch-purchases.js'

/** As wide as `$100.00`, the most that anyone has here. */
const balanceWidth = 7

/** Tells one purchase in the order in which it happened. */
export async function tellPurchase(story: Story, purchase: Purchase): Promise<void> {
  const { offer, signed, sent, answer, error, times } = purchase
  if (offer) story.row('offer', `${toDollars(offer.amount)} for "${offer.description}"`)
  if (signed) {
    story.row(
      'signed',
      `payer        ${signed.payer}`,
      `payTo        ${signed.payTo}`,
      `amount       ${toDollars(signed.amount)}`,
      `valid until  ${toMoment(signed.validUntilSeconds, Date.now() / 1000)}`,
      `nonce        ${shorten(signed.nonce)}`,
    )
  }
  if (sent.length > 1 || (sent.length > 0 && !signed)) {
    const times = sent.length === 1 ? 'once' : `${sent.length} times`
    story.row('sent', `${times}: payment ${[...new Set(sent)].join(', ')} of the ledger`)
  }
  if (answer) {
    const payment = paymentOf(answer)
    if (payment) {
      story.row('receipt', `money        ${payment.money}`, `transaction  ${payment.transaction ?? 'none named'}`)
    }
    story.row('response', `${answer.status} ${await answer.clone().text()}`)
  }
  if (isX402Error(error)) story.row(error.money === 'untouched' ? 'refused' : 'lost', ...error.message.split('\n'))
  story.row(
    'on chain',
    `buyer   ${toChange(purchase.before.buyer, purchase.after.buyer)}`,
    `seller  ${toChange(purchase.before.seller, purchase.after.seller)}`,
  )
  story.row('took', toTimes(times, answer ? 'settle and answer' : 'try and give up'))
}

function toChange(before: bigint, after: bigint): string {
  const change = after - before
  const sign = change > 0n ? '+' : ''
  const moved = change === 0n ? 'unchanged' : `${sign}${toDollars(change)}`
  return `${toDollars(before).padStart(balanceWidth)} → ${toDollars(after).padStart(balanceWidth)}   ${moved}`
}

function toTimes({ offered, signed, done }: Purchase['times'], ending: string): string {
  if (offered === undefined) return toDuration(done)
  const steps = [`${toDuration(offered)} to the offer`]
  if (signed !== undefined) {
    steps.push(`${toDuration(signed - offered)} to check and sign`, `${toDuration(done - signed)} to ${ending}`)
  }
  return `${toDuration(done)}: ${steps.join(', ')}`
}
