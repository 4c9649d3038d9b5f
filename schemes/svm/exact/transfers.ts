import { bytesToHex } from '@noble/hashes/utils.js'
import { fail } from '../../../src/errors/fail.js'
import type { Clock } from '../../../src/payment/clock.js'
import type { RandomBytes } from '../../../src/payment/random.js'
import type { SvmCluster } from '../cluster/cluster.js'
import { TRANSACTION_CHANGED } from '../errors.js'
import type { SvmPayer } from '../signer.js'
import { encodeBase58 } from '../wire/encoding.js'
import { encodeTransaction, SIGNATURE_BYTES } from '../wire/transaction.js'
import { createLifetimes } from './lifetimes.js'
import { createRouteBook } from './routes.js'
import type { Terms } from './terms.js'
import { readTransferMessage, type Transfer, writeTransferMessage } from './transfer-message.js'
import type { TransferLife } from './transfer-nonce.js'
import { createUnitLimits, drawBytes, unitLimitFor } from './unit-limits.js'

/** A payment that was signed. */
export type SignedTransfer = {
  /** The transaction, in base64; the fee payer's signature is still to come. */
  readonly transaction: string
  /** The buyer's signature, in base58. */
  readonly signature: string
  readonly life: TransferLife | undefined
  readonly validUntilSeconds: number
}

/** Signs a payment by terms that were read. */
export type Transfers = (
  terms: Terms,
  clusters: readonly SvmCluster[],
  ports: { clock: Clock; random: RandomBytes; prepays: boolean },
) => Promise<SignedTransfer>

/** Creates what signs payments, and the memories that make later ones cheap. */
export function createTransfers(payer: SvmPayer): Transfers {
  const routeOf = createRouteBook(payer.address)
  const lifetimeOf = createLifetimes()
  const unitLimitOf = createUnitLimits()
  return async (terms, clusters, ports) => {
    const { random } = ports
    const [route, lifetime] = await Promise.all([routeOf(terms, clusters), lifetimeOf(terms, clusters, ports)])
    const { mint, amount, feePayer } = terms
    const { blockhash, life, validUntilSeconds } = lifetime
    const memo = terms.memo ?? createMemo(random)
    const transfer = { ...route, mint, owner: payer.address, amount, feePayer, blockhash, memo }
    // A random memo makes a transaction one of a kind already.
    const unitLimit = terms.memo === undefined ? unitLimitFor(memo) : unitLimitOf(transfer, random)
    const message = writeTransferMessage(transfer, unitLimit)
    const lifetimeConstraint = { blockhash, lastValidBlockHeight: life?.lastValidBlockHeight ?? 0n }
    const signed = await payer.sign({ message, feePayer, lifetimeConstraint })
    // Only a wallet that modifies answers with a message of its own.
    if (signed.message !== message) assertSameTransfer(signed.message, transfer)
    const signatures = [new Uint8Array(SIGNATURE_BYTES), signed.signature]
    const transaction = encodeTransaction({ signatures, message: signed.message })
    return { transaction, signature: encodeBase58(signed.signature), life, validUntilSeconds }
  }
}

/** Source: `@x402/svm` 2.27.0: 16 random bytes in hex, so that no two payments are the same transaction. */
const MEMO_BYTES = 16

function createMemo(random: RandomBytes): Uint8Array {
  return new TextEncoder().encode(bytesToHex(drawBytes(random, MEMO_BYTES)))
}

/** What a wallet returns is held to what it was given; all that it may add are guards. */
function assertSameTransfer(message: Uint8Array, wanted: Transfer): void {
  const signed = readTransferMessage(message)
  const different = FIELDS.find((field) => String(signed?.[field]) !== String(wanted[field]))
  if (signed !== undefined && different === undefined) return
  throw fail(TRANSACTION_CHANGED, { facts: { changed: signed === undefined ? 'its instructions' : different } })
}

const FIELDS = [
  'feePayer',
  'blockhash',
  'program',
  'source',
  'mint',
  'destination',
  'owner',
  'amount',
  'decimals',
  'memo',
] as const satisfies readonly (keyof Transfer)[]
