import { digestAddress } from '../../payment/digest.js'
import { FREEZE, LIMITS } from '../../payment/ledger.js'
import type { CallFacts, Payment } from '../../payment/payment.js'
import { isPinning } from '../../payment/purchase.js'
import { toWildcard } from '../../wire/network.js'
import { CLOCK } from '../book/ledger-time.js'
import type { RowContent } from './store.js'

/** How many marks are remembered: a shop has few hosts and prices, and a digest costs more than a look. */
const MAX_KNOWN = 4096

const known = /* @__PURE__ */ new Map<string, string>()

/**
 * What stands for a name in an engine: the same length for each, without characters that a database can't hold. Two names that had one mark would
 * count together, so that a limit counts too much and never too little.
 */
export function toMark(name: string): string {
  const before = known.get(name)
  if (before !== undefined) return before
  const mark = digestAddress([name]).slice(0, 16)
  if (known.size >= MAX_KNOWN) known.clear()
  known.set(name, mark)
  return mark
}

/** The marks under which payments of a purchase are found. A key names it alone: thousands of keys may ask for the same. */
export function markPurchase({
  purchase,
  coarse = purchase,
  isKeyed,
}: Pick<CallFacts, 'purchase' | 'coarse' | 'isKeyed'>): readonly string[] {
  return [...new Set(isKeyed ? [purchase] : [purchase, coarse])].map(toMark)
}

/** What a payment says of who is paid at its origin. Of what settled that never ends. */
export function toPin(payment: Pick<Payment, 'call' | 'terms' | 'state' | 'delivery'>): RowContent['pin'] {
  const { call, terms, state } = payment
  const is = isPinning(payment) ? (state === 'settled' ? 'fixed' : 'loose') : 'no'
  return {
    key: toMark(`${call.origin} ${toWildcard(terms.network)}`),
    payTo: JSON.stringify(terms.payTo).slice(1, -1),
    is,
  }
}

/** The name of a value of the register. No two have the same: what is under it is money's, too. */
export function toRegisterName(kind: string, key: string): string {
  const isOwn = [FREEZE, LIMITS, CLOCK].some((one) => one.kind === kind && one.key === key)
  return isOwn ? kind : digestAddress([kind, key])
}
