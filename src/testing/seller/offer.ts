import { listKnownAssets as listEvmAssets } from '../../../schemes/evm/assets/known-assets.js'
import { listKnownAssets as listSolanaAssets } from '../../../schemes/svm/assets/known-assets.js'
import { invalidOption } from '../../errors/options.js'
import { readMoneyText } from '../../limits/money.js'
import { isJsonObject, type JsonObject } from '../../wire/json.js'
import type { PaymentRequirements } from '../../wire/requirements.js'
import { toV1Network } from '../../wire/v1-networks.js'
import { EVM_NETWORK, sellerAccounts } from '../accounts.js'

/**
 * One offer of a seller, as far as it differs from the usual one: `exact`, in USDC on Base Sepolia, to the seller's account.
 *
 * Each field may be anything, since tests of bad terms write them here: what is given stands in the 402 as it is, and `undefined` takes a
 * field away.
 *
 * @example
 * ```ts
 * createSeller({ accepts: [{ scheme: 'upto', price: '$0.10' }, { network: 'solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1' }] })
 * ```
 */
export type Offer = { readonly [Field in keyof PaymentRequirements]?: unknown } & {
  /** What it costs, such as `'$0.01'`; for known tokens. Of any other, write `asset` and `amount`. @default the price of the route */
  readonly price?: string | undefined
  readonly [other: string]: unknown
}

/** What is known of a token that offers are made in. */
type Token = { readonly asset: string; readonly decimals: number; readonly domain: JsonObject }

/** Recent enough for a test: no cluster is asked. 32 bytes in base58. */
const BLOCKHASH = '5GGRWPfnGHEsLnDFZTX2pSsgCSB3YHJLSbsVvTGAwSrR'

/**
 * Makes the entry of `accepts` as protocol 2 writes it.
 *
 * @param price - What the route costs, for offers that say nothing else.
 * @throws {@link ConfigurationError} `INVALID_MONEY`, or `INVALID_OPTION` for a price in a token that isn't known.
 */
export function toEntry({ price: own, ...given }: Offer, price: string): JsonObject {
  const { scheme = 'exact', network = EVM_NETWORK } = given
  const token = findToken(String(network), given.asset)
  const isSolana = String(network).startsWith('solana:')
  const accounts = isSolana ? sellerAccounts.solana : sellerAccounts.evm
  const usual = {
    scheme,
    network,
    ...('amount' in given ? {} : { amount: toAtomic(own ?? price, token) }),
    asset: token?.asset,
    payTo: accounts.payTo,
    maxTimeoutSeconds: 60,
  }
  const extra = isSolana
    ? { feePayer: accounts.facilitator, recentBlockhash: BLOCKHASH }
    : { ...token?.domain, ...(scheme === 'upto' && PERMIT2), ...(scheme === 'upto' && METERED) }
  const isMerged = !('extra' in given) || isJsonObject(given.extra)
  const entry = { ...usual, ...given, ...(isMerged && { extra: { ...extra, ...new Object(given.extra) } }) }
  return Object.fromEntries(Object.entries(entry).filter(([, value]) => value !== undefined))
}

const PERMIT2 = { assetTransferMethod: 'permit2' }
const METERED = { facilitatorAddress: sellerAccounts.evm.facilitator }

/** Writes an entry as protocol 1 has it. Source: x402 specification v1, "PaymentRequirements". */
export function toV1Entry({ amount, ...entry }: JsonObject, resource: string, description: string): JsonObject {
  const network = typeof entry['network'] === 'string' ? toV1Network(entry['network']) : entry['network']
  return { maxAmountRequired: amount, ...entry, network, resource, description, mimeType: 'application/json' }
}

/** The token that an offer names by its address, else the first that is known on its network. */
function findToken(network: string, asset: unknown): Token | undefined {
  const known = [
    ...listEvmAssets().map(({ name, version, assetTransferMethod, ...token }) => ({
      ...token,
      domain: { name, version, ...(assetTransferMethod && { assetTransferMethod }) },
    })),
    ...listSolanaAssets().map((token) => ({ ...token, domain: {} })),
  ]
  const isAsked = (token: Token) => asset === undefined || token.asset.toLowerCase() === String(asset).toLowerCase()
  return known.find((token) => token.network === network && isAsked(token))
}

/** Digits behind the point of money that is written by hand, in `limits/money`. */
const MONEY_DECIMALS = 18

/** A price in atomic units of the token of an entry. */
export function toUnits(price: string, { network, asset }: JsonObject): bigint {
  return BigInt(toAtomic(price, findToken(String(network), asset)))
}

function toAtomic(price: string, token: Token | undefined): string {
  const { amount } = readMoneyText(price, 'price')
  if (token === undefined) throw invalidOption('accepts', `offers in known tokens, or with \`asset\` and \`amount\``)
  const unit = 10n ** BigInt(MONEY_DECIMALS - token.decimals)
  if (amount % unit !== 0n) throw invalidOption('price', `whole atomic units of ${token.asset}`)
  return String(amount / unit)
}
