import { fail } from '../../src/errors/fail.js'
import { isJsonObject } from '../../src/wire/json.js'
import { type Address, readAddress } from './address.js'
import {
  SIGNATURE_MALFORMED,
  SIGNER_ADDRESS,
  SIGNER_CANNOT_SIGN,
  SIGNER_IS_CRYPTO_KEY_PAIR,
  SIGNER_IS_KEY,
  SIGNER_IS_KEYPAIR,
  SIGNER_IS_PROMISE,
  SIGNER_NO_OBJECT,
  SIGNER_ONLY_SENDS,
} from './errors.js'
import { isSignature, SIGNATURE_BYTES } from './wire/transaction.js'

/** A transaction as @solana/kit hands it to signers: `null` where a signature is still to come. */
export type SvmTransaction = {
  readonly messageBytes: ArrayLike<number>
  readonly signatures: Readonly<Record<string, ArrayLike<number> | null>>
}

/** Signs a transaction as it is: a key pair signer of @solana/kit, or anything of your own. Its `TransactionPartialSigner`. */
export type SvmPartialSigner = {
  /** The account that pays, in base58. */
  readonly address: string
  /** For each transaction, signatures by address. */
  signTransactions(transactions: readonly SvmTransaction[]): Promise<readonly object[]>
}

/** A wallet that may add guards to a transaction before it signs. The `TransactionModifyingSigner` of @solana/kit. */
export type SvmModifyingSigner = {
  /** The account that pays, in base58. */
  readonly address: string
  /** The transactions that were signed, which may be others than those that were given. */
  modifyAndSignTransactions(transactions: readonly SvmTransaction[]): Promise<readonly SvmTransaction[]>
}

/** What can sign payments on Solana: any `TransactionSigner` of @solana/kit that doesn't send by itself. */
export type SvmSigner = SvmPartialSigner | SvmModifyingSigner

/** What is signed: a message, and what else signers of @solana/kit are told. */
export type Unsigned = {
  readonly message: Uint8Array
  readonly feePayer: Address
  readonly lifetimeConstraint: { readonly blockhash: string; readonly lastValidBlockHeight: bigint }
}

/** A signer that has been looked at. */
export type SvmPayer = {
  readonly address: Address
  /**
   * @returns The message that was signed, which a wallet may have changed, and the payer's signature.
   * @throws {@link X402Error} `SIGNATURE_MALFORMED` when the signer's answer isn't a signature, and whatever the signer throws.
   */
  sign(unsigned: Unsigned): Promise<{ readonly message: Uint8Array; readonly signature: Uint8Array }>
}

/**
 * Reads what the user gave as a signer, so that a wrong one fails where it was written and not at the first payment.
 *
 * @throws {@link ConfigurationError} `INVALID_SIGNER`. The message never holds what was given, since it may be a private key.
 */
export function readSigner(signer: unknown): SvmPayer {
  if (!isJsonObject(signer)) {
    const isKey = typeof signer === 'string' || Array.isArray(signer)
    throw fail(isKey ? SIGNER_IS_KEY : SIGNER_NO_OBJECT)
  }
  assertNoKey(signer)
  const address = readAddress(signer['address'])
  if ('problem' in address) throw fail(SIGNER_ADDRESS, { words: address })
  const ask = readSigning(signer, address.value)
  return {
    address: address.value,
    async sign({ message, feePayer, lifetimeConstraint }) {
      // A copy, so that a signer can't change what it is compared with.
      const messageBytes = message.slice()
      const signatures = Object.freeze({ [feePayer]: null, [address.value]: null })
      const { signed = message, signature } = await ask(
        Object.freeze({ messageBytes, signatures, lifetimeConstraint: Object.freeze({ ...lifetimeConstraint }) }),
      )
      if (isSignature(signature)) return { message: signed, signature }
      throw fail(SIGNATURE_MALFORMED, { words: { length: SIGNATURE_BYTES } })
    },
  }
}

/** The usual ways to hold a key without a signer. */
function assertNoKey(signer: object): void {
  if (signer instanceof Promise) throw fail(SIGNER_IS_PROMISE)
  if ('secretKey' in signer) throw fail(SIGNER_IS_KEYPAIR)
  if ('privateKey' in signer) throw fail(SIGNER_IS_CRYPTO_KEY_PAIR)
  if (signer instanceof Uint8Array) throw fail(SIGNER_IS_KEY)
}

type Answer = { readonly signed?: Uint8Array | undefined; readonly signature: Uint8Array | undefined }
type Ask = (transaction: SvmTransaction) => Promise<Answer>

/** Called on the signer itself, since it may be a class with private fields. As it is, where it can do both. */
function readSigning(signer: object, address: Address): Ask {
  const call = async (name: string, transaction: SvmTransaction): Promise<unknown> => {
    const answers: unknown = await Reflect.apply(Reflect.get(signer, name), signer, [[transaction]])
    return Array.isArray(answers) ? answers[0] : undefined
  }
  if (hasMethod(signer, 'signTransactions')) {
    return async (transaction) => ({ signature: readBytes(await call('signTransactions', transaction), address) })
  }
  if (hasMethod(signer, 'modifyAndSignTransactions')) {
    return async (transaction) => {
      const answer = await call('modifyAndSignTransactions', transaction)
      const signatures = isJsonObject(answer) ? answer['signatures'] : undefined
      // Without a message nothing is compared, so its signature counts for nothing.
      const signed = readBytes(answer, 'messageBytes') ?? new Uint8Array()
      return { signed, signature: readBytes(signatures, address) }
    }
  }
  throw fail(hasMethod(signer, 'signAndSendTransactions') ? SIGNER_ONLY_SENDS : SIGNER_CANNOT_SIGN, {})
}

function hasMethod(signer: object, name: string): boolean {
  return typeof Reflect.get(signer, name) === 'function'
}

/** A copy, which nobody else holds. */
function readBytes(owner: unknown, name: string): Uint8Array | undefined {
  const value = isJsonObject(owner) ? owner[name] : undefined
  return ArrayBuffer.isView(value)
    ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength).slice()
    : undefined
}
