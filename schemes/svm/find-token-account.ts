import { sha256 } from '@noble/hashes/sha2.js'
import { type Address, addressBytes, toAddress } from './address.js'
import { createBoundedMap } from './create-bounded-map.js'
import { isOnCurve } from './is-on-curve.js'
import { ASSOCIATED_TOKEN_PROGRAM, type TokenProgram } from './programs.js'

/** Finding one takes a search on the curve, some milliseconds; it never changes. */
const found = /* @__PURE__ */ createBoundedMap<Address>()

/**
 * The account in which an owner holds a token, and into which it is paid.
 *
 * Source: Associated Token Account program, "Finding the Associated Token Account address": derived from owner, token program and mint.
 */
export function findTokenAccount(owner: Address, program: TokenProgram, mint: Address): Address {
  const key = `${owner}/${program}/${mint}`
  const known = found.get(key)
  if (known !== undefined) return known
  const seeds = [owner, program, mint].map(addressBytes)
  const account = deriveAddress(seeds, ASSOCIATED_TOKEN_PROGRAM)
  found.set(key, account)
  return account
}

/** Source: Solana documentation, "Program Derived Address": the first bump from 255 down that isn't on the curve. */
function deriveAddress(seeds: readonly Uint8Array[], program: Address): Address {
  const marker = new TextEncoder().encode('ProgramDerivedAddress')
  for (let bump = 255; bump >= 0; bump--) {
    const hash = sha256.create()
    for (const seed of seeds) hash.update(seed)
    const candidate = hash.update(Uint8Array.of(bump)).update(addressBytes(program)).update(marker).digest()
    if (!isOnCurve(candidate)) return toAddress(candidate)
  }
  // Each bump has even odds, so that all 256 fail happens for nobody.
  throw new TypeError('pay402: this account has no address')
}
