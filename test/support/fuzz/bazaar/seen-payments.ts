import { nameOf } from '../purchase-oracle.js'
import { spaceOf } from './askers.js'
import type { CallFacts, Chronicle, Entry, Happening } from './chronicle.js'
import type { Nature } from './timed-story.js'

/** Something that the ledger was told of a payment: from when it was told until it had replied. */
export type Note = {
  readonly event: string
  readonly call: number
  readonly from: number
  readonly to: number
  readonly status: number | undefined
  readonly isRenamed: boolean
}

/** A payment, as it can be seen from outside. Places are those in the chronicle. */
export type SeenPayment = CallFacts & {
  readonly id: string
  readonly call: number
  /** From when it was asked for until it was reserved. */
  readonly from: number
  readonly to: number
  /** The address that asked for it, or was paid without being asked. */
  readonly asked: string
  /** How much was reserved, in cents. */
  readonly cents: number
  /** When it was signed; `undefined` when it wasn't. */
  readonly signed: (Entry & Happening & { is: 'signed' }) | undefined
  readonly signedAt: number
  readonly notes: readonly Note[]
}

/** The names under which the rules know what a call buys. */
export type SeenNames = ReturnType<typeof nameOf>

/** A chronicle, read. */
export type Seen = Chronicle & {
  readonly nature: Nature
  readonly payments: readonly SeenPayment[]
  readonly names: readonly SeenNames[]
  /** The place at which each call began. */
  readonly begun: readonly number[]
  findByNonce(nonce: string): SeenPayment | undefined
  /** The latest that the buyers' clock said between two places. */
  latest(from: number, to: number): number
  earliest(from: number, to: number): number
}

/** Reads a chronicle, and believes nothing that the buyers say of themselves. */
export function readChronicle(chronicle: Chronicle, nature: Nature): Seen {
  const { entries, calls } = chronicle
  const rules = { buyers: nature.buyers, purchaseHeaders: [] }
  const names = calls.map(({ written, asker }) => nameOf({ ...written, space: spaceOf(asker) }, rules))
  const begun = calls.map((_, call) => entries.findIndex((entry) => entry.is === 'begun' && entry.call === call))
  const payments = listPayments(chronicle)
  const readings = (from: number, to: number) =>
    entries.slice(Math.max(0, from), to + 1).map(({ nowSeconds }) => nowSeconds)
  return {
    ...chronicle,
    nature,
    payments,
    names,
    begun,
    findByNonce: (nonce) => payments.find(({ signed }) => signed?.nonce === nonce),
    latest: (from, to) => Math.max(...readings(from, to)),
    earliest: (from, to) => Math.min(...readings(from, to)),
  }
}

function listPayments({ entries, calls }: Chronicle): readonly SeenPayment[] {
  const found: SeenPayment[] = []
  for (const [to, entry] of entries.entries()) {
    if (entry.is !== 'reserved' || entry.id === undefined) continue
    const { call, id } = entry
    const facts = calls[call]
    if (facts === undefined) continue
    const isOf = (one: Entry) => one.call === call
    const from = entries.findLastIndex((one, place) => place < to && isOf(one) && one.is === 'reserving')
    const reserving = entries[from]
    const cents = reserving?.is === 'reserving' ? reserving.cents : 0
    const asked = entries.findLast(
      (one, place): one is Entry & Happening & { is: 'asked' } => place < to && isOf(one) && one.is === 'asked',
    )
    const next = entries.findIndex((one, place) => place > to && isOf(one) && one.is === 'reserved')
    const signedAt = entries.findIndex(
      (one, place) => place > to && (next < 0 || place < next) && isOf(one) && one.is === 'signed',
    )
    const signed = entries[signedAt]
    const notes = listNotes(entries, id)
    const isSigned = signed?.is === 'signed'
    found.push({
      ...{ ...facts, id, call, cents, from, to, notes, signedAt, asked: asked?.url ?? facts.written.url },
      signed: isSigned ? signed : undefined,
    })
  }
  return found
}

function listNotes(entries: readonly Entry[], id: string): readonly Note[] {
  return entries.flatMap((entry, from): Note[] => {
    if (entry.is !== 'noting' || entry.id !== id) return []
    const { event, call, status, isRenamed } = entry
    const done = entries.findIndex((one) => one.is === 'noted' && one.noting === from)
    const replied = entries[done]
    // What the ledger refused to write down didn't happen.
    if (replied?.is === 'noted' && !replied.isDone) return []
    return [{ event, call, from, to: done < 0 ? entries.length : done, status, isRenamed }]
  })
}

const TURNS_IT: readonly string[] = ['sent', 'delivered', 'answered', 'lost', 'released', 'forgotten']

/** What was last known to have become of a payment, if nothing was told about it from one place to another. */
function lastNote({ notes }: SeenPayment, from: number, to: number): Note | undefined {
  const some = notes.filter(({ event }) => TURNS_IT.includes(event))
  if (some.some((one) => one.from < to && one.to > from)) return undefined
  return some.findLast((one) => one.to <= from)
}

/** Whether a payment that left had brought nothing, and nobody was presenting it, all the time. */
export function wasOpen(payment: SeenPayment, from: number, to: number): Note | undefined {
  if (hasBeen(payment, 'delivered', to) || hasBeen(payment, 'forgotten', to)) return undefined
  const last = lastNote(payment, from, to)
  return last?.event === 'answered' || last?.event === 'lost' ? last : undefined
}

/** Whether the ledger was told something of a payment, or is being told it. */
export function hasBeen({ notes }: SeenPayment, event: string, to: number): boolean {
  return notes.some((one) => one.event === event && one.from < to)
}

/** Whether a call that asked nobody was told by then that something else is asked for than this payment, which isn't taken, so that it may pay that. */
export function isPaidAnew({ signed }: SeenPayment, call: number, place: number, { nature, entries }: Seen): boolean {
  const own = entries.slice(0, place).filter((one) => one.call === call)
  const isRefused = (one: Entry) =>
    one.is === 'answered' && one.nonce === signed?.nonce && one.isChanged && !TAKES.includes(one.told?.receipt)
  const hasAsked = own.some(({ is }) => is === 'asked')
  return nature.prepay === 'pay-new' && signed !== undefined && !hasAsked && own.some(isRefused)
}

/** Receipts that say that a payment was taken, or may be any moment. */
const TAKES: readonly unknown[] = ['good', 'pending']

/** The names of a payment: after a 401 they are those of the credential that it is presented with. */
export function namesAt({ call, notes }: SeenPayment, { names }: Seen, place: number): SeenNames {
  const renamed = notes.findLast(({ isRenamed, from }) => isRenamed && from < place)
  const found = names[renamed?.call ?? call]
  if (found === undefined) throw new Error(`call ${call} never began`)
  return found
}
