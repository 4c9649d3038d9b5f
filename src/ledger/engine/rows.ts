import { systemClock } from '../../payment/clock.js'
import { digestAddress } from '../../payment/digest.js'
import { amountIn, type Payment, type Unit } from '../../payment/payment.js'
import { aliveUntilSeconds, boughtUntilSeconds, mayStandInTheWay } from '../../payment/purchase.js'
import { toAddressKey } from '../../wire/address.js'
import { FAR_SECONDS } from '../book/ledger-time.js'
import { isUnresolved } from '../book/places.js'
import { resourceOf } from '../book/resources.js'
import { createCorrupt, createUnavailable } from './error.js'
import { markPurchase, toMark, toPin } from './marks.js'
import { type DealFacts, readDeal, readRow, writeDeal, writeText } from './row-text.js'
import type { Deal, DealText, Row, RowContent } from './store.js'

/** A payment, and the row that holds it. */
export type StoredPayment = { readonly row: Row; readonly payment: Payment }

/** Writes and reads the rows of one ledger, and remembers what it has seen of them. */
export type Rows = {
  /**
   * Writes a payment as its row is to be.
   *
   * @param before - The row that it is in now.
   * @param token - Names the claim that the row is written by.
   */
  write(payment: Payment, owner: string, before?: Row, token?: string): RowContent
  /** Reads rows, and asks for those of their deals that aren't known. */
  read(rows: readonly Row[]): Promise<readonly StoredPayment[]>
  /** A payment that this process wrote, as it was then. */
  recall(id: string): StoredPayment | undefined
  remember(stored: StoredPayment): void
  forget(id: string): void
  /** When this process last wrote a payment, by its monotonic clock; minus infinity before it has. */
  wroteAtMs(): number
}

/** How many deals are remembered; more than a page of rows has. */
const MAX_DEALS = 4096

/** How many payments of this process are remembered: usually more than it has in flight. Of others, a step reads the row first. */
const MAX_ROWS = 2000

type CachedDeal = { readonly deal: Deal; readonly facts: DealFacts }

/**
 * Creates the rows of a ledger of which nothing was seen.
 *
 * @param ledger - Its name.
 * @param askDeals - Reads deals by their keys.
 * @param nowSeconds - What the ledger's clock says, as far as that is known.
 */
export function createRows(
  ledger: string,
  askDeals: (keys: readonly string[]) => Promise<readonly DealText[]>,
  nowSeconds: () => number,
): Rows {
  const byKey = new Map<string, CachedDeal>()
  const byText = new Map<string, CachedDeal>()
  const known = new Map<string, StoredPayment>()
  let wroteAtMs = Number.NEGATIVE_INFINITY

  function addDeal(text: string, key = digestAddress([text])): CachedDeal {
    const facts = readDeal(text)
    if ('problem' in facts) throw createCorrupt(ledger, facts.problem)
    const one = { deal: { key, text, ...namesOf(facts.value) }, facts: facts.value }
    byKey.set(key, one)
    byText.set(text, one)
    const [oldest] = byKey.values()
    if (byKey.size > MAX_DEALS && oldest !== undefined) {
      byKey.delete(oldest.deal.key)
      byText.delete(oldest.deal.text)
    }
    return one
  }

  /** The deal that was reserved, with the charges that it was reserved with: what changes is in the row, unless that counts in other units. */
  function dealOf(payment: Payment, before: Row | undefined): CachedDeal {
    const charges = byKey.get(before?.deal ?? '')?.facts.charges ?? payment.charges
    const isAlike = String(unitsOf(charges)) === String(unitsOf(payment.charges))
    const text = writeDeal(isAlike ? { ...payment, charges } : payment)
    return byText.get(text) ?? addDeal(text)
  }

  function isInTheWay(payment: Payment): boolean {
    return mayStandInTheWay(payment) && nowSeconds() < (boughtUntilSeconds(payment) ?? Number.POSITIVE_INFINITY)
  }

  function toOpenNames(payment: Payment): readonly string[] {
    const names = isInTheWay(payment) ? markPurchase(payment.call) : []
    return isLongDead(payment, nowSeconds()) ? names.slice(0, 1) : names
  }

  function toText(payment: Payment, facts: DealFacts, token: string | undefined): string {
    try {
      return writeText(payment, facts, token)
    } catch (cause) {
      throw createUnavailable(ledger, 'the signed payment is not JSON', { money: 'signed', cause })
    }
  }

  return {
    write(payment, owner, before, token) {
      const { deal, facts } = dealOf(payment, before)
      return {
        id: payment.id,
        deal,
        resource: toMark(resourceOf(payment.call)),
        amounts: unitsOf(facts.charges).map((unit) => String(amountIn(unit, payment))),
        counts: payment.state === 'released' ? 'none' : payment.state === 'settled' ? 'spent' : 'held',
        text: toText(payment, facts, token),
        openUnder: toOpenNames(payment),
        isUnresolved: isUnresolved(payment),
        pin: toPin(payment),
        owner,
      }
    },
    async read(rows) {
      const deals = new Map(rows.map(({ deal }) => [deal, byKey.get(deal)]))
      const missing = [...deals.keys()].filter((key) => deals.get(key) === undefined)
      const found = missing.length === 0 ? [] : await askDeals(missing)
      for (const { key, text } of found) deals.set(key, addDeal(text, key))
      return rows.map((row) => {
        const deal = deals.get(row.deal)
        const payment = deal ? readRow(row, deal.facts) : { problem: 'a payment is without its terms' }
        if ('problem' in payment) throw createCorrupt(ledger, payment.problem)
        return { row, payment: payment.value }
      })
    },
    recall: (id) => known.get(id),
    remember(one) {
      const { id } = one.row
      wroteAtMs = systemClock.monotonicMs()
      known.delete(id)
      known.set(id, one)
      const [oldest = ''] = known.keys()
      if (known.size > MAX_ROWS) known.delete(oldest)
    },
    forget: (id) => void known.delete(id),
    wroteAtMs: () => wroteAtMs,
  }
}

/**
 * Whether a payment is in no other buyer's way any more, whatever the clock of that one says. Then it's found under the exact name of its purchase alone: what
 * was lost of one address would otherwise be looked at by every call to it, for good.
 */
export function isLongDead(payment: Payment, nowSeconds: number): boolean {
  return nowSeconds > aliveUntilSeconds(payment) + FAR_SECONDS
}

function unitsOf(charges: Payment['charges']): readonly Unit[] {
  return [...new Set(charges.map(({ unit }) => unit))]
}

function namesOf({ charges, call, terms }: DealFacts): Omit<Deal, 'key' | 'text'> {
  return {
    units: unitsOf(charges).map(toMark),
    host: toMark(call.host),
    payTo: toMark(toAddressKey(terms.payTo)),
    tags: [...new Set(call.tags)].map(toMark),
  }
}
