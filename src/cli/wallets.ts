import { privateKeyToAccount } from 'viem/accounts'
import { ExactEvmScheme, UptoEvmScheme } from '../../schemes/evm/index.js'
import { ExactSvmScheme, toClientSvmSigner } from '../../schemes/svm/index.js'
import { isX402Error, type x402Client } from '../index.js'
import type { FoundConfig } from './config/found-config.js'
import type { Outcome, Problem } from './config/problem.js'
import type { Config } from './config/schema.js'
import { readKey } from './key-source.js'
import type { Terminal } from './terminal.js'

/** An account that signs. */
export type Wallet = {
  readonly address: string
  /** Adds what it can sign to a client. */
  register(client: x402Client): void
}

/** The option of each kind of key, what makes a wallet of one, and what to say where that fails. */
const KINDS = [
  {
    option: 'key',
    open: openEvmWallet,
    isNone: 'what it leads to is not the private key of an EVM account: 64 hexadecimal digits, with or without "0x"',
  },
  {
    option: 'solanaKey',
    open: openSvmWallet,
    isNone: 'what it leads to is not a Solana key: 64 or 32 bytes in base58',
  },
] as const

/**
 * Reads the keys that a configuration leads to, and makes wallets of them.
 *
 * @param found - The configuration.
 * @param terminal - Where the command runs.
 * @returns The wallets; or what is wrong with which key, never with anything of it.
 */
export async function readWallets({ config, lineOf }: FoundConfig, terminal: Terminal): Promise<Outcome<Wallet[]>> {
  const wallets: Wallet[] = []
  const problems: Problem[] = []
  for (const { option, open, isNone } of KINDS) {
    const source = config[option]
    if (source === undefined) continue
    const at = { line: lineOf([option]), option }
    const read = await readKey(source, terminal)
    if ('problem' in read) problems.push({ ...at, text: read.problem })
    else {
      try {
        wallets.push(await open(read.key, config))
      } catch (error) {
        problems.push(toRpcProblem(error, lineOf) ?? { ...at, text: isNone })
      }
    }
  }
  return problems.length > 0 ? { problems } : { value: wallets }
}

/**
 * What is wrong with the sources of a chain. Errors of libraries may hold what they were given, a key, so nothing of them is told; one of ours names an
 * option, and never holds a source.
 */
function toRpcProblem(error: unknown, lineOf: FoundConfig['lineOf']): Problem | undefined {
  const [, text] = /^The option `rpc\S+ (.+)\.$/.exec(isX402Error(error) ? error.shortMessage : '') ?? []
  return text === undefined ? undefined : { line: lineOf(['rpc']), option: 'rpc', text }
}

function openEvmWallet(key: string, { rpc }: Config): Wallet {
  const account = privateKeyToAccount(/^0x/i.test(key) ? `0x${key.slice(2)}` : `0x${key}`)
  const options = { rpc: pick(rpc, 'eip155:') }
  const schemes = [new ExactEvmScheme(account, options), new UptoEvmScheme(account, options)]
  return {
    address: account.address,
    register(client) {
      for (const scheme of schemes) client.register('eip155:*', scheme)
    },
  }
}

async function openSvmWallet(key: string, { rpc }: Config): Promise<Wallet> {
  const signer = await toClientSvmSigner(key)
  const scheme = new ExactSvmScheme(signer, { rpc: pick(rpc, 'solana:') })
  return { address: signer.address, register: (client) => void client.register('solana:*', scheme) }
}

/** The sources of one family of chains; `undefined` where none is given, which leaves the scheme its default. */
function pick(rpc: Config['rpc'], prefix: string): Record<string, string | string[]> | undefined {
  const entries = Object.entries(rpc ?? {}).filter(([network]) => network.startsWith(prefix))
  return entries.length === 0 ? undefined : Object.fromEntries(entries)
}
