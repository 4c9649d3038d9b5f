import { networkFacts } from '../../../schemes/network-facts.js'
import { createPaymentTools } from '../../agents/index.js'
import type { RestrictedClient } from '../../index.js'
import { openAgent } from '../agent.js'
import { findConfig, toOwnPath } from '../config/found-config.js'
import type { Config } from '../config/schema.js'
import { EXIT, type Terminal } from '../terminal.js'
import { createApprovals } from './approvals.js'
import { createPayingServer } from './paying-server.js'
import { createFileSaver } from './saved-files.js'
import { serve } from './serve.js'

/**
 * How long a call may take. Most hosts give up after 60 seconds, and then a model isn't told that it may call again without paying twice. Source:
 * `DEFAULT_REQUEST_TIMEOUT_MSEC` of the MCP SDKs.
 */
const TIMEOUT_MS = 50_000

/**
 * `pay402 mcp`: serves a paying fetch over stdio until its host ends it.
 *
 * @param named - The configuration that `--config` names.
 * @param terminal - Its input and output carry MCP and nothing else.
 * @returns The exit code.
 */
export async function runMcp(named: string | undefined, terminal: Terminal): Promise<number> {
  const found = await findConfig(named, terminal)
  if ('says' in found) return tell(terminal, found.says, EXIT.usage)

  const approvals = createApprovals(() => agent)
  const opened = await openAgent(found, approvals.approve, terminal)
  if ('says' in opened) return tell(terminal, opened.says, opened.isUsage ? EXIT.usage : EXIT.failed)
  const agent: RestrictedClient = opened.agent

  const { version } = terminal
  const { path: ledgerPath } = opened.ledger
  terminal.stderr.write(
    `pay402 ${version}: an MCP server on stdin and stdout. It pays from ${opened.payers.join(' and ')}, on ${nameNetworks(found.config)}, within ${found.path}.\n`,
  )
  const { files, ...options } = found.config.tools ?? {}
  const saved = files === undefined ? {} : { files: createFileSaver(toOwnPath(files, found, terminal)) }
  const tools = createPaymentTools(agent, { timeoutMs: TIMEOUT_MS, ...options, ...saved })
  await serve(terminal, (tracked) => createPayingServer({ tools, approvals, version, tracked, ledgerPath }))
  try {
    await opened.ledger.close()
    return EXIT.done
  } catch {
    return tell(terminal, 'pay402: the ledger was closed, but not all of it could be written.\n', EXIT.failed)
  }
}

/** A mainnet by mistake is what a person must see at once. A network that isn't known may be one. */
function nameNetworks({ limits: { networks } }: Config): string {
  return networks.map((one) => `${one} (${networkFacts.isTest(one) ? 'play' : 'real'} money)`).join(' and ')
}

function tell({ stderr }: Terminal, text: string, code: number): number {
  stderr.write(text)
  return code
}
