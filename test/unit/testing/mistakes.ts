import type { tellTime } from '../../../src/ledger/book/ledger-time.js'
import { apply, type PaymentEvent } from '../../../src/payment/event.js'
import type { Cap } from '../../../src/payment/ledger.js'
import { openPayment, type Payment } from '../../../src/payment/payment.js'
import type { Claimant } from '../../../src/payment/purchase.js'
import { showValue } from '../../../src/testing/value.js'
import { type Contents, copyContents, type Parts, soundParts, type Table } from '../../support/ledger/table-ledger.js'

/** Counts only some payments, or counts them as others. */
export const countAs = (toCounted: (payment: Payment, nowSeconds: number) => readonly Payment[]): Partial<Parts> => ({
  countAgainst: (cap, payments, nowSeconds) =>
    soundParts.countAgainst(
      cap,
      [...payments].flatMap((payment) => toCounted(payment, nowSeconds)),
      nowSeconds,
    ),
})

/** Counts by another cap than it is asked about. */
export const countBy = (toAsked: (cap: Cap) => Cap): Partial<Parts> => ({
  countAgainst: (cap, ...counted) => soundParts.countAgainst(toAsked(cap), ...counted),
})

/** Is in the month of who asks, while it is asked to reserve. */
export function createTrusting(): Partial<Parts> {
  let asked: number | undefined
  return {
    findFull(draft, ...given) {
      asked = draft.by.nowSeconds
      const full = soundParts.findFull(draft, ...given)
      asked = undefined
      return full
    },
    countAgainst: (cap, payments, nowSeconds) =>
      soundParts.countAgainst(cap, payments, cap.monthIn === undefined ? nowSeconds : (asked ?? nowSeconds)),
  }
}

/** Applies an event as it should, and then changes what came out. */
export const applyAs = (change: (after: Payment, before: Payment, event: PaymentEvent) => Partial<Payment>) => ({
  apply(payment: Payment, event: PaymentEvent) {
    const after = apply(payment, event)
    return 'conflict' in after ? after : { ...after, ...change(after, payment, event) }
  },
})

/** Opens a payment of another draft than it was given. */
export const openAs = (change: (payment: Payment) => Partial<Payment>): Partial<Parts> => ({
  openPayment(...given) {
    const payment = openPayment(...given)
    return { ...payment, ...change(payment) }
  },
})

/** Reads, waits, decides and writes, whatever was written meanwhile. */
export async function transactAtOnce<T>(table: Table, decide: (contents: Contents) => T): Promise<T> {
  const contents = copyContents(table.contents)
  await undefined
  const result = decide(contents)
  table.contents = contents
  return result
}

/** The payment as it would be under a key. */
export const withKey = (payment: Payment): Payment => ({ ...payment, call: { ...payment.call, isKeyed: true } })

/** Judges what is open by other payments than there are. */
export const findAs = (toJudged: (payment: Payment, claimant: Claimant) => Payment): Partial<Parts> => ({
  findOpen: (payments, claimant) =>
    soundParts.findOpen(
      [...payments].map((payment) => toJudged(payment, claimant)),
      claimant,
    ),
})

/** Judges a claim by other payments than there are. */
export const claimAs = (toJudged: (payment: Payment, claimant: Claimant) => Payment): Partial<Parts> => ({
  toClaim: (payments, claimant) =>
    soundParts.toClaim(
      [...payments].map((payment) => toJudged(payment, claimant)),
      claimant,
    ),
})

export const callAs = <Of extends Pick<Payment, 'call'>>(payment: Of, change: Partial<Payment['call']>): Of => ({
  ...payment,
  call: { ...payment.call, ...change },
})

/** Keeps what it writes to itself. */
export function createLoner(): Partial<Parts> {
  let mine: Contents = { rows: [], register: new Map(), holders: new Map() }
  return {
    read: () => mine,
    async transact(_, decide) {
      const contents = copyContents(mine)
      const result = decide(contents)
      mine = contents
      return result
    },
  }
}

/** Tells another time. */
export const tellAs = (change: (time: Time, payments: readonly Payment[]) => Partial<Time>): Partial<Parts> => ({
  tellTime(value, clockSeconds, payments) {
    const time = soundParts.tellTime(value, clockSeconds, payments)
    return { ...time, ...change(time, payments) }
  },
})

type Time = ReturnType<typeof tellTime>

/** Goes by the clock and the newest of the payments that it made itself. */
export function createBySelf(): Partial<Parts> {
  const made = new Set<string>()
  return {
    createId(...given) {
      const id = soundParts.createId(...given)
      made.add(id)
      return id
    },
    tellTime(value, clockSeconds, rows) {
      const time = soundParts.tellTime(value, clockSeconds, rows)
      return made.has(rows.at(-1)?.id ?? '') ? time : { ...time, atSeconds: clockSeconds }
    },
  }
}

/** Remembers the sum of a cap until something is written, by a name that leaves something out. */
export function createSumCache(toName: (cap: Cap) => string): Partial<Parts> {
  const sums = new Map<string, ReturnType<Parts['countAgainst']>>()
  let seen = ''
  return {
    countAgainst(cap, payments, nowSeconds) {
      const rows = [...payments]
      const asked = showValue([nowSeconds, rows])
      if (asked !== seen) sums.clear()
      seen = asked
      const known = sums.get(toName(cap)) ?? soundParts.countAgainst(cap, rows, nowSeconds)
      sums.set(toName(cap), known)
      return known
    },
  }
}

/** Keeps events out while the register holds a freeze. */
export function createFreezing(): Partial<Parts> {
  let isFrozen = false
  return {
    copyValue(value) {
      isFrozen = value !== undefined
      return structuredClone(value)
    },
    apply: (payment, event) => (isFrozen ? { conflict: payment.state, event: event.type } : apply(payment, event)),
  }
}

/** Names payments by how many it has made. */
export function createCounting(): Partial<Parts> {
  let made = 0
  return { createId: () => `payment-${++made}` }
}

/** What counts twice as much. */
export function double({ charges }: Payment): Partial<Payment> {
  return { charges: charges.map(({ unit, amount }) => ({ unit, amount: 2n * amount })) }
}

/** Charges as numbers keep them. */
export function round(charges: Payment['charges']): Payment['charges'] {
  return charges.map(({ unit, amount }) => ({ unit, amount: BigInt(Number(amount)) }))
}

/** What a payment would be presented by, if nothing were ever forgotten. */
export function toPresentation(before: Payment, event: PaymentEvent): Payment['presentation'] {
  return event.type === 'sent' ? (event.presentation ?? before.presentation) : before.presentation
}

export function isRefused(result: unknown): boolean {
  return typeof result === 'object' && result !== null && 'by' in result
}

/** What `reserve` made. */
export function isNew(result: unknown): result is Payment {
  return typeof result === 'object' && result !== null && 'state' in result && result.state === 'reserved'
}
