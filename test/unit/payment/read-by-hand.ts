import type { Payment } from '../../../src/payment/payment.js'
import type { Claimant, OpenPurchase } from '../../../src/payment/purchase.js'

/** What stands in a buyer's way. */
export type Way = OpenPurchase['is']

/**
 * Reads the rule of what is open of a purchase row by row: slowly, one payment at a time, and with nothing of `src` that decides anything.
 *
 * @returns What one payment is to a buyer who asks; `undefined` when it stands in nobody's way.
 */
export function readByHand(payment: Payment, asker: Claimant): Way | undefined {
  if (nameOf(payment, asker) === 'another') return undefined
  switch (`${payment.state} ${payment.delivery}`) {
    // Never left, or its response is waited for: only a key makes an equal call the same purchase.
    case 'reserved none':
    case 'sent none':
    case 'settled none':
      return nameOf(payment, asker) === 'exact' && asker.isKeyed && payment.call.isKeyed ? 'under-way' : undefined
    case 'sent answered':
    case 'sent lost':
    case 'settled answered':
    case 'settled lost':
      return readOpen(payment, asker)
    case 'sent delivered':
    case 'settled delivered':
      return readBought(payment, asker)
    default:
      return undefined // proven unspent
  }
}

/** A payment that was delivered: its key may not buy again yet. */
function readBought(payment: Payment, asker: Claimant): Way | undefined {
  const { isKeyed, purchaseForSeconds = 0 } = payment.call
  const isOfKey = nameOf(payment, asker) === 'exact' && asker.isKeyed && isKeyed && !payment.forgotten
  return isOfKey && asker.nowSeconds < payment.atSeconds + purchaseForSeconds ? 'bought' : undefined
}

/** A payment that left and brought nothing. */
function readOpen(payment: Payment, asker: Claimant): Way | undefined {
  const isGivenUp = payment.forgotten || (asker.insteadOf ?? []).includes(payment.id)
  if (isGivenUp || isOver(payment, asker)) return undefined
  const isMine = payment.payer === undefined || asker.payers.includes(payment.payer)
  const isAlive = asker.nowSeconds < lastSecondOf(payment)
  const had401 = payment.delivery === 'answered' && payment.status === 401
  const isToPresent = nameOf(payment, asker) === 'exact' || (had401 && isAlive)
  if (isMine && isToPresent) return payment.claimed ? 'claimed' : 'open'
  // A key names its purchase for good, whoever pays.
  return isAlive || (payment.call.isKeyed && nameOf(payment, asker) === 'exact') ? 'foreign' : undefined
}

/** Until when others wait: a seller that sets an early end gains nothing by it. */
function lastSecondOf({ atSeconds, validUntilSeconds: end = atSeconds + 600 }: Payment): number {
  return end < atSeconds + 60 ? atSeconds + 60 : end
}

/** Over: its purchase is, not its counting. A payload without an end never is. */
export function isOver(payment: Payment, { nowSeconds: now, buysOver }: Claimant): boolean {
  const { atSeconds, validUntilSeconds: end, delivery, call } = payment
  const { isKeyed, method } = call
  if (end === undefined) return false
  if (isKeyed && !buysOver) return false
  if (delivery === 'answered') return now >= end + 60 && now >= atSeconds + 180
  return (['GET', 'HEAD', 'resources/read', 'prompts/get'].includes(method) || buysOver) && now >= end + 600
}

function nameOf(payment: Payment, asker: Claimant): 'exact' | 'coarse' | 'another' {
  if (payment.call.purchase === asker.purchase) return 'exact'
  if (payment.call.isKeyed || asker.isKeyed) return 'another'
  return asker.coarse !== undefined && asker.coarse === payment.call.coarse ? 'coarse' : 'another'
}

/**
 * What stands in a buyer's way of many payments, oldest first: what is theirs to present before what isn't, then what can still be taken, then
 * the newest.
 */
export function readAllByHand(payments: readonly Payment[], asker: Claimant): OpenPurchase | undefined {
  for (const is of ['open', 'claimed', 'under-way', 'bought', 'foreign'] as const) {
    for (const name of ['exact', 'coarse'] as const) {
      const some = payments.filter((payment) => readByHand(payment, asker) === is && nameOf(payment, asker) === name)
      const isLiving = ({ validUntilSeconds: end }: Payment) => end === undefined || asker.nowSeconds < end
      const payment = some.filter(isLiving).at(-1) ?? some.at(-1)
      if (payment !== undefined) return { is, payment }
    }
  }
  return undefined
}
