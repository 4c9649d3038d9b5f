import { z } from 'zod'
import type { Payment } from '../../../src/payment/payment.js'
import type { PrepayOptions } from '../../../src/prices/rules.js'

/** One thing to buy, under a key or as a request, by one of the buyer's clients. */
export type Purchase = {
  /** What the seller knows it by. */
  readonly id: string
  readonly method: 'GET' | 'POST'
  /** Its first tag, and its key if it has one. Where two purchases share it, they are told apart by the names of who buys. */
  readonly tag: string
  /** Whether the caller names a key; else the request itself is the name. */
  readonly isKeyed: boolean
  /** Other tags that it carries. */
  readonly tags: readonly string[]
  /** The lasting name of the client that buys it; `undefined` for the client that has none. */
  readonly name: string | undefined
  /** Whether its key doesn't buy again for a day, so that the caller looks nothing up. */
  readonly isRemembered: boolean
}

/** Whether a payment is for a purchase: it has its tag, and is labelled with the name that bought it and with none below. */
export function isFor({ call }: Pick<Payment, 'call'>, { tag, name }: Pick<Purchase, 'tag' | 'name'>): boolean {
  const labels = call.tags.filter((label) => label.startsWith('name/') && !label.includes('//'))
  const [longest] = labels.toSorted((one, other) => other.length - one.length)
  return call.tags.includes(tag) && longest === (name === undefined ? undefined : `name/${name}`)
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
  /** What it pays with the first request. @default it asks for each price */
  readonly prepay?: readonly PrepayOptions[] | undefined
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
