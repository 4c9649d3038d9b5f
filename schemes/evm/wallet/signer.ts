import { fail } from '../../../src/errors/fail.js'
import { readAddress } from '../address.js'
import {
  SIGNATURE_MALFORMED,
  SIGNATURE_UNVERIFIABLE,
  SIGNATURE_UNVERIFIED,
  SIGNER_ADDRESS,
  SIGNER_CANNOT_SIGN,
  SIGNER_IS_PROVIDER,
  SIGNER_IS_STRING,
  SIGNER_NO_OBJECT,
  SIGNER_OF_ETHERS,
  SIGNER_WITHOUT_ACCOUNT,
  SIGNER_WITHOUT_ADDRESS,
  SIGNER_WITHOUT_SIGN,
} from '../errors.js'
import type { Hex } from '../hex.js'
import type { TypedData } from './typed-data.js'

/** A local account, such as viem's `privateKeyToAccount` makes, or anything of your own with an address that signs. */
export type EvmAccount = {
  /** The account that pays. */
  readonly address: string
  /** Signs EIP-712 typed data; called on the account itself, so a class may keep its key in a private field. */
  signTypedData(typedData: TypedData): Promise<string>
  /** Signs a hash as it is. Only asked for with `signing: 'hash'`. */
  readonly sign?: ((parameters: { hash: Hex }) => Promise<string>) | undefined
}

/** A viem `WalletClient` with an account, also one whose key is in a browser's wallet. */
export type EvmWalletClient = {
  readonly account: Pick<EvmAccount, 'address' | 'sign'>
  signTypedData(typedData: TypedData): Promise<string>
}

/** What can sign payments on EVM chains. */
export type EvmSigner = EvmAccount | EvmWalletClient

/** Tells whether a signature of a hash is an account's: viem's `verifyHash`, or that of a `PublicClient`, which knows contract accounts. */
export type VerifySignature = (signed: { address: Hex; hash: Hex; signature: Hex }) => boolean | Promise<boolean>

/** A signer that has been looked at: the payer's address in canonical spelling, and the one thing that it is asked. */
export type EvmWallet = {
  readonly address: Hex
  /**
   * Signs whatever it is handed. For `guardWallet` only, which compares it with what was approved.
   *
   * @throws {@link X402Error} `SIGNATURE_MALFORMED` when the signer's answer isn't a signature, `SIGNATURE_UNVERIFIED` when it isn't the
   * payer's, and whatever the signer throws.
   */
  signUnchecked(typedData: TypedData): Promise<Hex>
  /** Loads what hashes typed data, where a hash is signed or verified; `undefined` when there is nothing to load. */
  prepare?(): Promise<unknown> | undefined
}

/**
 * Reads what the user gave as a signer, so that a wrong one fails where it was written and not at the first payment.
 *
 * @param signing - Whether the signer hashes (`'typed-data'`) or we do (`'hash'`).
 * @param verify - Asked about every signature; without it nobody is.
 * @throws {@link ConfigurationError} `INVALID_SIGNER`. The message never holds what was given, since it may be a private key.
 */
export function readSigner(signer: unknown, signing: 'typed-data' | 'hash', verify?: VerifySignature): EvmWallet {
  const account = readAccount(signer)
  const ask = signing === 'hash' ? readHashSigning(account) : readTypedDataSigning(signer, account)
  const read = readAddress(Reflect.get(account, 'address'))
  if ('problem' in read) throw fail(SIGNER_ADDRESS, { words: read })
  const address = read.value
  return {
    address,
    prepare: () => (signing === 'hash' || verify !== undefined ? loadHashing() : undefined),
    async signUnchecked(typedData) {
      const answer = await ask(typedData)
      if (!isSignature(answer)) throw fail(SIGNATURE_MALFORMED)
      const signature = toTokenSignature(answer)
      if (verify !== undefined) await assertVerified(verify, { address, hash: await hash(typedData), signature })
      return signature
    },
  }
}

/** The object that has the address: the signer itself, or a wallet client's account. */
function readAccount(signer: unknown): object {
  if (typeof signer === 'string') throw fail(SIGNER_IS_STRING)
  if (!isObject(signer)) throw fail(SIGNER_NO_OBJECT)
  if ('address' in signer || !('account' in signer)) return signer
  if (isObject(signer.account)) return signer.account
  throw fail(SIGNER_WITHOUT_ACCOUNT)
}

type Ask = (typedData: TypedData) => unknown

function readTypedDataSigning(signer: unknown, account: object): Ask {
  const sign = readMethod(signer, 'signTypedData') ?? readMethod(account, 'signTypedData')
  if (sign === undefined) {
    const isProvider = readMethod(signer, 'request') !== undefined
    throw fail(isProvider ? SIGNER_IS_PROVIDER : SIGNER_CANNOT_SIGN)
  }
  if (sign.length > 1) throw fail(SIGNER_OF_ETHERS)
  if ('address' in account || readMethod(signer, 'getAddress') === undefined) return sign.call
  throw fail(SIGNER_WITHOUT_ADDRESS)
}

function readHashSigning(account: object): Ask {
  const sign = readMethod(account, 'sign')
  if (sign === undefined) throw fail(SIGNER_WITHOUT_SIGN)
  return (typedData) => {
    const hashed = hash(typedData)
    return typeof hashed === 'string' ? sign.call({ hash: hashed }) : hashed.then((known) => sign.call({ hash: known }))
  }
}

type Hashing = typeof import('./typed-data.js')

/** Most signers hash by themselves. */
let hashing: Hashing | undefined

function loadHashing(): Promise<Hashing> | undefined {
  return hashing === undefined ? load() : undefined
}

async function load(): Promise<Hashing> {
  hashing = await import('./typed-data.js')
  return hashing
}

function hash(typedData: TypedData): Hex | Promise<Hex> {
  return hashing === undefined
    ? load().then(({ hashTypedData }) => hashTypedData(typedData))
    : hashing.hashTypedData(typedData)
}

type Method = { readonly length: number; readonly call: (argument: unknown) => unknown }

/** A method that is called on its owner, since a signer may be a class with private fields. */
function readMethod(owner: unknown, name: string): Method | undefined {
  const method: unknown = isObject(owner) ? Reflect.get(owner, name) : undefined
  if (typeof method !== 'function') return undefined
  return { length: method.length, call: (argument) => Reflect.apply(method, owner, [argument]) }
}

async function assertVerified(verify: VerifySignature, signed: Parameters<VerifySignature>[0]): Promise<void> {
  try {
    if ((await verify(signed)) === true) return
  } catch (cause) {
    throw fail(SIGNATURE_UNVERIFIABLE, { cause })
  }
  throw fail(SIGNATURE_UNVERIFIED)
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

const SIGNATURE = /^0x[0-9a-fA-F]+$/

/**
 * Whether `value` can be a signature: whole bytes in hex, one at least. A plain account's has 65; that of a contract account has any
 * length, and only the contract knows what it means (EIP-1271, EIP-6492).
 */
export function isSignature(value: unknown): value is Hex {
  return typeof value === 'string' && value.length % 2 === 0 && SIGNATURE.test(value)
}

/** What a plain account signs: r, s, and the recovery id as key services and some wallets count it, 0 or 1. */
const WITH_RAW_RECOVERY_ID = /^(0x[0-9a-fA-F]{64}([0-9a-fA-F]{64}))0([01])$/

/** No signature of a plain account has an s of zero. A Safe marks a hash that was approved on the chain by one, with a last byte of 1. */
const ZERO = /^0{64}$/

/**
 * Writes a signature as tokens take it, which count the recovery id from 27. Whatever isn't exactly such a signature is a contract
 * account's own affair and stays as it is, byte for byte.
 */
function toTokenSignature(signature: Hex): Hex {
  if (signature.slice(-2, -1) !== '0') return signature // nearly all
  const [, start = '', s = '', recoveryId] = WITH_RAW_RECOVERY_ID.exec(signature) ?? []
  if (recoveryId === undefined || ZERO.test(s)) return signature
  return `0x${start.slice(2)}${recoveryId === '0' ? '1b' : '1c'}`
}
