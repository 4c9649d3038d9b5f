import type { Told } from '../any-story.js'
import type { Written } from '../purchase-oracle.js'

/** One call, as the chronicle knows it. */
export type CallFacts = {
  readonly asker: number
  readonly written: Written
  /** Whether it is aborted at some time. */
  readonly isAborted: boolean
}

/** How a call ended: what it was handed, or what it was told. */
export type Ending =
  | { readonly status: number; readonly money: string | undefined }
  | { readonly code: string; readonly money: string; readonly isOurs: boolean }

/** What the ledger has at one moment, whoever is told what. */
export type Books = {
  readonly rows: readonly { readonly id: string; readonly state: string; readonly nonce: string | undefined }[]
  /** All that counts, in cents. */
  readonly cents: number
}

/** What happened, as somebody sees it who stands beside the buyers and sees no code. */
export type Happening =
  | { readonly is: 'begun' }
  /** A seller asked to be paid, at this address. */
  | { readonly is: 'asked'; readonly url: string; readonly cents: number }
  /** Of so much, as the ledger is told. */
  | { readonly is: 'reserving'; readonly cents: number }
  | { readonly is: 'reserved'; readonly id: string | undefined }
  | {
      readonly is: 'noting'
      readonly id: string
      readonly event: string
      readonly nonce: string | undefined
      readonly isRenamed: boolean
      readonly status: number | undefined
    }
  | { readonly is: 'noted'; readonly noting: number; readonly isDone: boolean }
  /** The wallet was asked to sign. */
  | {
      readonly is: 'signed'
      readonly nonce: string
      readonly cents: number
      readonly endSeconds: number
      readonly books: Books
    }
  /** A payment reached an address. */
  | { readonly is: 'sent'; readonly nonce: string; readonly url: string; readonly request: string }
  /** `isChanged` where the answer to it asks for another amount. */
  | { readonly is: 'answered'; readonly nonce: string; readonly told: Told; readonly isChanged: boolean }
  | { readonly is: 'aborted' }
  | { readonly is: 'ended'; readonly ending: Ending }
  /** Somebody turned the buyers' clock. */
  | { readonly is: 'turned' }

/** One happening: when it was by the buyers' clock, and how far the clock's hands had come forward in all. */
export type Entry = Happening & {
  /** `-1` where it is no call's. */
  readonly call: number
  readonly nowSeconds: number
  readonly handSeconds: number
}

/** All that happened in a story, in order. */
export type Chronicle = {
  readonly calls: readonly CallFacts[]
  readonly entries: readonly Entry[]
  /** The ledger when all was over. */
  readonly books: Books
  /** What the client says is left of its total, in cents. */
  readonly leftCents: number
}
