import { fail } from '../../../src/errors/fail.js'
import { type ConfigurationError, X402Error } from '../../../src/errors/x402-error.js'
import type { Described } from '../../../src/payment/scheme.js'
import type { Decoded } from '../../../src/wire/json.js'
import type { PaymentRequirements } from '../../../src/wire/requirements.js'
import { awaitCancellation, findSent } from '../chain/cancellation.js'
import type { EvmLog } from '../chain/chain.js'
import { ALREADY_SPENT, CANCEL_FAILED, CANCEL_WITHOUT_HASH, CANCELING_NEEDS, NOT_THE_PAYER } from '../chain/errors.js'
import type { RpcSource } from '../chain/rpc-sources.js'
import { readTransactionHash, sendTransaction } from '../chain/transaction.js'
import { TERMS_REFUSED } from '../errors.js'
import type { Hex } from '../hex.js'
import { type EvmPayer, guardWallet } from '../wallet/guard.js'
import { CANCELLATION } from '../wallet/rare-rules.js'
import type { TransactionSender } from '../wallet/sender.js'
import type { EvmWallet } from '../wallet/signer.js'
import type { TypedData } from '../wallet/typed-data.js'
import { reconcileEip3009 } from './reconciliation.js'
import type { Eip3009Terms } from './terms.js'
import { type Eip3009Key, encodeCancel, findEnd, readEip3009Key } from './token.js'

/** Who cancels, and where it is seen that it worked. */
export type Canceler = {
  readonly payer: EvmPayer
  readonly sender: TransactionSender | undefined
  readonly sources: readonly RpcSource[] | undefined
}

/** A wallet that signs that one payment is canceled, and nothing else. */
export function guardCancellation(wallet: EvmWallet, requirements: PaymentRequirements, nonce: string): EvmPayer {
  return guardWallet(wallet, { requirements, cancels: nonce }, [CANCELLATION])
}

/** Source: EIP-3009, "cancelAuthorization". */
const TYPES = {
  CancelAuthorization: [
    { name: 'authorizer', type: 'address' },
    { name: 'nonce', type: 'bytes32' },
  ],
} as const

/**
 * Cancels an authorization, and waits until that is final at every source. What was sent before is waited for, and not sent again.
 *
 * @param read - What the authorization was signed for; the terms hold the token's domain.
 * @param wait - How long the transaction may take; see `awaitCancellation`.
 * @returns The hash of the transaction.
 * @throws {@link X402Error} `ALREADY_SPENT` when the payment was quicker; `CANCEL_FAILED` or `CANCEL_NOT_FINAL` when it stays in doubt.
 */
export async function cancelEip3009(
  { payer, sender, sources }: Canceler,
  read: Decoded<Eip3009Terms>,
  described: Described,
  wait?: awaitCancellation.Options,
): Promise<{ transaction: Hex }> {
  if ('problem' in read) throw fail(TERMS_REFUSED, { money: 'in-doubt', words: read })
  const terms = read.value
  if (sources === undefined) throw missingOption('rpc', `a source for eip155:${terms.chainId}`)
  if (sender === undefined) throw missingOption('sender', 'a wallet client, or any object with `sendTransaction`')
  const key = readOwnKey(described, payer)
  const before = await reconcileEip3009(sources, terms.chainId, described)
  if (before.verdict === 'spent') throw fail(ALREADY_SPENT, { facts: { transaction: before.transaction } })
  try {
    const sent = await findSent(sources, terms.chainId, before, described.cancellation)
    const transaction = sent ?? readTransaction(await send(sender, payer, terms, key))
    if (sent === undefined) await wait?.onSent?.(transaction)
    const isCanceled = (logs: readonly EvmLog[]) => findEnd(logs, key)?.by === 'cancellation'
    await awaitCancellation(sources, terms.chainId, { transaction, isCanceled }, wait)
    return { transaction }
  } catch (cause) {
    const after = await reconcileEip3009(sources, terms.chainId, described)
    if (after.verdict === 'spent') throw fail(ALREADY_SPENT, { facts: { transaction: after.transaction }, cause })
    if (cause instanceof X402Error && cause.code === 'CANCEL_NOT_FINAL') throw cause
    const reason = cause instanceof X402Error ? cause.shortMessage : undefined
    throw fail(CANCEL_FAILED, { facts: { reason }, cause })
  }
}

function missingOption(option: string, what: string): ConfigurationError {
  return fail(CANCELING_NEEDS, { words: { option, what } })
}

/** Only the payer can cancel, and the token would take the gas to say so. */
function readOwnKey(described: Described, payer: EvmPayer): Eip3009Key {
  const key = readEip3009Key(described)
  if (key?.payer.toLowerCase() === payer.address.toLowerCase()) return key
  throw fail(NOT_THE_PAYER, { words: { payer: payer.address } })
}

async function encodeSigned(payer: EvmPayer, terms: Eip3009Terms, key: Eip3009Key): Promise<Hex> {
  const typedData: TypedData = {
    domain: { ...terms.domain, verifyingContract: key.asset },
    types: TYPES,
    primaryType: 'CancelAuthorization',
    message: { authorizer: key.payer, nonce: key.nonce },
  }
  return encodeCancel(key, await payer.sign(typedData))
}

async function send(
  sender: TransactionSender,
  payer: EvmPayer,
  terms: Eip3009Terms,
  key: Eip3009Key,
): Promise<unknown> {
  return sendTransaction(sender, terms.chainId, key.asset, await encodeSigned(payer, terms, key))
}

function readTransaction(answer: unknown): Hex {
  const transaction = readTransactionHash(answer)
  if (transaction !== undefined) return transaction
  throw fail(CANCEL_WITHOUT_HASH)
}
