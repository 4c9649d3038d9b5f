import { isListed } from '../../../src/ledger/book/book.js'
import { CLOCK, tellTime } from '../../../src/ledger/book/ledger-time.js'
import { countAgainst, findFull } from '../../../src/ledger/book/refusal.js'
import { createConflict, createUnknownPayment } from '../../../src/ledger/error.js'
import { createTurns } from '../../../src/ledger/file/turns.js'
import { apply, toCrashEvent } from '../../../src/payment/event.js'
import {
  FREEZE,
  isUnderOtherLimits,
  type Ledger,
  LIMITS,
  type Refusal,
  type Value,
} from '../../../src/payment/ledger.js'
import { type Draft, openPayment, type Payment } from '../../../src/payment/payment.js'
import { findOpen, toClaim } from '../../../src/payment/purchase.js'
import type { LedgerPorts } from '../../../src/testing/ledger/session.js'
import { isSameJson } from '../../../src/wire/json.js'

/** Payments, oldest first, the register, and who has what under way. */
export type Contents = {
  readonly rows: Payment[]
  readonly register: Map<string, Value>
  readonly holders: Map<string, object>
}

/** What is stored, and whose turn it is to change it. */
export type Table = { contents: Contents; readonly takeTurn: ReturnType<typeof createTurns> }

/** What a table ledger is put together from; a test breaks it by replacing one of them. */
export type Parts = {
  guarantee: Ledger['guarantee']
  /** Decides on a copy of the contents, which replaces them. */
  transact<T>(table: Table, decide: (contents: Contents) => T): Promise<T>
  read(table: Table): Contents
  tellTime: typeof tellTime
  createId(ports: LedgerPorts, rows: readonly Payment[]): string
  /** In which order `reserve` asks what could refuse. */
  order: readonly Refusal['by'][]
  findFrozen(register: ReadonlyMap<string, Value>): Value | undefined
  isUnderOtherLimits: typeof isUnderOtherLimits
  findOpen: typeof findOpen
  findPin(draft: Draft, rows: readonly Payment[]): string | undefined
  findFull: typeof findFull
  countAgainst: typeof countAgainst
  openPayment: typeof openPayment
  apply: typeof apply
  refuseConflict: typeof createConflict
  refuseUnknown(id: string): Payment
  toClaim: typeof toClaim
  toClaimed(payment: Payment): Payment
  isListed: typeof isListed
  toListed(payments: readonly Payment[], after: string | undefined): readonly Payment[]
  toName(kind: string, key: string): string
  isExpected(found: Value | undefined, expected: Value | undefined): boolean
  copyValue(value: Value | undefined): Value | undefined
  toCrashEvent: typeof toCrashEvent
  /** The payments that a crash of one handle touches. */
  isHeld(payment: Payment, holder: object | undefined, self: object): boolean
}

export function copyContents({ rows, register, holders }: Contents): Contents {
  return { rows: [...rows], register: new Map(register), holders: new Map(holders) }
}

/** The parts of a ledger that holds its contract. */
export const soundParts: Parts = {
  guarantee: 'fleet',
  transact: (table, decide) =>
    table.takeTurn(async () => {
      const contents = copyContents(table.contents)
      const result = decide(contents)
      await undefined // as it takes a database a while
      table.contents = contents
      return result
    }),
  read: ({ contents }) => contents,
  tellTime,
  createId: ({ random }) => random(8).join('.'),
  order: ['frozen', 'limits', 'open', 'pin', 'cap'],
  findFrozen: (register) => register.get(toName(FREEZE.kind, FREEZE.key)),
  isUnderOtherLimits,
  findOpen,
  findPin({ call, terms, isPinned }, rows) {
    const toNamespace = (network: string) => network.split(':')[0]
    const first = rows.find(
      (row) =>
        row.state !== 'released' &&
        (row.state === 'settled' ||
          !['lost', 'answered'].includes(row.delivery) ||
          !row.call.tags.some((tag) => /^(client|name)\//.test(tag) && !tag.includes('?'))) &&
        row.call.origin === call.origin &&
        toNamespace(row.terms.network) === toNamespace(terms.network),
    )?.terms.payTo
    const isOther = first !== undefined && first.toLowerCase() !== terms.payTo.toLowerCase()
    return isPinned && call.origin !== '' && isOther ? first : undefined
  },
  findFull,
  countAgainst,
  openPayment,
  apply,
  refuseConflict: createConflict,
  refuseUnknown(id) {
    throw createUnknownPayment(id)
  },
  toClaim,
  toClaimed: (payment) => payment,
  isListed,
  toListed(payments, after) {
    const newest = payments.toReversed()
    return newest.slice(newest.findIndex(({ id }) => id === after) + 1).map((payment) => structuredClone(payment))
  },
  toName,
  isExpected: isSameJson,
  copyValue: structuredClone,
  toCrashEvent,
  isHeld: (_, holder, self) => holder === self,
}

function toName(kind: string, key: string): string {
  return JSON.stringify([kind, key])
}

/** A ledger on a table that others may share, as databases are shared. */
export type TableLedger = Ledger & { readonly table: Table; readonly self: object }

export function createTable(): Table {
  return { contents: { rows: [], register: new Map(), holders: new Map() }, takeTurn: createTurns() }
}

/** Creates a ledger on a table: the least that holds the contract, unless a part is broken. */
export function createTableLedger(table: Table, ports: LedgerPorts, broken: Partial<Parts> = {}): TableLedger {
  const parts = { ...soundParts, ...broken }
  const self = {}
  const clockName = toName(CLOCK.kind, CLOCK.key)
  const readTime = ({ rows, register }: Contents) =>
    parts.tellTime(register.get(clockName), ports.clock.nowSeconds(), rows)

  function refuse(by: Refusal['by'], draft: Draft, caps: Parameters<Ledger['reserve']>[1], contents: Contents) {
    const { rows, register } = contents
    switch (by) {
      case 'frozen': {
        const value = parts.findFrozen(register)
        return value === undefined ? undefined : { by, value }
      }
      case 'limits': {
        const value = register.get(toName(LIMITS.kind, LIMITS.key))
        return parts.isUnderOtherLimits(value, draft.by) ? { by, value } : undefined
      }
      case 'open': {
        const open = parts.findOpen(rows, { ...draft.call, ...draft.by })
        return open && { by, open }
      }
      case 'pin': {
        const payTo = parts.findPin(draft, rows)
        return payTo === undefined ? undefined : { by, payTo }
      }
      default: {
        const { nowSeconds, counted } = readTime(contents)
        return parts.findFull(draft, caps, (cap) => parts.countAgainst(cap, counted, nowSeconds))
      }
    }
  }

  return {
    table,
    self,
    guarantee: parts.guarantee,
    reserve: (draft, caps) =>
      parts.transact(table, (contents) => {
        const { atSeconds, value } = readTime(contents)
        if (value !== undefined) contents.register.set(clockName, value)
        for (const by of parts.order) {
          const refusal = refuse(by, draft, caps, contents)
          if (refusal !== undefined) return refusal
        }
        const { rows, holders } = contents
        const payment = parts.openPayment(draft, parts.createId(ports, rows), atSeconds)
        rows.push(payment)
        holders.set(payment.id, self)
        return payment
      }),
    note: (id, event) =>
      parts.transact(table, ({ rows, holders }) => {
        const place = rows.findIndex((row) => row.id === id)
        const payment = rows[place]
        if (payment === undefined) return parts.refuseUnknown(id)
        const after = parts.apply(payment, event)
        if ('conflict' in after) throw parts.refuseConflict(id, after)
        rows[place] = after
        if (event.type === 'sent') holders.set(id, self)
        return after
      }),
    claim: (claimant) =>
      parts.transact(table, ({ rows, holders }) => {
        const claim = parts.toClaim(rows, claimant)
        if (claim.is !== 'yours') return claim
        const { payment } = claim
        rows[rows.findIndex(({ id }) => id === payment.id)] = parts.toClaimed(payment)
        holders.set(payment.id, self)
        return claim
      }),
    async *list(filter) {
      const listed = parts.toListed(parts.read(table).rows, filter.after)
      yield* listed.filter((row) => parts.isListed(row, filter))
    },
    async spent(cap) {
      const { nowSeconds, counted } = readTime(parts.read(table))
      return parts.countAgainst(cap, counted, nowSeconds)
    },
    get: async (kind, key) => parts.copyValue(parts.read(table).register.get(parts.toName(kind, key))),
    put: (kind, key, value, expected) =>
      parts.transact(table, ({ register }) => {
        const name = parts.toName(kind, key)
        if (!parts.isExpected(register.get(name), expected)) return false
        const own = parts.copyValue(value)
        if (own === undefined) register.delete(name)
        else register.set(name, own)
        return true
      }),
  }
}

/** Takes a handle away, and opens another: what the first had under way is found by whoever comes next. */
export function crashTableLedger(
  { table, self }: TableLedger,
  ports: LedgerPorts,
  broken: Partial<Parts> = {},
): TableLedger {
  const parts = { ...soundParts, ...broken }
  const contents = copyContents(table.contents)
  for (const [place, payment] of contents.rows.entries()) {
    const isHeld = parts.isHeld(payment, contents.holders.get(payment.id), self)
    const event = isHeld ? parts.toCrashEvent(payment) : undefined
    const after = event && parts.apply(payment, event)
    if (after && !('conflict' in after)) contents.rows[place] = after
  }
  table.contents = contents
  return createTableLedger(table, ports, broken)
}
