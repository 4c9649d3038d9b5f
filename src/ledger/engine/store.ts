/**
 * What a ledger asks of a database engine. The engine keeps rows and running sums, and compares before it writes; what a payment is, what may
 * follow what, who may buy, and what time it is, is decided by `engine/ledger.ts`, once for all engines. It decides by what it has seen, and the engine
 * refuses where that isn't so any more: then it decides again.
 *
 * Each method is one atomic step, and one round trip. All may be repeated with one effect.
 */
export type Store = {
  /** Writes a new row, if everything is as it was seen and every cap has room. */
  reserve(request: ReserveRequest, ask: Ask): Promise<ReserveReply>
  /** Replaces a row, if its revision is the expected one. */
  write(request: WriteRequest, ask: Ask): Promise<WriteReply>
  /** Tells the rows that are open under names of a purchase, and a process that is gone, if any. */
  open(names: readonly string[], ask: Ask): Promise<OpenReply>
  /** Sums what counts against a cap, without a new payment. */
  sum(request: SumRequest, ask: Ask): Promise<SumReply>
  /** Reads rows, and the deals of them that aren't known. */
  rows(which: RowFilter, ask: Ask): Promise<readonly Row[]>
  deals(keys: readonly string[], ask: Ask): Promise<readonly Deal[]>
  get(kind: string, key: string, ask: Ask): Promise<Held>
  /** Writes a value of the register if its revision is the expected one; `text` is JSON, `undefined` removes it. Durable. */
  put(request: PutRequest, ask: Ask): Promise<boolean>
  /** Says that this process lives, for so many milliseconds by the engine's clock; returns those that are gone. */
  beat(leaseMs: number, ask: Ask): Promise<readonly string[]>
  /** Takes a process off the list of those that live; all its rows were written by then. */
  bury(owner: string, ask: Ask): Promise<void>
  close(): Promise<void>
}

/** What goes along with each step. */
export type Ask = {
  /** The process: 32 hexadecimal digits. */
  readonly owner: string
  /** Until when the engine may carry it out, in milliseconds by the engine's own clock; `undefined` while that isn't known. */
  readonly deadlineMs: number | undefined
  /** The time that windows go by, in seconds since 1970; `undefined`: the engine's clock, which is what every real ledger uses. */
  readonly nowSeconds: number | undefined
}

/** What payments of one price to one seller have in common, written once: by a digest of it. */
export type Deal = Names & {
  readonly key: string
  /** The engine doesn't read it. */
  readonly text: string
}

/** What sums go by. */
export type Names = {
  readonly units: readonly string[]
  readonly host: string
  /** As `toAddressKey` writes it. */
  readonly payTo: string
  readonly tags: readonly string[]
}

/** How a row counts: held, spent, or not at all (released). */
export type Counts = 'held' | 'spent' | 'none'

/** A payment as the engine has it. */
export type Row = {
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
export type Written = {
  readonly id: string
  readonly deal: Deal
  /** As `resourceOf` tells it. */
  readonly resource: string
  /** Of each unit of the deal, in its order: whole numbers, of any size. */
  readonly amounts: readonly string[]
  readonly counts: Counts
  readonly text: string
  /** The names of its purchase, under which it is found as long as it may stand in the way; empty when it can't any more. */
  readonly openUnder: readonly string[]
  /** Whether the chain may still tell something of it. */
  readonly isUnresolved: boolean
  /** Whether it says who is paid at its origin: `loose` as long as that can still end. */
  readonly pin: { readonly key: string; readonly payTo: string; readonly is: 'no' | 'loose' | 'fixed' }
  readonly owner: string
}

/** What was known when a payment was judged; the engine compares. */
export type Seen = {
  /** Revisions of FREEZE and LIMITS in the register, 0 for none: `0:0`. */
  readonly ruling: string
  /** `id:revision` of all rows under the names of the purchase, in the order of their places, separated by commas. */
  readonly open: string
  /** The address that the origin is pinned to, empty for none; `undefined` where that isn't asked. */
  readonly pin: string | undefined
  /** What was made of the clock, where it isn't simply ahead of the newest row. */
  readonly time: SeenTime | undefined
}

export type SeenTime = {
  /** The revision of CLOCK in the register, and how many rows there were. */
  readonly revision: number
  readonly count: number
  /** What the engine's clock said. The engine takes it for the same moment up to two seconds later. */
  readonly nowSeconds: number
  /** When a row counts from that is reserved now. */
  readonly atSeconds: number
  /** Of each fall: place, toSeconds, untilPlace (-1 for none), and by how much, as `countedSeconds` goes by them. */
  readonly falls: readonly (readonly [number, number, number, number])[]
  /** CLOCK's new value as JSON, where it changes; and whether sums have to be built anew by it. */
  readonly value: string | undefined
  readonly resets: boolean
}

/** One cap of a payment. */
export type CapRequest = {
  readonly unit: string
  readonly host?: string | undefined
  readonly resource?: string | undefined
  readonly payTo?: string | undefined
  readonly tag?: string | undefined
  /** Seconds, or a zone's months by when each begins, around the time that is known of the engine; `undefined` for ever. */
  readonly window:
    | { readonly seconds: number }
    | { readonly zone: string; readonly starts: readonly number[] }
    | undefined
  readonly amount: string | undefined
  readonly count: number | undefined
  /** What the payment adds. */
  readonly added: string
}

export type ReserveRequest = {
  readonly row: Written
  /** All names of the purchase: the rows under them are in `seen.open`. */
  readonly names: readonly string[]
  readonly seen: Seen
  readonly caps: readonly CapRequest[]
}

/** Where the clock stands. */
export type TimeReply = {
  readonly nowSeconds: number
  readonly count: number
  /** When the newest row was reserved, as it is written in it. */
  readonly newestSeconds: number
  readonly clock: Held
}

export type ReserveReply =
  | { readonly is: 'reserved'; readonly row: Row }
  /** Something is otherwise: all of it as it is now. */
  | {
      readonly is: 'unseen'
      readonly frozen: Held
      readonly limits: Held
      readonly open: readonly Row[]
      readonly pin: string
      readonly time: TimeReply
    }
  /** The first cap without room. */
  | { readonly is: 'full'; readonly cap: number; readonly held: string; readonly spent: string }
  /** A sum that was never asked for is being built: repeat. */
  | { readonly is: 'building' }
  | { readonly is: 'gone'; readonly owner: string }

export type WriteRequest = {
  readonly row: Written
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
  readonly nowSeconds: number
}

export type SumRequest = { readonly cap: CapRequest; readonly time: SeenTime | undefined }
export type SumReply =
  | { readonly is: 'sum'; readonly held: string; readonly spent: string; readonly count: number }
  | { readonly is: 'unseen'; readonly time: TimeReply }
  | { readonly is: 'building' }
  | { readonly is: 'gone'; readonly owner: string }

/** Rows by id; before a place, the newest first; those that the chain may tell of; or those that a process has. */
export type RowFilter =
  | { readonly ids: readonly string[] }
  | { readonly before: number | undefined; readonly limit: number; readonly unresolved?: true }
  | { readonly owner: string; readonly limit: number }

/** A value of the register, with its revision; revision 0 is none. */
export type Held = { readonly revision: number; readonly text: string | undefined }

export type PutRequest = {
  readonly kind: string
  readonly key: string
  readonly text: string | undefined
  readonly revision: number
  /** Of this write and its repetitions. */
  readonly token: string
}
