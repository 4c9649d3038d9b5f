import { z } from 'zod'

const Purchase = z.object({ key: z.string(), method: z.enum(['GET', 'POST']) })
const Hex = z.templateLiteral(['0x', z.string().regex(/^[0-9a-f]+$/)])

/** What one run of the buyer is to do. */
export const Plan = z.object({
  ledger: z.string(),
  seller: z.string(),
  privateKey: Hex,
  purchases: z.array(Purchase),
  /** Which run on this ledger it is; the seller is told. */
  run: z.number(),
  /** Where the run kills itself: the moment's number or its name. */
  killAt: z.union([z.number(), z.string()]).optional(),
  /** Buys also what the ledger says was delivered. */
  buysAnew: z.boolean(),
})
export type Plan = z.infer<typeof Plan>
export type Purchase = z.infer<typeof Purchase>

const Outcome = z.object({
  purchase: z.string(),
  /** An HTTP status, the code of an error, or that the ledger says that it was delivered before. */
  outcome: z.union([z.number(), z.string()]),
  body: z.unknown(),
})
/** What came of one purchase in one run. */
export type Outcome = z.infer<typeof Outcome>

/** What a run tells, line by line. */
export const Line = z.union([z.object({ seam: z.string() }), Outcome])
