import { z } from 'zod'

/** One thing to buy, under a key of its own or as a request of its own. */
export type Purchase = {
  readonly key: string
  readonly method: 'GET' | 'POST'
  /** The caller names no key, so that the request itself is the name. */
  readonly isUnnamed: boolean
}

/** The doors that a buyer can call through. */
export const DOORS = ['fetch', 'ky', 'axios'] as const
export type Door = (typeof DOORS)[number]

/** What one run of the buyer is to do. */
export type Plan = {
  readonly ledger: string
  readonly seller: string
  readonly privateKey: `0x${string}`
  readonly purchases: readonly Purchase[]
  /** What the buyer calls with. */
  readonly door: Door
  /** Which run on this ledger it is; the seller is told. */
  readonly run: number
  /** Where the run kills itself: the moment's number or its name; nowhere when there is none. */
  readonly killAt?: number | string | undefined
  /** The reply to the first step that writes a payment down as sent is lost on its way back. */
  readonly losesReply: boolean
  /** Buys also what the ledger says was delivered. */
  readonly buysAnew: boolean
}

const Outcome = z.object({
  purchase: z.string(),
  /** An HTTP status, the code of an error, or that the ledger says that it was delivered before. */
  outcome: z.union([z.number(), z.string()]),
  body: z.unknown().optional(),
})
/** What came of one purchase in one run. */
export type Outcome = z.infer<typeof Outcome>

/** What a run tells, line by line. */
export const Line = z.union([z.object({ seam: z.string() }), Outcome])
