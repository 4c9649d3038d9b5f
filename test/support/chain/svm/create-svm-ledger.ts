import {
  type Address,
  type Base64EncodedWireTransaction,
  getBase58Decoder,
  getBase64Encoder,
  getCompiledTransactionMessageDecoder,
  getTransactionDecoder,
  type Transaction,
} from 'kit8'
import { FailedTransactionMetadata, LiteSVM } from 'litesvm'

/** A transaction that was taken, whether or not it succeeded. */
export type LandedTransaction = {
  readonly signature: string
  readonly signatures: readonly string[]
  readonly accounts: readonly string[]
  readonly height: bigint
  /** As JSON-RPC writes it; `null` where it succeeded. */
  readonly err: unknown
}

/** Why a transaction wasn't taken at all. */
export class NotTaken extends Error {}

/** Source: Solana, `MAX_PROCESSING_AGE`. */
const BLOCKHASH_BLOCKS = 150n
/** How many blocks lie between the newest one and a final one. */
const BLOCKS_TO_FINAL = 32n
/** Slots are skipped on a real cluster, so heights and slots must not be taken for one another. */
const SLOTS_PER_BLOCK = 2n

/**
 * Creates a real SVM with blocks around it, which litesvm has none of: they pass only when a test says so, and a blockhash dies with the
 * 150th after its own.
 */
export function createSvmLedger() {
  const svm = new LiteSVM()
  const landed: LandedTransaction[] = []
  let height = 1_000n
  let blockhashHeight = height

  const isKnown = (signature: string) => landed.some((one) => one.signature === signature)
  return {
    svm,
    /** Oldest first. */
    landed: landed as readonly LandedTransaction[],
    get height() {
      return height
    },
    get finalHeight() {
      return height - BLOCKS_TO_FINAL
    },
    slotOf: (blockHeight: bigint) => blockHeight * SLOTS_PER_BLOCK,
    heightOf: (slot: bigint) => slot / SLOTS_PER_BLOCK,
    latestBlockhash: () => ({
      blockhash: svm.latestBlockhash(),
      lastValidBlockHeight: blockhashHeight + BLOCKHASH_BLOCKS,
    }),
    /** Lets blocks pass. */
    advance(blocks: bigint) {
      height += blocks
      if (height <= blockhashHeight + BLOCKHASH_BLOCKS) return
      svm.expireBlockhash()
      blockhashHeight = height
    },
    /** Runs a transaction, failed ones included, as a leader does that is sent one without preflight. */
    send(wire: string): string {
      const { transaction, signatures, accounts } = read(wire)
      const [signature = ''] = signatures
      if (isKnown(signature)) return signature
      const result = svm.sendTransaction(transaction as Parameters<LiteSVM['sendTransaction']>[0])
      const err = result instanceof FailedTransactionMetadata ? toJsonError(result) : null
      if (typeof err === 'string') throw new NotTaken(err)
      landed.push({ signature, signatures, accounts, height, err })
      return signature
    },
    /** What a transaction would come to; nobody need have signed it. */
    simulate(wire: string): { err: unknown; logs: string[]; unitsConsumed: number } {
      const { transaction } = read(wire)
      svm.withSigverify(false)
      try {
        const result = svm.simulateTransaction(transaction as Parameters<LiteSVM['simulateTransaction']>[0])
        const err = result instanceof FailedTransactionMetadata ? toJsonError(result) : null
        const meta = result.meta()
        return { err, logs: meta.logs(), unitsConsumed: Number(meta.computeUnitsConsumed()) }
      } finally {
        svm.withSigverify(true)
      }
    },
  }
}

function read(wire: string): { transaction: Transaction; signatures: string[]; accounts: readonly Address[] } {
  const transaction = getTransactionDecoder().decode(getBase64Encoder().encode(wire as Base64EncodedWireTransaction))
  const { staticAccounts } = getCompiledTransactionMessageDecoder().decode(transaction.messageBytes)
  const decoder = getBase58Decoder()
  const signatures = Object.values(transaction.signatures).map((signature) =>
    signature === null ? '' : decoder.decode(signature),
  )
  return { transaction, signatures, accounts: staticAccounts }
}

/** An object where the transaction is taken and fails, a text where it isn't taken. */
function toJsonError(failed: FailedTransactionMetadata): unknown {
  const err = failed.err()
  if (typeof err === 'object' && 'index' in err) return { InstructionError: [err.index, failed.toString()] }
  return failed.toString()
}
