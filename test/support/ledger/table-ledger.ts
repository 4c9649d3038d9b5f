import { isListed } from '../../../src/ledger/book/book.js'
import { countAgainst, findFull } from '../../../src/ledger/book/refusal.js'
import { createLineReader } from '../../../src/ledger/codec/line-reader.js'
import { readWhole, writeWhole } from '../../../src/ledger/codec/whole-payment.js'
import { createConflict, createUnknownPayment } from '../../../src/ledger/error.js'
import { apply } from '../../../src/payment/event.js'
import { FREEZE, type Ledger, type Value } from '../../../src/payment/ledger.js'
import { openPayment, type Payment } from '../../../src/payment/payment.js'
import { findOpen, toClaim } from '../../../src/payment/purchase.js'
import { isSameJson } from '../../../src/wire/json.js'
import type { Ports } from './open-bench.js'

/** What a database would have of a payment: one text, and whether it's claimed. */
type Row = { readonly text: string; readonly claimed: boolean }

/**
 * Creates a ledger on a table: no index, no sum, each payment read from its text whenever it's looked at. It is the least that an engine
 * needs to do, out of the functions that pay402 publishes, and so what the others are compared with.
 */
export function createTableLedger({ clock, random }: Ports): Ledger {
  const rows: Row[] = []
  const values = new Map<string, Value>()

  const write = (payment: Payment): Row => ({ text: writeWhole(payment), claimed: payment.claimed })
  const readAll = () => rows.map(read)
  const toNow = (payments: readonly Payment[]) => Math.max(clock.nowSeconds(), payments.at(-1)?.atSeconds ?? 0)
  const toName = (kind: string, key: string) => JSON.stringify([kind, key])

  function replace(payment: Payment): Payment {
    rows[readAll().findIndex(({ id }) => id === payment.id)] = write(payment)
    return payment
  }

  return {
    guarantee: 'process',
    async reserve(draft, caps) {
      const payments = readAll()
      const frozen = values.get(toName(FREEZE.kind, FREEZE.key))
      if (frozen !== undefined) return { by: 'frozen', value: frozen }
      const open = findOpen(payments, { ...draft.call, ...draft.by })
      if (open !== undefined) return { by: 'open', open }
      const now = toNow(payments)
      const full = findFull(draft, caps, (cap) => countAgainst(cap, payments, now))
      if (full !== undefined) return full
      const payment = openPayment(draft, random(8).join('.').concat(`-${rows.length}`), now)
      rows.push(write(payment))
      return payment
    },
    async note(id, event) {
      const payment = readAll().find((one) => one.id === id)
      if (payment === undefined) throw createUnknownPayment(id)
      const after = apply(payment, event)
      if ('conflict' in after) throw createConflict(id, after)
      return replace(after)
    },
    async claim(claimant) {
      const claim = toClaim(readAll(), claimant)
      if (claim.is === 'yours') replace(claim.payment)
      return claim
    },
    async *list(filter) {
      const payments = readAll().reverse()
      const from = payments.findIndex(({ id }) => id === filter.after) + 1
      yield* payments.slice(from).filter((payment) => isListed(payment, filter))
    },
    async spent(cap) {
      const payments = readAll()
      return countAgainst(cap, payments, toNow(payments))
    },
    async get(kind, key) {
      return values.get(toName(kind, key))
    },
    async put(kind, key, value, expected) {
      const name = toName(kind, key)
      if (!isSameJson(values.get(name), expected)) return false
      if (value === undefined) values.delete(name)
      else values.set(name, value)
      return true
    },
  }
}

function read({ text, claimed }: Row): Payment {
  const payment = readWhole(text, createLineReader())
  if ('problem' in payment) throw new Error(payment.problem)
  return { ...payment.value, claimed }
}
