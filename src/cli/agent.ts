// biome-ignore-all lint/correctness/noNodejsModules: the command line is for Node alone
import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { type Approve, isX402Error, type RestrictedClient, x402Client } from '../index.js'
import { createFileLedger, type FileLedger } from '../ledger/file/index.js'
import { type FoundConfig, toLedgerPath } from './config/found-config.js'
import { type Problem, toOptionName, writeProblems } from './config/problem.js'
import type { Config } from './config/schema.js'
import type { Terminal } from './terminal.js'
import { readWallets } from './wallets.js'

/** A client that pays within the limits of a configuration, and the ledger that remembers what it paid. */
export type OpenAgent = {
  readonly agent: RestrictedClient
  readonly ledger: FileLedger
  /** The addresses that pay, for the person who fills them. */
  readonly payers: readonly string[]
}

/** Why an agent can't be opened. */
export type Closed = {
  readonly says: string
  /** Whether the configuration is to blame. */
  readonly isUsage: boolean
}

/**
 * What the wide client allows: all. It has no number of its own, since a restricted client isn't told those of the client above it, and here both
 * have one owner. These stand in place of its defaults.
 */
const NO_LIMIT = '$1000000000'

/**
 * Opens the agent of a configuration: reads its keys, opens its ledger, and restricts a client to its limits.
 *
 * @param found - The configuration.
 * @param approve - Asked about payments above `limits.approveAbove`, where the configuration has it.
 * @param terminal - Where the command runs.
 * @returns The agent; close its ledger when it's done. Or what to tell the person who started the command.
 */
export async function openAgent(found: FoundConfig, approve: Approve, terminal: Terminal): Promise<OpenAgent | Closed> {
  const { config, path, lineOf } = found
  const blame = (problems: readonly Problem[]) => ({ says: writeProblems(path, problems), isUsage: true })
  const rules = toRules(config, approve)
  try {
    // Before any key is read: limits can be wrong in ways that only limits know.
    createWide(config).restrict(rules)
  } catch (error) {
    return blame([toProblem(error, lineOf)])
  }
  const read = await readWallets(found, terminal)
  if ('problems' in read) return blame(read.problems)

  const ledger = await openLedger(found, terminal)
  if ('says' in ledger) return ledger
  try {
    const client = createWide(config, ledger)
    for (const wallet of read.value) wallet.register(client)
    return { agent: client.restrict(rules), ledger, payers: read.value.map(({ address }) => address) }
  } catch (error) {
    await ledger.close()
    return blame([toProblem(error, lineOf)])
  }
}

function createWide({ limits: { assets } }: Config, ledger?: FileLedger): x402Client {
  return new x402Client({
    ledger,
    buyers: 'one',
    limits: { perPayment: NO_LIMIT, perDay: NO_LIMIT, ...(assets !== undefined && { assets }) },
  })
}

function toRules({ name, limits: { assets: _, ...limits } }: Config, approve: Approve) {
  // As a client's own: what isn't written has a default, since no one reads what a model buys.
  const defaults = { perPayment: '$1', perDay: '$10' }
  return { ...defaults, ...limits, name, ...(limits.approveAbove !== undefined && { approve }) }
}

/** The sentence of a mistake that the library found, without its names for where an option is. */
function toProblem(error: unknown, lineOf: FoundConfig['lineOf']): Problem {
  if (!isX402Error(error)) return { text: 'it could not be used' }
  const [, where, text] = /^The option `(?:restrict|limits)\.(\S+?)` (.+)$/.exec(error.shortMessage) ?? []
  if (where === undefined || text === undefined) return { text: error.shortMessage }
  const path = where.split(/[.[\]]+/).filter((part) => part !== '')
  const to = ['limits', ...path.map((part) => (/^\d+$/.test(part) ? Number(part) : part))]
  return { line: lineOf(to), option: toOptionName(to), text: text.replace(/\.$/, '') }
}

async function openLedger(found: FoundConfig, terminal: Terminal): Promise<FileLedger | Closed> {
  const path = toLedgerPath(found, terminal)
  const { stderr } = terminal
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    return await createFileLedger(path, { onWarning: ({ message }) => stderr.write(`pay402: ${message}\n`) })
  } catch (error) {
    return { says: `pay402: ${explainLedger(path, error, found.config)}\n`, isUsage: false }
  }
}

function explainLedger(path: string, error: unknown, { ledger }: Config): string {
  if (!isX402Error(error)) return `the folder of the ledger ${path} can't be made; name another file by "ledger".`
  const { shortMessage } = error
  switch (error.code) {
    case 'LEDGER_LOCKED': {
      const other =
        ledger === undefined
          ? '"name", which has a ledger and a budget of its own'
          : '"ledger", which is a budget of its own'
      return `${shortMessage} It is ${path}: end the other one, or give this one a configuration with another ${other}.`
    }
    case 'LEDGER_CORRUPT':
      return `${shortMessage} It is ${path}: restore a backup, or move it away. A new one counts nothing of what it held.`
    default:
      return `${shortMessage} It is ${path}; name another file by "ledger".`
  }
}
