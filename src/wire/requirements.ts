import { type Amount, isAmount } from './amount.js'
import { isFrozenForGood, oncePerFrozen } from './frozen.js'
import { type Decoded, freezeParsed, isJsonObject, isTooDeep, type JsonObject, MAX_DEPTH } from './json.js'
import { isNetwork, type Network } from './network.js'
import { type Field, type Fields, readFields } from './read-fields.js'
import { readNetwork, readSchemeName, type X402Version } from './version.js'

/**
 * What one entry of `accepts` asks for, in the shape of protocol 2 whatever the seller spoke.
 *
 * Source: x402 specification v2, "PaymentRequirements".
 */
export type PaymentRequirements = {
  /** How it is paid: `exact`, `upto`, … */
  scheme: string
  /** The chain, as CAIP-2 names it. */
  network: Network
  /** Atomic units of the asset. */
  amount: Amount
  /** The token: a contract address or a mint. */
  asset: string
  /** Who is paid. */
  payTo: string
  /** How long the seller wants the authorization to live, in seconds. */
  maxTimeoutSeconds: number
  /** What else the scheme needs: an EIP-712 domain's name and version, a fee payer, … */
  extra: Record<string, unknown>
}

/**
 * One entry of `accepts` as protocol 1 writes it: the price has another name, and each entry says what it is for.
 *
 * Source: `@x402/core` 2.27.
 */
export type PaymentRequirementsV1 = Omit<PaymentRequirements, 'amount'> & {
  maxAmountRequired: string
  resource: string
  description: string
  mimeType: string
  outputSchema: Record<string, unknown>
}

/** Longest `scheme`, `asset` and `payTo` that are read, in characters; the longest known address has 64. */
const MAX_NAME_LENGTH = 128

/** Names and addresses of all chains are written so; a sentence isn't, and nothing in them is invisible. */
const name: Field<string> = {
  is: (value): value is string =>
    typeof value === 'string' && /^[\x21-\x7e]+$/.test(value) && value.length <= MAX_NAME_LENGTH,
  must: `a text of 1 to ${MAX_NAME_LENGTH} visible ASCII characters, without a space`,
}

const FIELDS: Fields<PaymentRequirements> = {
  scheme: name,
  network: { is: isNetwork, must: 'a CAIP-2 network id, or in protocol 1 a known network name' },
  amount: { is: isAmount, must: 'a positive integer below 2^256, as a string of digits' },
  asset: name,
  payTo: name,
  maxTimeoutSeconds: { is: isPositiveInteger, must: 'a positive integer' },
  extra: { is: isRecord, must: 'an object' },
}

/**
 * Reads one entry of `accepts`, strictly: every field that a payment depends on is checked, none is guessed.
 *
 * Of an entry that is frozen for good, as those of a remembered 402 are, the same requirements are given each time, frozen as well.
 *
 * @param entry - As it stands in the 402.
 * @param version - The protocol that the seller spoke.
 * @returns The requirements, or why this entry can't be paid.
 */
export function readRequirements(entry: unknown, version: X402Version): Decoded<PaymentRequirements> {
  if (!isJsonObject(entry)) return { problem: 'it is not an object' }
  return version === 1 ? readV1Entry(entry) : readV2Entry(entry)
}

const readV1Entry = /* @__PURE__ */ oncePerFrozen((entry: JsonObject) => readEntry(entry, 1))
const readV2Entry = /* @__PURE__ */ oncePerFrozen((entry: JsonObject) => readEntry(entry, 2))

function readEntry(entry: JsonObject, version: X402Version): Decoded<PaymentRequirements> {
  if (isTooDeep(entry)) return { problem: `it nests deeper than ${MAX_DEPTH} levels` }
  const amount = readEither(entry, 'amount', 'maxAmountRequired')
  if ('problem' in amount) return amount
  const asset = readEither(entry, 'asset', 'token')
  if ('problem' in asset) return asset
  const { payTo, maxTimeoutSeconds, extra } = entry
  const scheme = readSchemeName(entry['scheme'], version) ?? entry['scheme']
  const network = readNetwork(entry['network'], version) ?? entry['network']
  const read = readFields(
    {
      scheme,
      network,
      amount: amount.value,
      asset: asset.value,
      payTo: payTo ?? undefined,
      maxTimeoutSeconds: maxTimeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS,
      extra: withoutNulls(extra ?? {}),
    },
    FIELDS,
  )
  // Of another entry, `extra` is still its owner's.
  return isFrozenForGood(entry) ? freezeParsed(read) : read
}

/** How long an authorization lives where the seller doesn't say, in seconds. Source: the examples of the specification of protocol 1. */
const DEFAULT_TIMEOUT_SECONDS = 60

/** One field under either of two names; both and different is a contradiction, not a choice. */
export function readEither(entry: JsonObject, name: string, otherName: string): Decoded<unknown> {
  const [value, other] = [entry[name] ?? undefined, entry[otherName] ?? undefined]
  if (value === undefined || other === undefined) return { value: value ?? other }
  return value === other ? { value } : { problem: `${name} and ${otherName} differ` }
}

/** `null` is how sellers in other languages leave out a member of `extra`. */
export function withoutNulls(extra: unknown): unknown {
  if (!isJsonObject(extra) || !Object.values(extra).includes(null)) return extra
  return Object.fromEntries(Object.entries(extra).filter(([, value]) => value !== null))
}

/**
 * Leaves out of an entry what a seller writes for one request alone, so that entries can be compared: a blockhash is dead a minute later. Source:
 * `@x402/svm` 2.27, `dynamicExtraFields`.
 */
export function toLasting(entry: unknown): unknown {
  if (!isJsonObject(entry) || !isJsonObject(entry['extra'])) return entry
  const { recentBlockhash, lastValidBlockHeight, ...extra } = entry['extra']
  const isLasting = recentBlockhash === undefined && lastValidBlockHeight === undefined
  return isLasting ? entry : { ...entry, extra }
}

/** Whether `value` is a whole number above zero that a double holds exactly. */
export function isPositiveInteger(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) > 0
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return isJsonObject(value)
}
