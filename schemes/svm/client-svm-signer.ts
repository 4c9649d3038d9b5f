import { fail } from '../../src/errors/fail.js'
import { isJsonObject } from '../../src/wire/json.js'
import { toAddress } from './address.js'
import { KEY_HALVES, KEY_LENGTH, NO_ED25519 } from './errors.js'
import { readSigner, type SvmPartialSigner, type SvmSigner, type SvmTransaction } from './signer.js'
import { decodeBase58 } from './wire/encoding.js'

/**
 * Makes a signer of a secret key, with the platform's own Ed25519. A signer of @solana/kit comes back as it is.
 *
 * @example
 * ```ts
 * const seed = new Uint8Array(32).fill(0x22)
 * const signer = await toClientSvmSigner(seed)
 * signer.address //=> 'Bow1CGKGDB9mNxeWdw85E2aCthQ1oZX4oFEe7fYT17ew'
 * ```
 *
 * @param key - 32 bytes of a seed, or the 64 bytes of a Solana key file; as bytes or in base58, as wallets export it.
 * @returns A signer; wait for it where a key was given.
 * @throws {@link ConfigurationError} `INVALID_SIGNER`, never holding what was given; `INSECURE_CONTEXT` where the platform has no
 *   Ed25519.
 */
export function toClientSvmSigner(key: Uint8Array | string): Promise<SvmPartialSigner>
export function toClientSvmSigner<Signer extends SvmSigner>(signer: Signer): Signer
export function toClientSvmSigner(key: Uint8Array | string | SvmSigner): Promise<SvmPartialSigner> | SvmSigner {
  if (typeof key === 'string' || key instanceof Uint8Array) return createSigner(key)
  readSigner(key)
  return key
}

const SEED_BYTES = 32
/** A seed, then the public key. Source: Solana CLI, "File system wallets". */
const KEY_BYTES = 64

/** PKCS #8 in front of the seed. Source: RFC 8410, section 7. */
const PKCS8_PREFIX = [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20]

async function createSigner(key: Uint8Array | string): Promise<SvmPartialSigner> {
  const bytes = typeof key === 'string' ? (decodeBase58(key, KEY_BYTES) ?? decodeBase58(key, SEED_BYTES)) : key
  if (bytes === undefined || (bytes.length !== SEED_BYTES && bytes.length !== KEY_BYTES)) {
    throw fail(KEY_LENGTH)
  }
  const seed = Uint8Array.from([...PKCS8_PREFIX, ...bytes.subarray(0, SEED_BYTES)])
  const publicKey = await derivePublicKey(seed)
  if (bytes.length === KEY_BYTES && bytes.subarray(SEED_BYTES).some((byte, index) => byte !== publicKey[index])) {
    throw fail(KEY_HALVES)
  }
  const privateKey = await importKey(seed, false)
  const address = toAddress(publicKey)
  return Object.freeze({
    address,
    signTransactions: (transactions: readonly SvmTransaction[]) =>
      Promise.all(
        transactions.map(async ({ messageBytes }) => {
          const signature = await crypto.subtle.sign('Ed25519', privateKey, Uint8Array.from(messageBytes))
          return Object.freeze({ [address]: new Uint8Array(signature) })
        }),
      ),
  })
}

/** The platform tells the public key only as a JSON Web Key. Source: RFC 8037, section 2. */
async function derivePublicKey(seed: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const exported: unknown = await crypto.subtle.exportKey('jwk', await importKey(seed, true))
  const x = isJsonObject(exported) ? String(exported['x']) : ''
  return Uint8Array.from(atob(x.replaceAll('-', '+').replaceAll('_', '/')), (character) => character.charCodeAt(0))
}

async function importKey(seed: Uint8Array<ArrayBuffer>, extractable: boolean): Promise<CryptoKey> {
  try {
    return await crypto.subtle.importKey('pkcs8', seed, 'Ed25519', extractable, ['sign'])
  } catch (cause) {
    throw fail(NO_ED25519, { cause })
  }
}
