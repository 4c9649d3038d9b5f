import { createBoundedMemo } from './create-bounded-memo.js'
import { fromDigits, type Hex, toHex } from './hex.js'
import { keccak256, keccak256OfText } from './keccak256.js'

/** What an EIP-712 signature is bound to: one contract on one chain. */
export type TypedDataDomain = {
  name: string
  version: string
  chainId: number
  verifyingContract: Hex
}

/** One field of an EIP-712 struct. */
export type TypedDataField = { readonly name: string; readonly type: 'address' | 'uint256' | 'bytes32' }

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
  message: { readonly [field: string]: Hex | bigint }
}

const DOMAIN_TYPE = 'EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)'

/**
 * What doesn't change between payments isn't computed twice. Two memories, since a name is the seller's to choose: in one, it could
 * be chosen to stand in another token's place.
 */
const rememberType = /* @__PURE__ */ createBoundedMemo<Hex>()
const rememberDomain = /* @__PURE__ */ createBoundedMemo<Hex>()

/**
 * The hash that an EIP-712 signature signs.
 *
 * Knows flat structs of addresses, integers and 32-byte words, which is all that payments are made of.
 *
 * @returns 32 bytes.
 */
export function hashTypedData({ domain, types, primaryType, message }: TypedData): Hex {
  const fields = types[primaryType] ?? []
  const type = `${primaryType}(${fields.map((field) => `${field.type} ${field.name}`).join(',')})`
  const typeHash = rememberType(type, () => keccak256OfText(type))
  const struct = hashWords([typeHash, ...fields.map(({ name }) => message[name] ?? 0n)])
  return toHex(keccak256(fromDigits(`1901${hashDomain(domain).slice(2)}${struct.slice(2)}`)))
}

/** The domain separator, which a token answers to `DOMAIN_SEPARATOR()`. */
export function hashDomain({ name, version, chainId, verifyingContract }: TypedDataDomain): Hex {
  return rememberDomain(JSON.stringify([name, version, chainId, verifyingContract]), () =>
    hashWords([
      keccak256OfText(DOMAIN_TYPE),
      keccak256OfText(name),
      keccak256OfText(version),
      BigInt(chainId),
      verifyingContract,
    ]),
  )
}

/** Hashes words of 32 bytes; a shorter value stands at the end of its word. */
function hashWords(values: readonly (Hex | bigint)[]): Hex {
  const words = values.map((value) =>
    (typeof value === 'bigint' ? value.toString(16) : value.slice(2)).padStart(64, '0'),
  )
  return toHex(keccak256(fromDigits(words.join(''))))
}
