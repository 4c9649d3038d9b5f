import { decodeBase58 } from '../wire/encoding.js'
import { SIGNATURE_BYTES } from '../wire/transaction.js'

/** What the ledger keeps of a transaction, so that the cluster can be asked about it after its bytes are gone. */
export type TransferNonce = {
  /** The buyer's, in base58. It is in the transaction, but isn't its name: that is the fee payer's. */
  readonly signature: string
  /** `undefined` where no cluster was asked while signing: then nothing proves the transaction dead. */
  readonly life: TransferLife | undefined
}

/** Where on a cluster a transaction can be. */
export type TransferLife = {
  /** It is in no earlier slot: this one was reached before it was signed. */
  readonly fromSlot: bigint
  /** It is in no block above this height. */
  readonly lastValidBlockHeight: bigint
}

/** Writes it as one text: `<signature>:<last valid block height>:<slot>`. */
export function writeTransferNonce({ signature, life }: TransferNonce): string {
  return life === undefined ? signature : [signature, life.lastValidBlockHeight, life.fromSlot].join(':')
}

/** Reads what {@link writeTransferNonce} wrote; `undefined` when a record holds something else. */
export function readTransferNonce(nonce: string): TransferNonce | undefined {
  const [signature = '', ...numbers] = nonce.split(':')
  if (decodeBase58(signature, SIGNATURE_BYTES) === undefined) return undefined
  if (numbers.length === 0) return { signature, life: undefined }
  if (numbers.length !== 2 || !numbers.every((number) => /^[0-9]{1,20}$/.test(number))) return undefined
  const [height = '', slot = ''] = numbers
  return { signature, life: { lastValidBlockHeight: BigInt(height), fromSlot: BigInt(slot) } }
}
