import * as z from 'zod'
import type { PaymentEntry, RestrictedClient } from '../index.js'
import { isOut } from './failure.js'
import { createTool, type PaymentTool, type Purchase, type ToolParts } from './tool.js'
import { toOneLine } from './visible-text.js'

/** How many are listed, unless the model says so, and at most. */
const USUAL = 20
const MOST = 50

const schema = z.object({
  limit: z.number().nullish().describe(`How many to list, newest first: 1 to ${MOST}, ${USUAL} by default.`),
})

/** Tells what the agent itself paid for, and what became of it. */
export function createMyPurchasesTool(agent: RestrictedClient, redact: ToolParts['redact']): PaymentTool {
  return createTool({
    name: 'my_purchases',
    description:
      'Lists what you paid for, newest first, and what became of it. Costs nothing. Look here before you buy something a second time.',
    schema,
    isReadOnly: true,
    redact,
    async run(input) {
      const asked = schema.safeParse(input).data?.limit ?? USUAL
      const limit = Number.isFinite(asked) ? Math.min(MOST, Math.max(1, Math.floor(asked))) : USUAL
      const entries = await agent.payments({ limit })
      const open = entries.filter(({ money, delivery }) => isOut(money) && delivery === 'lost').length
      const what =
        entries.length === 0 ? "You haven't paid for anything yet." : `These are your last ${entries.length} payments.`
      const next =
        open === 0
          ? undefined
          : 'For those that were lost, call pay_and_fetch again with exactly the same input: the same payment is presented, so you never pay twice.'
      return { outcome: 'told', what, next, purchases: entries.map(toPurchase), more: entries.more }
    },
  })
}

function toPurchase(entry: PaymentEntry): Purchase {
  return {
    at: new Date(entry.atSeconds * 1000).toISOString(),
    resource: toOneLine(entry.resource),
    price: entry.dollars ?? entry.price,
    money: entry.money,
    delivery: entry.delivery,
    status: entry.status,
    payment: entry.id,
    sellerSays: entry.sellerSaid === undefined ? undefined : toOneLine(entry.sellerSaid),
  }
}
