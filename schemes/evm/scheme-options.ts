import { assertOptions, invalidOption } from '../../src/errors/options.js'
import type { ReceiptVerdict } from '../../src/payment/scheme.js'
import { isJsonObject } from '../../src/wire/json.js'
import type { Network } from '../../src/wire/network.js'
import { type AssetLookup, createAssetLookup, createSymbolLookup, type SymbolLookup } from './assets/asset-lookup.js'
import type { KnownAsset } from './assets/known-assets.js'
import { type RpcBook, type RpcSources, readRpcSources } from './chain/rpc-sources.js'
import { chainOf } from './wallet/client-evm-signer.js'
import { readSender, type TransactionSender } from './wallet/sender.js'
import type { VerifySignature } from './wallet/signer.js'

/**
 * Where one chain is asked, as the schemes of `@x402/evm` are told.
 *
 * @example
 * ```ts
 * import { ExactEvmScheme } from 'pay402/evm'
 *
 * new ExactEvmScheme(account, { rpcUrl: 'https://mainnet.base.org' })
 * ```
 */
export type ExactEvmSchemeConfig = {
  /** The URL of a JSON-RPC. @default the client that `toClientEvmSigner` was given, otherwise no chain is asked */
  rpcUrl?: string | undefined
}

/** The same for several chains, by chain id. */
export type ExactEvmSchemeConfigByChainId = Readonly<Record<number, ExactEvmSchemeConfig>>

/** Options of a scheme as `@x402/evm` takes them: for whatever chain, or by chain id. */
export type ExactEvmSchemeOptions = ExactEvmSchemeConfig | ExactEvmSchemeConfigByChainId

/** Such as `8453`: the keys of a table by chain id. */
const CHAIN_ID = /^[1-9][0-9]*$/

/**
 * Reads the options of `@x402/evm`, so that code written for it needs no other. All else is left as it stands, for the scheme to read.
 *
 * @returns The same options with `rpc` in their place.
 * @throws {@link ConfigurationError} `INVALID_OPTION`, never holding a URL: they hold API keys.
 */
function readSchemeOptions<Options extends object>(options: Options | ExactEvmSchemeOptions): Options {
  const entries = isJsonObject(options) ? Object.entries(options) : []
  const official = entries.filter(([key]) => key === 'rpcUrl' || CHAIN_ID.test(key))
  if (official.length === 0) return options as Options // nothing in it is of the other kind
  if (official.length < entries.length) throw invalidOption('rpcUrl', 'alone; beside other options, write `rpc`')
  const rpc = official.map(([key, value]) => {
    if (key === 'rpcUrl') return ['eip155:*', value]
    if (isJsonObject(value)) return [`eip155:${key}`, value['rpcUrl']]
    throw invalidOption(key, 'an object with `rpcUrl`')
  })
  // One that is `undefined` is left out, as `{}` leaves it out; `rpc` is read as anybody's.
  const named = rpc.filter(([, value]) => value !== undefined)
  return { rpc: named.length === 0 ? undefined : Object.fromEntries(named) } as Options & { rpc: unknown }
}

/** What every scheme on EVM chains can be told. */
export type EvmSchemeOptions = {
  /**
   * Who hashes the typed data. `'typed-data'` calls the signer's `signTypedData`, which a wallet can show to a person and a
   * guard can inspect. `'hash'` hashes here and calls `sign({ hash })`, a third faster, past every guard around `signTypedData`.
   *
   * @default 'typed-data'
   */
  signing?: 'typed-data' | 'hash' | undefined
  /**
   * Further tokens that are worth a dollar, so that dollar limits can price them. A wrong entry misprices payments: an asset
   * worth more than a dollar passes limits that were meant to stop it.
   *
   * @default only the built-in ones
   */
  assets?: readonly KnownAsset[] | undefined
  /**
   * Whom to ask about each chain: the URL of its JSON-RPC, or an object with EIP-1193's `request`, such as a viem `PublicClient`. Without
   * it, balances are unknown, a payment in doubt stays so, and no allowance is signed. Give several where much is at stake: a single
   * source that lies about an authorization makes you sign it again.
   *
   * @default the client that `toClientEvmSigner` was given, else none
   * @example `{ 'eip155:8453': ['https://mainnet.base.org', publicClient], 'eip155:*': 'https://rpc.example.com' }`
   */
  rpc?: RpcSources | undefined
  /**
   * Sends the transaction of `cancel` and pays its gas: a viem `WalletClient`. A payment by EIP-3009 may be canceled through any account,
   * one through Permit2 only through the payer's own.
   *
   * @default the signer, when it is a wallet client
   */
  sender?: TransactionSender | undefined
  /**
   * Asked whether each signature is the payer's, before it leaves: viem's `verifyHash` for a plain account, that of a `PublicClient`
   * for a contract account. A wallet that signs with another key is found out here and not by the seller.
   *
   * @default no one is asked: that takes a library of the curve, or a question to the chain
   */
  verify?: VerifySignature | undefined
  /**
   * What may be signed alongside a payment through Permit2, where the seller pays the gas for it, `rpc` has a source, and the chain says that
   * Permit2 may not yet take what the payment needs:
   *
   * - `'exact'`: an allowance for that payment's amount and no more.
   * - `'standing'`: as `'exact'` by EIP-2612; but an `approve` transaction, which a token without EIP-2612 needs, allows without end, so
   *   that later payments need none. Whatever Permit2 takes still needs a signature of yours, but the allowance is there until you revoke it.
   * - `'never'`: nothing. Send the approval yourself, with `approvePermit2`.
   *
   * @default 'exact'
   */
  allowance?: AllowanceMode | undefined
}

/** See {@link EvmSchemeOptions.allowance}. */
export type AllowanceMode = 'exact' | 'standing' | 'never'

/** Options that were read. */
export type EvmSettings = {
  readonly signing: 'typed-data' | 'hash'
  readonly findAsset: AssetLookup
  readonly findSymbol: SymbolLookup
  readonly rpc: RpcBook
  readonly sender: TransactionSender | undefined
  readonly verify: VerifySignature | undefined
  readonly allowance: AllowanceMode
}

const MODES: readonly unknown[] = ['exact', 'standing', 'never'] satisfies AllowanceMode[]

/**
 * Reads the options of a scheme, also where they are written as `@x402/evm` takes them.
 *
 * @param where - The scheme's class, for errors.
 * @param signer - Sends transactions where the option `sender` is left out, if it can.
 * @throws {@link ConfigurationError} `INVALID_OPTION` or `UNKNOWN_OPTION`; never holding what was given.
 */
export function readEvmOptions(
  where: string,
  signer: unknown,
  options: EvmSchemeOptions | ExactEvmSchemeOptions,
): EvmSettings {
  const own = readSchemeOptions<EvmSchemeOptions>(options)
  assertOptions(own, where, ['signing', 'assets', 'rpc', 'sender', 'verify', 'allowance'])
  const { signing = 'typed-data', assets, rpc, sender, verify, allowance = 'exact' } = own
  if (signing !== 'typed-data' && signing !== 'hash') throw invalidOption('signing', "'typed-data' or 'hash'")
  if (verify !== undefined && typeof verify !== 'function') throw invalidOption('verify', 'a function')
  if (!MODES.includes(allowance)) throw invalidOption('allowance', "'exact', 'standing' or 'never'")
  return {
    signing,
    findAsset: createAssetLookup(assets),
    findSymbol: createSymbolLookup(assets),
    rpc: readRpcSources(rpc === undefined ? toRpc(chainOf(signer)) : rpc),
    sender: readSender(sender, signer),
    verify,
    allowance,
  }
}

/** Of another chain than its own it counts as a source that failed. */
function toRpc(chain: unknown): unknown {
  return chain === undefined ? undefined : { 'eip155:*': chain }
}

/** What is known of a receipt where `rpc` names nobody to ask. */
export function toUnasked(network: Network): ReceiptVerdict {
  return { verdict: 'unknown', because: `\`rpc\` has no source for ${network}` }
}
