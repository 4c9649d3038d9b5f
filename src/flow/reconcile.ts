import type { Amount } from '../protocol/amount.js'
import type { PaymentRequirements } from '../protocol/requirements.js'
import { type Described, MAX_VALIDITY_SECONDS } from '../scheme.js'
import type { LedgerRecord, Ports, State } from './ports.js'

/** What the chain said about one payment. */
export type Reconciled = {
  readonly id: string
  /** `in-doubt` when the chain couldn't be asked, says that it can still be spent, or its answer couldn't be written down. */
  readonly money: 'settled' | 'released' | 'in-doubt'
  readonly transaction: string | undefined
}

/** Most payments that are asked about at once, so that a long list isn't a flood of RPC calls. */
const AT_ONCE = 8

/**
 * Asks the chain what became of payments in doubt, and writes the answer down. Only what the chain proves moves a payment; our
 * clock and the seller's word prove nothing (R2).
 *
 * @param only - One payment; all that are in doubt when left out.
 */
export async function reconcile(ports: Ports, only?: string): Promise<Reconciled[]> {
  const inDoubt: LedgerRecord[] = []
  for await (const record of ports.ledger.list({ states: ['sent'] })) {
    if (only === undefined || record.id === only) inDoubt.push(record)
  }
  const answers: Reconciled[] = []
  for (let start = 0; start < inDoubt.length; start += AT_ONCE) {
    const some = inDoubt.slice(start, start + AT_ONCE)
    answers.push(...(await Promise.all(some.map((record) => reconcileOne(record, ports)))))
  }
  return answers
}

async function reconcileOne(record: LedgerRecord, ports: Ports): Promise<Reconciled> {
  const { id } = record
  const { verdict, transaction } = await askChain(record, ports)
  if (verdict === 'spent') {
    if (!(await moveFromSent(record, 'settled', transaction, ports)))
      return { id, money: 'in-doubt', transaction: undefined }
    ports.emit('settled', () => ({ payment: id, transaction }))
    return { id, money: 'settled', transaction }
  }
  if (verdict !== 'unspent-and-dead') return { id, money: 'in-doubt', transaction: undefined }
  const isReleased = await moveFromSent(record, 'released', transaction, ports)
  return isReleased ? { id, money: 'released', transaction } : { id, money: 'in-doubt', transaction: undefined }
}

/** Its own call may have moved it meanwhile; then that stands. */
async function moveFromSent(
  { id }: LedgerRecord,
  to: State,
  transaction: string | undefined,
  ports: Ports,
): Promise<boolean> {
  try {
    await ports.ledger.move(id, ['sent'], to, { transaction })
    return true
  } catch {
    return false
  }
}

async function askChain(record: LedgerRecord, ports: Ports) {
  const described = toDescribed(record)
  const scheme = findScheme(record, ports)
  if (described === undefined || scheme?.canReconcile?.(record.network) !== true) return UNKNOWN
  try {
    return (await scheme.reconcile?.(described, toRequirements(record))) ?? UNKNOWN
  } catch {
    return UNKNOWN // a chain that can't be asked has said nothing
  }
}

const UNKNOWN = { verdict: 'unknown', transaction: undefined } as const

/** The scheme that can ask about a payment. */
export function findScheme({ scheme, network, payer }: LedgerRecord, { schemes }: Ports) {
  return schemes.find({ scheme, network, x402Version: 2, spoken: undefined, payer })?.scheme
}

/** What a payment authorized, as the ledger holds it also when the signature is gone. */
export function toDescribed(record: LedgerRecord): Described | undefined {
  const { payer, payee, asset, amount, validUntilSeconds, nonce } = record
  if (payer === undefined || validUntilSeconds === undefined || nonce === undefined) return undefined
  return { payer, payee, asset, amount, validUntilSeconds, nonce }
}

/** The terms of a payment; what the seller said beside is known only while the payment may be presented again. */
export function toRequirements(record: LedgerRecord): PaymentRequirements {
  const { scheme, network, asset, payee, amount, presentation } = record
  return (
    presentation?.requirements ?? {
      scheme,
      network,
      asset,
      payTo: payee,
      amount: String(amount) as Amount, // it was read as one before it was written down
      maxTimeoutSeconds: MAX_VALIDITY_SECONDS,
      extra: {},
    }
  )
}
