import * as z from 'zod'
import type { RestrictedClient, Spending } from '../index.js'
import { createTool, type LeftOfLimit, type PaymentTool, type ToolParts } from './tool.js'

/** Most limits that a model is shown. */
const MOST_LIMITS = 12

/** Tells what is left of the agent's own limits. Those of its owner hold as well, and aren't shown. */
export function createBudgetTool(agent: RestrictedClient, redact: ToolParts['redact']): PaymentTool {
  return createTool({
    name: 'budget',
    description:
      'Tells what is left of your budget. Costs nothing. Other limits, which are not shown, may refuse a purchase as well.',
    schema: z.object({}),
    isReadOnly: true,
    redact,
    async run() {
      const left = await readLeft(agent)
      const what =
        left.length === 0 ? 'You have no sums to keep to; single purchases may still be refused.' : 'This is left.'
      return { outcome: 'told', what, left }
    },
  })
}

/**
 * Reads what is left of the limits of an agent.
 *
 * @param resource - Whose own limits are shown, too: a method and an address.
 */
async function readLeft(agent: RestrictedClient, resource?: string): Promise<readonly LeftOfLimit[]> {
  const limits = await agent.spending(resource === undefined ? {} : { resource })
  return limits.slice(0, MOST_LIMITS).map(toLeft)
}

/** As {@link readLeft}, for a result that is complete without it. */
export async function readLeftIfPossible(
  agent: RestrictedClient,
  resource?: string,
): Promise<readonly LeftOfLimit[] | undefined> {
  try {
    return await readLeft(agent, resource)
  } catch {
    return undefined // the ledger is out of reach; the purchase is told all the same
  }
}

function toLeft({ limit, scope, windowSeconds, resetsAtSeconds, left, allowed }: Spending): LeftOfLimit {
  const counts = [
    scope.resource === undefined ? undefined : 'this address',
    scope.host === undefined ? undefined : 'this site',
    scope.payTo === undefined ? undefined : 'this recipient',
    windowSeconds === undefined ? undefined : `the last ${writeSeconds(windowSeconds)}`,
    resetsAtSeconds === undefined ? undefined : `this month, until ${new Date(resetsAtSeconds * 1000).toISOString()}`,
  ].filter((one) => one !== undefined)
  return {
    limit: limit.replace(/^restrict\./, ''),
    left,
    of: allowed,
    ...(counts.length > 0 && { counts: counts.join(', ') }),
  }
}

function writeSeconds(seconds: number): string {
  const [size, unit] = [
    [86_400, 'days'],
    [3600, 'hours'],
    [60, 'minutes'],
  ].find(([one]) => seconds > Number(one) && seconds % Number(one) === 0) ?? [1, 'seconds']
  return `${seconds / Number(size)} ${unit}`
}
