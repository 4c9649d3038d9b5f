import { McpServer } from '@modelcontextprotocol/server'
import type { RestrictedClient } from '../../index.js'
import type { Approvals } from './approvals.js'
import type { Tracked } from './serve.js'

/** What a server is made of. */
export type PayingServerParts = {
  readonly agent: RestrictedClient
  readonly approvals: Approvals
  readonly version: string
  readonly tracked: Tracked
}

/** Makes a server. */
export function createPayingServer({ version }: PayingServerParts): McpServer {
  return new McpServer({ name: 'pay402', title: 'pay402', version }, { instructions: 'x' })
}
