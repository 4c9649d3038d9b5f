import { fail } from '../../../src/errors/fail.js'
import type { X402Error } from '../../../src/errors/x402-error.js'
import { type Decoded, isJsonObject } from '../../../src/wire/json.js'
import type { Network } from '../../../src/wire/network.js'
import { type PaymentRequirements, withoutNulls } from '../../../src/wire/requirements.js'
import { type Address, findTokenAccount, readAddress } from '../address.js'
import type { AssetLookup } from '../assets/asset-lookup.js'
import type { BuiltInAsset, KnownAsset } from '../assets/known-assets.js'
import { readCluster } from '../cluster/clusters.js'
import { TERMS_REFUSED } from '../errors.js'
import { TOKEN_PROGRAMS } from '../programs.js'
import { decodeBase58 } from '../wire/encoding.js'
import { MAX_MEMO_BYTES } from '../wire/instruction.js'

/** Terms that may be signed as they are, as far as they can be judged without asking a cluster. */
export type Terms = {
  readonly network: Network
  readonly cluster: string
  readonly mint: Address
  readonly payTo: Address
  readonly amount: bigint
  /** Signs first, and pays what the transaction costs. */
  readonly feePayer: Address
  /** What the seller wants written, in bytes. */
  readonly memo: Uint8Array | undefined
  /** What the seller offers, so that nobody has to be asked for one. */
  readonly blockhash: string | undefined
  readonly known: KnownAsset | BuiltInAsset | undefined
}

/** Source: SPL Token program, `TransferChecked`: the amount is a u64. */
const MAX_AMOUNT = 2n ** 64n - 1n

/**
 * Reads requirements as terms of a transfer. The one judgement, whether it is asked before anything is reserved or while signing: the
 * official client signs without asking first.
 *
 * @param requirements - The seller's; nothing in it is trusted.
 * @param payer - The buyer's account, which never pays itself.
 * @param assets - The tokens that are known to be dollars.
 * @returns The terms, or why they can't be signed.
 */
export function readTerms(requirements: PaymentRequirements, payer: Address, assets: AssetLookup): Decoded<Terms> {
  const { scheme, network } = requirements
  const given = withoutNulls(requirements.extra)
  const extra = isJsonObject(given) ? given : {}
  if (scheme !== 'exact') return { problem: 'its scheme is not exact' }
  const cluster = readCluster(network)
  if (cluster === undefined) return { problem: 'network is not solana with the start of a genesis hash' }
  const mint = readMintAddress(requirements.asset, network, assets)
  if ('problem' in mint) return mint
  const payTo = readPayTo(requirements.payTo, mint.value, payer)
  if ('problem' in payTo) return payTo
  const amount = readAmount(requirements.amount)
  if (amount === undefined) return { problem: 'amount is not a positive integer below 2^64' }
  const feePayer = readFeePayer(extra['feePayer'], { payer, payTo: payTo.value, mint: mint.value })
  if ('problem' in feePayer) return feePayer
  const memo = readSellerMemo(extra['memo'])
  if ('problem' in memo) return memo
  const { paymentFlow, recentBlockhash } = extra
  // Which of them is paid is the client's to say; in either the same is signed.
  if (paymentFlow !== undefined && paymentFlow !== 'authorization' && paymentFlow !== 'upfront') {
    return { problem: 'extra.paymentFlow is neither authorization nor upfront' }
  }
  return {
    value: {
      network,
      cluster,
      mint: mint.value,
      payTo: payTo.value,
      amount,
      feePayer: feePayer.value,
      memo: memo.value,
      blockhash: readBlockhash(recentBlockhash),
      known: assets.find(network, mint.value),
    },
  }
}

function readMintAddress(value: unknown, network: Network, assets: AssetLookup): Decoded<Address> {
  const mint = readAddress(value)
  if ('problem' in mint) return { problem: `asset ${mint.problem}` }
  return assets.isOfAnotherCluster(network, mint.value) ? { problem: 'asset is a mint of another cluster' } : mint
}

function readPayTo(value: unknown, mint: Address, payer: Address): Decoded<Address> {
  const payTo = readAddress(value)
  if ('problem' in payTo) return { problem: `payTo ${payTo.problem}` }
  if (payTo.value === mint) return { problem: 'payTo is the token itself, where money is lost' }
  if (payTo.value === payer) return { problem: 'payTo is the buyer' }
  return payTo
}

/** The requirements may come from elsewhere than our reader. */
function readAmount(value: unknown): bigint | undefined {
  if (typeof value !== 'string' || !/^[1-9][0-9]{0,19}$/.test(value)) return undefined
  const amount = BigInt(value)
  return amount <= MAX_AMOUNT ? amount : undefined
}

/**
 * Whoever pays the fee signs first, and could be made to sign more than that. So the buyer never is, and neither is an account that the
 * transfer touches.
 */
function readFeePayer(value: unknown, transfer: { payer: Address; payTo: Address; mint: Address }): Decoded<Address> {
  if (value === undefined) return { problem: 'extra.feePayer is missing' }
  const feePayer = readAddress(value)
  if ('problem' in feePayer) return { problem: `extra.feePayer ${feePayer.problem}` }
  const { payer, payTo, mint } = transfer
  if (feePayer.value === payer) return { problem: 'extra.feePayer is the buyer' }
  const accounts = [payer, payTo].flatMap((owner) =>
    TOKEN_PROGRAMS.map((program) => findTokenAccount(owner, program, mint)),
  )
  return [mint, ...accounts].includes(feePayer.value)
    ? { problem: 'extra.feePayer is an account of the transfer' }
    : feePayer
}

/** An empty memo is none, as the official facilitator reads it. */
function readSellerMemo(value: unknown): Decoded<Uint8Array | undefined> {
  if (value === undefined || value === null || value === '') return { value: undefined }
  if (typeof value !== 'string' || !isWellFormed(value)) return { problem: 'extra.memo is not a text' }
  // Before it is encoded, since no text has fewer bytes than characters.
  if (value.length > MAX_MEMO_BYTES) return tooLong
  const bytes = new TextEncoder().encode(value)
  return bytes.length > MAX_MEMO_BYTES ? tooLong : { value: bytes }
}

const tooLong = { problem: `extra.memo is longer than ${MAX_MEMO_BYTES} bytes` }

/** Half of a character pair would be encoded as another character, and the seller would look for its own in vain. */
function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text)
}

/** What isn't one is not used: then a cluster is asked, as without. */
function readBlockhash(value: unknown): string | undefined {
  return typeof value === 'string' && decodeBase58(value, 32) !== undefined ? value : undefined
}

/** The error of terms that aren't signed. */
export function refused(problem: string): X402Error {
  return fail(TERMS_REFUSED, { words: { problem } })
}
