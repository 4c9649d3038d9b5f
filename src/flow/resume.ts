import { isSameJson } from '../protocol/json.js'
import { cite } from '../protocol/seller-text.js'
import { DeliveryError } from './delivery-error.js'
import type { LedgerRecord, Ports } from './ports.js'
import { type Call, type Challenge, type Signed, sealSigned } from './steps.js'

/**
 * Finds the payment of this purchase that was sent and whose answer was lost, so that the **same** payload is presented again.
 *
 * @param call - What is bought.
 * @param challenge - The 402 that asks now; `undefined` when it can't be read, which doesn't matter where a payment waits.
 * @returns The payment to present, or `undefined` when there is none and a new one may be made.
 * @throws {@link DeliveryError} when one was made that can neither be presented again nor proven unspent (its money is in doubt or
 * settled), or when the ledger can't say whether one was (nothing is signed then).
 */
export async function resume(call: Call, challenge: Challenge | undefined, ports: Ports): Promise<Signed | undefined> {
  const record = await claim(call, ports)
  if (record === undefined) return undefined
  // A restricted client presents nobody's payment but its own.
  if (ports.ownTag !== undefined && !record.tags.includes(ports.ownTag)) {
    await endClaim(record, ports)
    return undefined
  }
  const { presentation, validUntilSeconds } = record
  const isOver = validUntilSeconds !== undefined && validUntilSeconds <= ports.clock.nowSeconds()
  if (presentation === undefined || record.origin !== call.origin || isOver) {
    return releaseOrRefuse(record, call, ports, 'PAID_PERHAPS')
  }
  if (challenge !== undefined && !isStillOffered(record, challenge)) {
    return releaseOrRefuse(record, call, ports, 'TERMS_CHANGED_WHILE_PAID')
  }
  return sealSigned({
    id: record.id,
    state: record.state,
    call,
    presentation,
    validUntilSeconds,
    nonce: record.nonce,
    payer: record.payer,
  })
}

/** What can't be looked up may wait to be presented again: then nothing new is signed. */
async function claim(call: Call, ports: Ports): Promise<LedgerRecord | undefined> {
  const purchase = await call.purchase()
  try {
    return await ports.ledger.claim(purchase, ports.schemes.payers())
  } catch (cause) {
    throw new DeliveryError('Refused to pay: the ledger could not say whether this was paid already.', {
      code: 'LEDGER_UNAVAILABLE',
      money: 'untouched',
      facts: { resource: call.resource },
      hint: 'See the cause; nothing is signed while the ledger can’t be read.',
      cause,
    })
  }
}

/** Whether the seller still makes the offer that was paid, key for key. */
function isStillOffered({ presentation }: LedgerRecord, { envelope }: Challenge): boolean {
  return envelope.accepts.some((entry) => isSameJson(entry, presentation?.entry))
}

/** Makes room for a new payment where the caller allows it and the chain proves that the old one never will be spent. */
async function releaseOrRefuse(
  record: LedgerRecord,
  call: Call,
  ports: Ports,
  code: 'PAID_PERHAPS' | 'TERMS_CHANGED_WHILE_PAID',
): Promise<undefined> {
  if (ports.resign === 'when-proven-unspent' && (await ports.proveReleased(record.id))) return undefined
  throw await createRefusal(record, call, ports, code)
}

/** The claim ends first, so that others may present the payment. */
async function createRefusal(
  record: LedgerRecord,
  call: Call,
  ports: Ports,
  code: 'PAID_PERHAPS' | 'TERMS_CHANGED_WHILE_PAID',
): Promise<DeliveryError> {
  const state = await endClaim(record, ports)
  const why =
    code === 'PAID_PERHAPS'
      ? 'an earlier payment for this purchase can no longer be presented, and nothing proves that it was not spent'
      : 'an earlier payment for this purchase is still open, and the seller now asks for other terms'
  return new DeliveryError(`Refused to pay again: ${why}.`, {
    code,
    money: state === 'settled' ? 'settled' : 'in-doubt',
    facts: {
      resource: call.resource,
      network: cite(record.network),
      payment: record.id,
      transaction: record.transaction && cite(record.transaction),
    },
    hint: 'See docs/concepts/where-the-money-is.md for how a payment in doubt ends.',
  })
}

/** Lets others present the payment again. The chain may have settled it meanwhile, so either state is right. */
async function endClaim({ id }: LedgerRecord, { ledger }: Ports): Promise<'sent' | 'settled'> {
  try {
    await ledger.move(id, ['sent'], 'sent', {})
    return 'sent'
  } catch {
    await ledger.move(id, ['settled'], 'settled', {})
    return 'settled'
  }
}
