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
  const { atSeconds, validUntilSeconds: end = atSeconds + 600 } = payment
  const isAlive = asker.nowSeconds < end || asker.nowSeconds < atSeconds + 60
  const had401 = payment.delivery === 'answered' && payment.status === 401
  const isToPresent = nameOf(payment, asker) === 'exact' || (had401 && isAlive)
  if (isMine && isToPresent) return payment.claimed ? 'claimed' : 'open'
  return isAlive ? 'foreign' : undefined
}

/** Over: its purchase is, not its counting. A payload without an end never is. */
export function isOver(payment: Payment, { nowSeconds: now, buysOver }: Claimant): boolean {
  const { atSeconds, validUntilSeconds: end, delivery, call } = payment
  const { isKeyed, method } = call
  if (end === undefined) return false
  if (isKeyed && !buysOver) return false
  if (delivery === 'answered') return now >= end + 60 && now >= atSeconds + 180
  return (['GET', 'HEAD'].includes(method) || buysOver) && now >= end + 600
}

function nameOf(payment: Payment, asker: Claimant): 'exact' | 'coarse' | 'another' {
  if (payment.call.purchase === asker.purchase) return 'exact'
  if (payment.call.isKeyed || asker.isKeyed) return 'another'
  return asker.coarse !== undefined && asker.coarse === payment.call.coarse ? 'coarse' : 'another'
}

/** What stands in a buyer's way of many payments, oldest first: what can be presented before what can't, then the newest. */
export function readAllByHand(payments: readonly Payment[], asker: Claimant): OpenPurchase | undefined {
  for (const is of ['open', 'claimed', 'under-way', 'bought', 'foreign'] as const) {
    for (const name of ['exact', 'coarse'] as const) {
      const some = payments.filter((payment) => readByHand(payment, asker) === is && nameOf(payment, asker) === name)
      const payment = some.at(-1)
      if (payment !== undefined) return { is, payment }
    }
  }
  return undefined
}
