import {
  DEFAULT_ASSETS,
  findDefaultAsset,
  PERMIT2_ADDRESS,
  x402ExactPermit2ProxyAddress,
  x402UptoPermit2ProxyAddress,
} from '@x402/evm'
import { EVM_NETWORK_CHAIN_ID_MAP } from '@x402/evm/v1'
import { getAddress } from 'viem'

/** What a wallet has to be asked for one offer; the nonce is anything of 32 bytes. */
export type ExpectedTypedData = {
  domain: { name: string; version?: string; chainId: number; verifyingContract: string }
  /** Names of the structs, the one that is signed first. */
  structs: readonly string[]
  message: object
}

/** The most that the default limits let one payment cost, in atomic units of a dollar with six decimals. */
const MOST = 1_000_000n
/** The ceiling of `MAX_VALIDITY_SECONDS`. */
const LONGEST_SECONDS = 600
/** What a payment lives where the seller doesn't say. */
const UNTOLD_SECONDS = 60
/** Bytes of JSON: what is longer leaves no room for the payment in a header of 8 KiB. */
const LONGEST_ENTRY = 4096
/** Levels of nesting; what nests deeper is refused. */
const DEEPEST = 32

/**
 * Says whether an offer is one that a buyer with the default limits may sign, and what exactly. Written from the protocol and the
 * decisions, with the official packages' own tables, and with nothing of `src` or `schemes`.
 *
 * @param bounds - `most`: the most that one payment may cost, in millionths of a dollar. `longest`: for how long it may be valid at most, in seconds.
 * @returns What to sign; `undefined` when nothing may be signed.
 */
export function judge(
  entry: unknown,
  version: unknown,
  payer: string,
  nowSeconds: number,
  { most = MOST, longest = LONGEST_SECONDS }: { readonly most?: bigint; readonly longest?: number | undefined } = {},
): ExpectedTypedData | undefined {
  if (!isPlainObject(entry) || !isSmall(entry)) return undefined
  const chainId = readChainId(entry['network'], version)
  const asset = readAsset(entry, chainId)
  const to = readAddress(entry['payTo'])
  const value = readAmount(entry)
  const seconds = readSeconds(entry['maxTimeoutSeconds'])
  if (!isExact(entry['scheme'], version) || to === asset || to === payer) return undefined
  if (chainId === undefined || asset === undefined || to === undefined) return undefined
  const known = findDefaultAsset(asset, `eip155:${chainId}`)
  const method = known && readMethod(entry['extra'] ?? {}, known, version)
  if (value === undefined || value > most * 10n ** BigInt((known?.decimals ?? 6) - 6)) return undefined
  if (known === undefined || method === undefined || seconds === undefined) return undefined
  const deadline = BigInt(nowSeconds + Math.min(seconds, longest))
  if (method === 'permit2') return throughPermit2({ chainId, asset, to, value, deadline })
  return {
    domain: { name: known.name, version: known.version, chainId, verifyingContract: asset },
    structs: ['TransferWithAuthorization'],
    message: {
      from: payer,
      to,
      value,
      validAfter: version === 1 ? BigInt(nowSeconds - 600) : 0n,
      validBefore: deadline,
    },
  }
}

type Permit2Transfer = { chainId: number; asset: string; to: string; value: bigint; deadline: bigint }

/** The same through Permit2, which passes nothing on to its own contracts. */
function throughPermit2({ chainId, asset, to, value, deadline }: Permit2Transfer): ExpectedTypedData | undefined {
  const own: readonly string[] = [PERMIT2_ADDRESS, x402ExactPermit2ProxyAddress, x402UptoPermit2ProxyAddress]
  if (own.includes(to)) return undefined
  return {
    domain: { name: 'Permit2', chainId, verifyingContract: PERMIT2_ADDRESS },
    structs: ['PermitWitnessTransferFrom', 'TokenPermissions', 'Witness'],
    message: {
      permitted: { token: asset, amount: value },
      spender: x402ExactPermit2ProxyAddress,
      deadline,
      witness: { to, validAfter: 0n },
    },
  }
}

/** Whether an entry can be read, and sent back. */
function isSmall(entry: object): boolean {
  return depthOf(entry) <= DEEPEST && Buffer.byteLength(JSON.stringify(entry)) <= LONGEST_ENTRY
}

/** The entries of a 402 that may be looked at; none when the envelope itself is wrong. */
export function listEntries(required: unknown): { version: unknown; entries: readonly unknown[] } {
  if (!isPlainObject(required)) return { version: undefined, entries: [] }
  const { x402Version: version, accepts, resource, extensions } = required
  const isRight = (version === 1 || version === 2) && Array.isArray(accepts) && accepts.length <= 10_000
  if (!isRight || depthOf(resource) > DEEPEST || depthOf(extensions) > DEEPEST) return { version, entries: [] }
  return { version, entries: accepts }
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Level by level, so that depth costs no stack. */
function depthOf(value: unknown): number {
  let level = [value].filter((one) => typeof one === 'object' && one !== null)
  let depth = 0
  while (level.length > 0 && depth <= DEEPEST) {
    depth++
    level = level
      .flatMap((one) => Object.values(one as object))
      .filter((one) => typeof one === 'object' && one !== null)
  }
  return depth
}

/** Its first drafts called it so. */
function isExact(scheme: unknown, version: unknown): boolean {
  return scheme === 'exact' || (version === 1 && scheme === 'erc-3009')
}

/**
 * What a known asset says of itself can't be said otherwise by a seller, and protocol 1 has one way to transfer it. `null` says nothing; a
 * seller that names no way means the one that the asset has.
 */
function readMethod(
  extra: unknown,
  known: NonNullable<ReturnType<typeof findDefaultAsset>>,
  x402Version: unknown,
): 'eip3009' | 'permit2' | undefined {
  if (!isPlainObject(extra)) return undefined
  const isRight = (['name', 'version', 'decimals'] as const).every((key) => (extra[key] ?? known[key]) === known[key])
  if (!isRight || (extra['paymentFlow'] ?? 'authorization') !== 'authorization') return undefined
  const method = extra['assetTransferMethod'] ?? known.assetTransferMethod ?? 'eip3009'
  if (method === 'permit2') return x402Version === 2 ? 'permit2' : undefined
  return method === 'eip3009' && known.assetTransferMethod !== 'permit2' ? 'eip3009' : undefined
}

function readSeconds(value: unknown): number | undefined {
  const seconds = value ?? UNTOLD_SECONDS
  return typeof seconds === 'number' && Number.isSafeInteger(seconds) && seconds > 0 ? seconds : undefined
}

function readChainId(network: unknown, version: unknown): number | undefined {
  if (typeof network !== 'string') return undefined
  const names: Readonly<Record<string, number>> = EVM_NETWORK_CHAIN_ID_MAP
  if (version === 1 && Object.hasOwn(names, network)) return names[network]
  const digits = network.startsWith('eip155:') ? network.slice('eip155:'.length) : ''
  const chainId = Number(digits)
  return Number.isSafeInteger(chainId) && chainId > 0 && String(chainId) === digits ? chainId : undefined
}

/**
 * An address, under either name. Else the one asset of the chain that goes by this symbol, in any case and perhaps with `_address` behind it;
 * or the only asset of the chain, where the seller says nothing.
 */
function readAsset(entry: Record<string, unknown>, chainId: number | undefined): string | undefined {
  const [asset, token] = [entry['asset'] ?? undefined, entry['token'] ?? undefined]
  const said = asset ?? token
  if (token !== undefined && token !== said) return undefined
  if (said !== undefined && typeof said !== 'string') return undefined
  if (said?.startsWith('0x')) return readAddress(said)
  const symbol = said?.toLowerCase().replace(/_address$/, '')
  const known = DEFAULT_ASSETS[`eip155:${chainId ?? ''}`] ?? []
  const meant = known.filter((one) => symbol === undefined || one.symbol.toLowerCase() === symbol)
  return meant.length === 1 ? readAddress(meant[0]?.asset) : undefined
}

function readAddress(value: unknown): string | undefined {
  if (typeof value !== 'string' || !/^0x[0-9a-fA-F]{40}$/.test(value) || BigInt(value) === 0n) return undefined
  const digits = value.slice(2)
  const canonical = getAddress(`0x${digits.toLowerCase()}`)
  const hasNoChecksum = digits === digits.toLowerCase() || digits === digits.toUpperCase()
  return hasNoChecksum || value === canonical ? canonical : undefined
}

function readAmount({ amount, maxAmountRequired }: Record<string, unknown>): bigint | undefined {
  const text = amount ?? maxAmountRequired
  if ((maxAmountRequired ?? text) !== text) return undefined
  if (typeof text !== 'string' || text.length > 78 || !/^[0-9]+$/.test(text)) return undefined
  const value = BigInt(text)
  return value > 0n && value < 2n ** 256n && value.toString() === text ? value : undefined
}
