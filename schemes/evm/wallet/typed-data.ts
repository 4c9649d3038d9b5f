import { oncePerFrozen } from '../../../src/wire/frozen.js'
import { isJsonObject } from '../../../src/wire/json.js'
import { createBoundedMemo } from '../address.js'
import { fromDigits, type Hex, toHex } from '../hex.js'
import { keccak256, keccak256OfText } from '../keccak256.js'

/** What an EIP-712 signature is bound to: one contract on one chain. */
export type TypedDataDomain = {
  name: string
  /** Absent where the contract's domain has none, as that of Permit2. */
  version?: string
  chainId: number
  verifyingContract: Hex
}

/** One field of an EIP-712 struct. */
export type TypedDataField = {
  readonly name: string
  /** `address`, `uint256`, `bytes32`, or the name of another struct. */
  readonly type: string
}

/** The fields of an EIP-712 struct by name; a struct in a struct is an object. */
export type TypedDataMessage = { readonly [field: string]: Hex | bigint | TypedDataMessage }

/**
 * What a wallet is asked to sign, in the shape that viem's `signTypedData` takes: numbers are bigints, and the domain's own
 * type is left out, since wallets and viem derive it.
 *
 * Source: EIP-712.
 */
export type TypedData = {
  domain: TypedDataDomain
  types: { readonly [primaryType: string]: readonly TypedDataField[] }
  primaryType: string
  message: TypedDataMessage
}

const DOMAIN_TYPE = 'EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)'
const DOMAIN_TYPE_WITHOUT_VERSION = 'EIP712Domain(string name,uint256 chainId,address verifyingContract)'

/**
 * What doesn't change between payments isn't computed twice. Two memories, since a name is the seller's to choose: in one, it could
 * be chosen to stand in another token's place.
 */
const rememberType = /* @__PURE__ */ createBoundedMemo<Hex>()
const rememberDomain = /* @__PURE__ */ createBoundedMemo<Hex>()

/**
 * The hash that an EIP-712 signature signs.
 *
 * Knows structs of addresses, integers, 32-byte words and other structs, which is all that payments are made of.
 *
 * @returns 32 bytes.
 */
export function hashTypedData({ domain, types, primaryType, message }: TypedData): Hex {
  const struct = hashStruct(primaryType, types, message)
  return toHex(keccak256(fromDigits(`1901${hashDomain(domain).slice(2)}${struct.slice(2)}`)))
}

/** The domain separator, which a token answers to `DOMAIN_SEPARATOR()`. */
export const hashDomain: (domain: TypedDataDomain) => Hex = /* @__PURE__ */ oncePerFrozen(hashNewDomain)

function hashNewDomain({ name, version, chainId, verifyingContract }: TypedDataDomain): Hex {
  // The version's length tells where the name begins, so no two domains have one key.
  const ofVersion = version === undefined ? '-' : `${version.length}/${version}`
  const key = `${chainId}/${verifyingContract}/${ofVersion}/${name}`
  return rememberDomain(key, () =>
    hashWords([
      keccak256OfText(version === undefined ? DOMAIN_TYPE_WITHOUT_VERSION : DOMAIN_TYPE),
      keccak256OfText(name),
      ...(version === undefined ? [] : [keccak256OfText(version)]),
      BigInt(chainId),
      verifyingContract,
    ]),
  )
}

function hashStruct(name: string, types: TypedData['types'], message: TypedDataMessage): Hex {
  const words = (types[name] ?? []).map((field) => {
    const value = message[field.name] ?? 0n
    return typeof value === 'object' ? hashStruct(field.type, types, value) : value
  })
  return hashWords([hashType(name, types), ...words])
}

/** By struct, for one object of types. */
const hashesOf = /* @__PURE__ */ oncePerFrozen((_types: TypedData['types']) => new Map<string, Hex>())

function hashType(name: string, types: TypedData['types']): Hex {
  const hashes = hashesOf(types)
  const known = hashes.get(name)
  if (known !== undefined) return known
  const type = encodeType(types, name)
  const hash = rememberType(type, () => keccak256OfText(type))
  hashes.set(name, hash)
  return hash
}

/** Hashes words of 32 bytes; a shorter value stands at the end of its word. */
function hashWords(values: readonly (Hex | bigint)[]): Hex {
  const words = values.map((value) =>
    (typeof value === 'bigint' ? value.toString(16) : value.slice(2)).padStart(64, '0'),
  )
  return toHex(keccak256(fromDigits(words.join(''))))
}

/**
 * Writes a struct's type as EIP-712 encodes it: its name and fields, then those of every struct in it, sorted by name.
 *
 * @param types - Untrusted: whatever it holds, what isn't a list of fields is written as a struct without any.
 */
function encodeType(types: Readonly<Record<string, unknown>>, primaryType: string): string {
  const others = new Set<string>()
  collectStructs(types, primaryType, others)
  others.delete(primaryType)
  return [primaryType, ...[...others].sort()].map((name) => encodeStruct(types, name)).join('')
}

function collectStructs(types: Readonly<Record<string, unknown>>, name: string, found: Set<string>): void {
  if (found.has(name)) return
  found.add(name)
  for (const { type } of fieldsOf(types, name)) {
    const struct = type.replace(/\[.*$/, '')
    if (Object.hasOwn(types, struct)) collectStructs(types, struct, found)
  }
}

function encodeStruct(types: Readonly<Record<string, unknown>>, name: string): string {
  return `${name}(${fieldsOf(types, name)
    .map((field) => `${field.type} ${field.name}`)
    .join(',')})`
}

function fieldsOf(types: Readonly<Record<string, unknown>>, name: string): { type: string; name: string }[] {
  const fields: unknown = Object.hasOwn(types, name) ? types[name] : undefined
  if (!Array.isArray(fields)) return []
  return fields.map((field: unknown) => {
    const { type, name: own } = isJsonObject(field) ? field : {}
    return { type: String(type), name: String(own) }
  })
}
