// biome-ignore-all lint/correctness/noNodejsModules: the command line is for Node alone
import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { privateKeyToAccount } from 'viem/accounts'
import { ExactEvmScheme, UptoEvmScheme } from '../../schemes/evm/index.js'
import { ExactSvmScheme, toClientSvmSigner } from '../../schemes/svm/index.js'
import { type Approve, isX402Error, type RestrictedClient, x402Client } from '../index.js'
import { createFileLedger, type FileLedger } from '../ledger/file/index.js'
import { type FoundConfig, toLedgerPath } from './config/found-config.js'
import { type Problem, toOptionName, writeProblems } from './config/problem.js'
import type { Config, KeySource } from './config/schema.js'
import { readKey } from './key-source.js'
import type { Terminal } from './terminal.js'

/** A client that pays within the limits of a configuration, and the ledger that remembers what it paid. */
export type OpenAgent = { readonly agent: RestrictedClient; readonly ledger: FileLedger }

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

/** One key of a configuration, and what signs with it. */
type Wallet = { readonly option: 'key' | 'solanaKey'; register(client: x402Client, key: string): Promise<void> }

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
  const keys = await readKeys(found, terminal)
  if ('problems' in keys) return blame(keys.problems)

  const ledger = await openLedger(toLedgerPath(found, terminal))
  if ('says' in ledger) return ledger
  try {
    const client = createWide(config, ledger)
    for (const [wallet, key] of keys.keys) await wallet.register(client, key)
    return { agent: client.restrict(rules), ledger }
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

async function readKeys({ config, lineOf }: FoundConfig, terminal: Terminal) {
  const keys: [Wallet, string][] = []
  const problems: Problem[] = []
  for (const wallet of listWallets(config)) {
    const source: KeySource | undefined = config[wallet.option]
    if (source === undefined) continue
    const at = { line: lineOf([wallet.option]), option: wallet.option }
    const read = await readKey(source, terminal)
    if ('problem' in read) problems.push({ ...at, text: read.problem })
    else if (await isKey(wallet, read.key)) keys.push([wallet, read.key])
    else problems.push({ ...at, text: NOT_A_KEY[wallet.option] })
  }
  return problems.length > 0 ? { problems } : { keys }
}

const NOT_A_KEY = {
  key: 'what it leads to is no private key of an EVM account: 64 hexadecimal digits, with or without "0x"',
  solanaKey: 'what it leads to is no Solana key: 64 or 32 bytes in base58',
}

/** Whether a key can be used, tried on a client that is thrown away: errors of libraries may hold what they were given. */
async function isKey(wallet: Wallet, key: string): Promise<boolean> {
  try {
    await wallet.register(new x402Client(), key)
    return true
  } catch {
    return false
  }
}

function listWallets({ rpc }: Config): readonly Wallet[] {
  return [
    {
      option: 'key',
      async register(client, key) {
        const account = privateKeyToAccount(/^0x/i.test(key) ? `0x${key.slice(2)}` : `0x${key}`)
        const options = { rpc: pick(rpc, 'eip155:') }
        client
          .register('eip155:*', new ExactEvmScheme(account, options))
          .register('eip155:*', new UptoEvmScheme(account, options))
      },
    },
    {
      option: 'solanaKey',
      async register(client, key) {
        const options = { rpc: pick(rpc, 'solana:') }
        client.register('solana:*', new ExactSvmScheme(await toClientSvmSigner(key), options))
      },
    },
  ]
}

/** The sources of one family of chains; `undefined` where none is given, which leaves the scheme its default. */
function pick(rpc: Config['rpc'], prefix: string): Record<string, string | string[]> | undefined {
  const entries = Object.entries(rpc ?? {}).filter(([network]) => network.startsWith(prefix))
  return entries.length === 0 ? undefined : Object.fromEntries(entries)
}

async function openLedger(path: string): Promise<FileLedger | Closed> {
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    return await createFileLedger(path)
  } catch (error) {
    return { says: explainLedger(path, error), isUsage: false }
  }
}

function explainLedger(path: string, error: unknown): string {
  if (!isX402Error(error)) return `The folder of the ledger ${path} can't be made. Name another file by "ledger".\n`
  if (error.code !== 'LEDGER_LOCKED') return `${error.shortMessage} It is ${path}.\n`
  return `${error.shortMessage} It is ${path}: end the other one, or give this one a configuration with another "name", which has a ledger and a budget of its own.\n`
}
