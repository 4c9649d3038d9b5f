import type { LedgerRecord } from '../../../src/flow/ports.js'
import type { Claimant, OpenPurchase } from '../../../src/payment/purchase.js'

/** What stands in a buyer's way. */
export type Way = OpenPurchase['is']

/**
 * Reads the rule of what is open of a purchase row by row: slowly, one payment at a time, and with nothing of `src` that decides anything.
 *
 * @returns What one payment is to a buyer who asks; `undefined` when it stands in nobody's way.
 */
export function readByHand(record: LedgerRecord, asker: Claimant): Way | undefined {
  if (nameOf(record, asker) === 'another') return undefined
  switch (`${record.state} ${record.delivery}`) {
    // Never left, or its response is waited for: only a key makes an equal call the same purchase.
    case 'reserved none':
    case 'signed none':
    case 'sent none':
    case 'settled none':
      return nameOf(record, asker) === 'exact' && asker.isKeyed ? 'under-way' : undefined
    case 'sent answered':
    case 'sent lost':
    case 'settled answered':
    case 'settled lost':
      return readOpen(record, asker)
    default:
      return undefined // delivered, or proven unspent
  }
}

/** A payment that left and brought nothing. */
function readOpen(record: LedgerRecord, asker: Claimant): Way | undefined {
  const isGivenUp = record.forgotten === true || (asker.insteadOf ?? []).includes(record.id)
  if (isGivenUp || isOver(record, asker)) return undefined
  const isMine = record.payer === undefined || asker.payers.includes(record.payer)
  const isAlive = asker.nowSeconds < (record.validUntilSeconds ?? record.atSeconds + 600)
  const had401 = record.delivery === 'answered' && record.status === 401
  const isToPresent = nameOf(record, asker) === 'exact' || (had401 && isAlive)
  if (isMine && isToPresent) return record.claimed ? 'claimed' : 'open'
  return isAlive ? 'foreign' : undefined
}

/** Over: its purchase is, not its counting. A payload without an end never is. */
export function isOver(record: LedgerRecord, { nowSeconds: now, buysOver }: Claimant): boolean {
  const { atSeconds, validUntilSeconds: end, delivery, isKeyed, method } = record
  if (end === undefined) return false
  if (isKeyed && !buysOver) return false
  if (delivery === 'answered') return now >= end + 60 && now >= atSeconds + 180
  return (['GET', 'HEAD'].includes(method) || buysOver) && now >= end + 600
}

function nameOf(record: LedgerRecord, asker: Claimant): 'exact' | 'coarse' | 'another' {
  if (record.purchase === asker.purchase) return 'exact'
  if (record.isKeyed || asker.isKeyed) return 'another'
  return asker.coarse !== undefined && asker.coarse === record.coarse ? 'coarse' : 'another'
}

/** What stands in a buyer's way of many payments, oldest first: what can be presented before what can't, then the newest. */
export function readAllByHand(records: readonly LedgerRecord[], asker: Claimant): OpenPurchase | undefined {
  for (const is of ['open', 'claimed', 'under-way', 'foreign'] as const) {
    for (const name of ['exact', 'coarse'] as const) {
      const some = records.filter((record) => readByHand(record, asker) === is && nameOf(record, asker) === name)
      const record = some.at(-1)
      if (record !== undefined) return { is, record }
    }
  }
  return undefined
}
