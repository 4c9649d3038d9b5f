import { createMcpHandler } from '@modelcontextprotocol/server'
import { serveStdio as serve } from '@modelcontextprotocol/server/stdio'
import { openServer2 } from './open-server-2.js'
import type { Shop } from './open-shop.js'
import type { ServerPlan } from './plan.js'

/** Serves with SDK 2 to whoever started this process, in the revision that they speak. */
export async function serveStdio(plan: ServerPlan, shop: Shop): Promise<void> {
  serve(() => openServer2(plan, shop))
}

/** Answers with SDK 2, in the revision that each request speaks. */
export async function serveHttp(plan: ServerPlan, shop: Shop): Promise<(request: Request) => Promise<Response>> {
  return createMcpHandler(() => openServer2(plan, shop)).fetch
}
