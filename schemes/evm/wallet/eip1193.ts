import { fail } from '../../../src/errors/fail.js'
import { assertOptions, invalidOption } from '../../../src/errors/options.js'
import { isJsonObject } from '../../../src/wire/json.js'
import { readAddress } from '../address.js'
import {
  WALLET_ACCOUNT,
  WALLET_LACKS_CHAIN,
  WALLET_ON_OTHER_CHAIN,
  WALLET_SHOWS_NO_ACCOUNT,
  WALLET_WITHOUT_REQUEST,
} from '../errors.js'
import type { Hex } from '../hex.js'
import type { EvmAccount } from './signer.js'
import type { TypedData } from './typed-data.js'

/** All that a wallet is ever asked. Nothing here sends a transaction. */
export type WalletRequest =
  | { method: 'eth_accounts' | 'eth_requestAccounts' | 'eth_chainId' }
  | { method: 'wallet_switchEthereumChain'; params: [chain: { chainId: Hex }] }
  | { method: 'eth_signTypedData_v4'; params: [address: Hex, typedData: string] }

/** A wallet as EIP-1193 describes it: `window.ethereum`, one found by EIP-6963, or a WalletConnect provider. */
export type WalletProvider = { request(request: WalletRequest): Promise<unknown> }

/**
 * Makes an account of a wallet in a browser, or of anything else that speaks EIP-1193.
 *
 * The wallet shows its owner what it signs. Whatever it throws, a refusal among it, ends the payment before anything is sent.
 *
 * @example
 * ```ts no-run needs a browser wallet
 * import type { WalletProvider } from 'pay402/evm'
 *
 * declare const ethereum: WalletProvider // window.ethereum
 * const wallet = await fromEip1193(ethereum, { connect: true })
 * const client = new x402Client().register('eip155:*', new ExactEvmScheme(wallet))
 * ```
 *
 * @param provider - Its `request` is called on itself.
 * @param options - See {@link fromEip1193.Options}.
 * @returns An account for a scheme.
 * @throws {@link ConfigurationError} `INVALID_SIGNER` when it isn't a provider or shows no account, `INVALID_OPTION`, `UNKNOWN_OPTION`;
 *   and what the wallet throws when it is asked to connect.
 */
export async function fromEip1193(provider: WalletProvider, options: fromEip1193.Options = {}): Promise<EvmAccount> {
  assertOptions(options, 'fromEip1193', ['address', 'connect', 'otherChain'])
  const { address: given, connect = false, otherChain = 'refuse' } = options
  if (!['refuse', 'switch', 'sign'].includes(otherChain)) {
    throw invalidOption('otherChain', "'refuse', 'switch' or 'sign'")
  }
  if (typeof provider?.request !== 'function') {
    throw fail(WALLET_WITHOUT_REQUEST)
  }
  const address = await readAccount(provider, given, connect)
  return {
    address,
    async signTypedData(typedData) {
      const { chainId } = typedData.domain
      if (otherChain !== 'sign') await assertChain(provider, chainId, otherChain)
      const params: [Hex, string] = [address, toJsonTypedData(typedData)]
      // A signature of another form is told by the scheme, whatever it is.
      return String(await provider.request({ method: 'eth_signTypedData_v4', params }))
    },
  }
}

export declare namespace fromEip1193 {
  /** Options of {@link fromEip1193}. */
  type Options = {
    /** The account that pays. @default the first that the wallet shows */
    address?: string | undefined
    /**
     * Whether to ask the wallet's owner to connect it where it shows no account. Browsers want a click for that.
     *
     * @default false
     */
    connect?: boolean | undefined
    /**
     * What to do when the wallet is set to another chain than the one that is paid on: refuse the payment, have the wallet ask its owner to
     * switch, or have it sign all the same, which few wallets in browsers do.
     *
     * @default 'refuse'
     */
    otherChain?: 'refuse' | 'switch' | 'sign' | undefined
  }
}

async function readAccount(provider: WalletProvider, given: unknown, connect: boolean): Promise<Hex> {
  const shown = given === undefined ? await askAccounts(provider, connect) : given
  const address = readAddress(shown)
  if ('value' in address) return address.value
  if (shown !== undefined) throw fail(WALLET_ACCOUNT, { words: address })
  throw fail(WALLET_SHOWS_NO_ACCOUNT)
}

async function askAccounts(provider: WalletProvider, connect: boolean): Promise<unknown> {
  const [shown] = toList(await provider.request({ method: 'eth_accounts' }))
  if (shown !== undefined || !connect) return shown
  return toList(await provider.request({ method: 'eth_requestAccounts' }))[0]
}

function toList(answer: unknown): readonly unknown[] {
  return Array.isArray(answer) ? answer : []
}

async function assertChain(provider: WalletProvider, chainId: number, otherChain: 'refuse' | 'switch'): Promise<void> {
  if ((await askChain(provider)) === chainId) return
  if (otherChain === 'switch') {
    await switchTo(provider, chainId)
    if ((await askChain(provider)) === chainId) return
  }
  throw fail(WALLET_ON_OTHER_CHAIN, { words: { chain: chainId } })
}

async function switchTo(provider: WalletProvider, chainId: number): Promise<void> {
  const params: [{ chainId: Hex }] = [{ chainId: `0x${chainId.toString(16)}` }]
  try {
    await provider.request({ method: 'wallet_switchEthereumChain', params })
  } catch (cause) {
    if (!isUnknownChain(cause)) throw cause
    throw fail(WALLET_LACKS_CHAIN, { words: { chain: chainId }, cause })
  }
}

/** Source: EIP-3326, and the wallets that wrap its code. */
function isUnknownChain(error: unknown): boolean {
  if (!isJsonObject(error)) return false
  const { code, data } = error
  const original = isJsonObject(data) && isJsonObject(data['originalError']) ? data['originalError']['code'] : undefined
  return code === 4902 || original === 4902
}

async function askChain(provider: WalletProvider): Promise<number> {
  const answer = await provider.request({ method: 'eth_chainId' })
  return typeof answer === 'string' || typeof answer === 'number' ? Number(answer) : Number.NaN
}

/** The fields that a domain may have, in the order of EIP-712. */
const DOMAIN_FIELDS = [
  { name: 'name', type: 'string' },
  { name: 'version', type: 'string' },
  { name: 'chainId', type: 'uint256' },
  { name: 'verifyingContract', type: 'address' },
] as const

/**
 * Writes typed data as wallets take it over JSON: numbers in decimal strings, and the type of the domain written out, without which
 * some wallets sign a domain of no fields.
 *
 * Source: EIP-712, "eth_signTypedData".
 */
function toJsonTypedData({ domain, types, primaryType, message }: TypedData): string {
  const fields = DOMAIN_FIELDS.filter(({ name }) => domain[name] !== undefined)
  return JSON.stringify(
    { domain, types: { EIP712Domain: fields, ...types }, primaryType, message },
    (_key, value: unknown) => (typeof value === 'bigint' ? value.toString() : value),
  )
}
