import type { Reason } from './reason.js'

/**
 * What a ledger asks of a database engine. The engine keeps rows and running sums, and compares before it writes; what a payment is, what may
 * follow what, who may buy, and what time it is, is decided by `engine/ledger.ts`, once for all engines. It decides by what it has seen, and the engine
 * refuses where that isn't so anymore: then it decides again.
 *
 * Each method is one atomic step, and one round trip. All may be repeated with one effect. One that rejects may have been carried out; of one
 * whose deadline has passed by the engine's clock nothing may be.
 *
 * All names are marks: 16 or 32 hexadecimal digits that stand for a text of any content, made in `engine/marks.ts`. What is `text` is JSON in ASCII or
 * any other characters but control characters and halves of surrogate pairs, and the engine reads none of it.
 */
export type Store = {
  /**
   * Writes a new row, if everything is as it was seen and every cap has room. A row that is there under this id already is the reply: the step
   * was done before.
   */
  reserve(request: ReserveRequest, ask: Ask): Promise<Told<ReserveReply>>
  /** Replaces a row, if its revision is the expected one. */
  write(request: WriteRequest, ask: Ask): Promise<Told<WriteReply>>
  /** Tells the rows that are open under names of a purchase, oldest first, and a process other than this one that is gone, if any. */
  open(names: readonly string[], ask: Ask): Promise<Told<OpenReply>>
  /** Sums what counts against a cap, without a new payment. */
  sum(request: SumRequest, ask: Ask): Promise<Told<SumReply>>
  /** Reads rows. */
  rows(which: RowFilter, ask: Ask): Promise<Told<readonly Row[]>>
  /** Reads deals by their keys. */
  deals(keys: readonly string[], ask: Ask): Promise<Told<readonly DealText[]>>
  /** Reads a value of the register. */
  get(name: string, ask: Ask): Promise<Told<VersionedValue>>
  /** Writes a value of the register if its revision is the expected one, or if this very put has written it already. Durable. */
  put(request: PutRequest, ask: Ask): Promise<Told<boolean>>
  /** Says that this process lives for another `ask.leaseMs` by the engine's clock; returns the others that are gone. */
  beat(ask: Ask): Promise<Told<readonly string[]>>
  /** Takes a process off the list of those that live, if it is still gone or is this one; all its rows were written by then. */
  bury(owner: string, ask: Ask): Promise<Told<undefined>>
  /** Whether a step that rejected with this may be asked again: the connection failed, or the engine isn't ready, or it was too late. */
  isPassing(error: unknown): boolean
  /** Why a step failed, for a person. */
  explain(error: unknown): Reason
}

/** What goes along with each step. */
export type Ask = {
  /** The process: 32 hexadecimal digits. */
  readonly owner: string
  /**
   * For how long a process lives from its last beat, in milliseconds by the engine's clock, whatever `nowSeconds` says. A step that leaves a row in the name of a
   * process that isn't on the list puts it there: it may have been away for so long that it was buried.
   */
  readonly leaseMs: number
  /** Until when the engine may carry it out, in milliseconds by the engine's own clock; `undefined` while that isn't known. */
  readonly deadlineMs: number | undefined
  /** The time that windows go by, in seconds since 1970; `undefined`: the engine's clock, which is what every real ledger uses. */
  readonly nowSeconds: number | undefined
}

/** A reply, and what the engine's own clock said when it was made, in milliseconds since 1970. */
export type Told<T> = { readonly atMs: number; readonly told: T }

/** What payments of one price to one seller have in common, written once: by a digest of it. */
export type Deal = Names & DealText
export type DealText = {
  /** 32 digits. */
  readonly key: string
  readonly text: string
}

/** What sums go by, each as a mark. */
export type Names = {
  /** Each once. */
  readonly units: readonly string[]
  readonly host: string
  readonly payTo: string
  /** Each once. */
  readonly tags: readonly string[]
}

/** How a row counts: held, spent, or not at all (released). */
export type Counts = 'held' | 'spent' | 'none'

/** A payment as the engine has it. */
export type Row = {
  /** 32 digits. */
  readonly id: string
  /** How many rows were before it. */
  readonly place: number
  readonly atSeconds: number
  /** Goes up with each write, from 1. */
  readonly revision: number
  /** Who has it in flight or claimed; empty when no one has. */
  readonly owner: string
  readonly deal: string
  readonly text: string
}

/** All of a row that its writer decides. */
export type RowContent = {
  readonly id: string
  readonly deal: Deal
  /** A mark of what `resourceOf` tells. */
  readonly resource: string
  /** Of each unit of the deal, in its order: whole numbers, of any size. */
  readonly amounts: readonly string[]
  readonly counts: Counts
  readonly text: string
  /** The names of its purchase, under which it is found as long as it may stand in the way; empty when it can't anymore. */
  readonly openUnder: readonly string[]
  /** Whether the chain may still tell something of it. */
  readonly isUnresolved: boolean
  /** Whether it says who is paid at its origin: `loose` as long as that can still end. The first such row of a key decides. `payTo` is the address, escaped as in JSON. */
  readonly pin: { readonly key: string; readonly payTo: string; readonly is: 'no' | 'loose' | 'fixed' }
  readonly owner: string
}

/** What was known when a payment was judged; the engine compares. */
export type Seen = {
  /** Revisions of `freeze` and `limits` in the register, 0 for none: `0:0`. */
  readonly ruling: string
  /** `id:revision` of all rows under the names of the purchase, in the order of their places, separated by commas. */
  readonly open: string
  /** The address that the origin is pinned to, empty for none; `undefined` where that isn't asked. */
  readonly pin: string | undefined
  /** What was made of the clock; `undefined` where the register has nothing under `clock`, as it is as long as no clock was ever wrong. */
  readonly time: SeenTime | undefined
}

/**
 * The time of a step. A payment that is reserved counts from the later of the clock and of when the newest row counts from.
 *
 * Without a `count`, that may be no more than three hours ahead of the clock (`FAR_SECONDS`), or else it is `unseen`. That holds also where there
 * is no time at all: then the falls are none, and the register may have nothing under `clock`.
 */
export type SeenTime = {
  /** The revision of `clock` in the register. */
  readonly revision: number
  /** What the engine's clock said. The engine takes it for the same moment up to a minute later, or else it is `unseen`. */
  readonly nowSeconds: number
  /** How many rows there were, where that must be so still. */
  readonly count: number | undefined
  /** Of each fall, oldest first: place, fromSeconds, toSeconds, untilPlace (-1 for none). Rows count from when `countedSeconds` of `book/ledger-time.ts` says by them. */
  readonly falls: readonly (readonly [number, number, number, number])[]
  /** The register's new value under `clock`, where it changes: `reserve` writes it, whether it reserves or there is no room. */
  readonly value: string | undefined
}

/** One cap of a payment. Names are marks. */
export type CapRequest = {
  readonly unit: string
  readonly host?: string | undefined
  readonly resource?: string | undefined
  readonly payTo?: string | undefined
  readonly tag?: string | undefined
  readonly window: Window
  /** Most that may be counted, the new payment included; a whole number of any size. */
  readonly amount: string | undefined
  /** Most payments, the new one included. */
  readonly count: number | undefined
  /** What the payment adds. */
  readonly added: string
}

/**
 * How far back rows count. `seconds`: those that count from a later time than so many seconds ago. `zone`: those that count from the latest of `starts` that
 * isn't after the clock, or later; where the clock is before the first of them, or not before the last, it is `unseen`. `undefined`: all.
 *
 * Either way these are all rows from one place on, since none counts from an earlier time than the one before it.
 */
export type Window =
  | { readonly seconds: number }
  | { readonly zone: string; readonly starts: readonly number[] }
  | undefined

export type ReserveRequest = {
  readonly row: RowContent
  /** All names of the purchase: the rows under them are in `seen.open`. */
  readonly names: readonly string[]
  readonly seen: Seen
  /** Those that count the payment. */
  readonly caps: readonly CapRequest[]
}

/** Where the clock stands. */
export type TimeReply = {
  readonly nowSeconds: number
  /** How many rows there are. */
  readonly count: number
  /** When the newest row was reserved, as it is written in it; 0 before there is any. */
  readonly newestSeconds: number
  /** `clock` of the register. */
  readonly clock: VersionedValue
}

export type ReserveReply =
  | { readonly is: 'reserved'; readonly row: Row }
  /** Something is otherwise: all of it as it is now. */
  | {
      readonly is: 'unseen'
      readonly frozen: VersionedValue
      readonly limits: VersionedValue
      readonly open: readonly Row[]
      /** As it was written; empty for none, and where it wasn't asked. */
      readonly pin: string
      readonly time: TimeReply
    }
  /** The first cap without room. */
  | { readonly is: 'full'; readonly cap: number; readonly held: string; readonly spent: string }
  /** A sum that was never asked for, or not for long, is being built: repeat. */
  | { readonly is: 'building' }
  /** A process, not this one, is gone, and what it had may be in the way: said only in place of `full`, or of `unseen` with rows that are open. */
  | { readonly is: 'gone'; readonly owner: string }

export type WriteRequest = {
  readonly row: RowContent
  readonly revision: number
  /** Waits until it survives what the ledger promises to survive. */
  readonly isDurable: boolean
}

export type WriteReply =
  | { readonly is: 'written'; readonly row: Row }
  | { readonly is: 'stale'; readonly row: Row }
  | { readonly is: 'unknown' }

export type OpenReply = {
  readonly rows: readonly Row[]
  readonly gone: string | undefined
}

export type SumRequest = { readonly cap: CapRequest; readonly time: SeenTime | undefined }
export type SumReply =
  | { readonly is: 'sum'; readonly held: string; readonly spent: string; readonly count: number }
  | { readonly is: 'unseen'; readonly time: TimeReply }
  | { readonly is: 'building' }
  | { readonly is: 'gone'; readonly owner: string }

/** Rows by id; before a place, the newest first; those of them that the chain may tell of; or those that a process has, the oldest first. */
export type RowFilter =
  | { readonly ids: readonly string[] }
  | { readonly before: number | undefined; readonly limit: number; readonly unresolved?: true | undefined }
  | { readonly owner: string; readonly limit: number }

/** A value of the register, with its revision. Revision 0 is none; no other is ever given twice in a ledger, also when values are removed or lost. */
export type VersionedValue = { readonly revision: number; readonly text: string | undefined }

export type PutRequest = {
  /** `freeze`, `limits` and `clock` are those of `reserve`; any other is 32 digits. */
  readonly name: string
  readonly text: string | undefined
  readonly revision: number
  /** Of this put and its repetitions. */
  readonly token: string
}
