import { invalidOption } from '../../src/assert-options.js'
import { isJsonObject } from '../../src/wire/json.js'

/** Where one chain is asked, as the schemes of `@x402/evm` are told. */
export type ExactEvmSchemeConfig = {
  /** The URL of a JSON-RPC. */
  rpcUrl?: string | undefined
}

/** Options of a scheme as `@x402/evm` takes them: for whatever chain, or by chain id. */
export type ExactEvmSchemeOptions = ExactEvmSchemeConfig | Readonly<Record<number, ExactEvmSchemeConfig>>

/** Such as `8453`: the keys of a table by chain id. */
const CHAIN_ID = /^[1-9][0-9]*$/

/**
 * Reads the options of `@x402/evm`, so that code written for it needs no other. All else is left as it stands, for the scheme to read.
 *
 * @returns The same options with `rpc` in their place.
 * @throws {@link ConfigurationError} `INVALID_OPTION`, never holding a URL: they hold API keys.
 */
export function readSchemeOptions<Options extends object>(options: Options | ExactEvmSchemeOptions): Options {
  const entries = isJsonObject(options) ? Object.entries(options) : []
  const official = entries.filter(([key]) => key === 'rpcUrl' || CHAIN_ID.test(key))
  if (official.length === 0) return options as Options // nothing in it is of the other kind
  if (official.length < entries.length) throw invalidOption('rpcUrl', 'alone; beside other options, write `rpc`')
  const rpc = official.map(([key, value]) => {
    if (key === 'rpcUrl') return ['eip155:*', value]
    if (isJsonObject(value)) return [`eip155:${key}`, value['rpcUrl']]
    throw invalidOption(key, 'an object with `rpcUrl`')
  })
  return { rpc: Object.fromEntries(rpc) } as Options & { rpc: unknown } // `rpc` is read as anybody's
}
