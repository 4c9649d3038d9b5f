import type { Facts, LedgerRecord, Ports, State } from '../flow/ports.js'
import { toCharged } from '../payment/exposure.js'
import { type ChainVerdict, type Described, MAX_VALIDITY_SECONDS } from '../payment/scheme.js'
import type { Amount } from '../wire/amount.js'
import type { PaymentRequirements } from '../wire/requirements.js'

/** What the chain said about one payment. */
export type Reconciled = {
  readonly id: string
  /**
   * `in-doubt` when the chain couldn't be asked, says that it can still be spent, or its answer couldn't be written down; and, whatever
   * the chain says, as long as our own clock isn't a minute past the payment's end.
   */
  readonly money: 'settled' | 'released' | 'in-doubt'
  readonly transaction: string | undefined
  /** What the chain says was taken, in atomic units; `undefined` where it doesn't tell, or nothing was. */
  readonly charged?: bigint | undefined
}

/** Most payments that are asked about at once, so that a long list isn't a flood of RPC calls. */
const AT_ONCE = 8

/** How long after its end a payment may still be alive, in seconds: chains and our clock differ, and blocks come late. */
const GRACE_SECONDS = 60

/**
 * Asks the chain what became of payments in doubt, and what the settled ones took that may have taken less than was signed, and
 * writes the answer down. Only what the chain proves moves a payment or lowers what it counts; our clock and the seller's word prove
 * nothing (R2). But before our clock has passed its end, no source's word frees a payment or a part of it: one that lies could free a
 * payment that the seller then takes.
 *
 * @param only - One payment; all when left out.
 * @returns Each payment that was in doubt, and each settled one whose charge was found.
 */
export async function reconcile(ports: Ports, only?: string): Promise<Reconciled[]> {
  const open: LedgerRecord[] = []
  for await (const record of ports.ledger.list({ states: ['sent', 'settled'] })) {
    // Before its end nothing lowers what a settled one counts, so nobody needs to be asked.
    const isOpen = record.state === 'sent' || (isChargeUnknown(record) && isPastEnd(record, ports))
    if (isOpen && (only === undefined || record.id === only)) open.push(record)
  }
  const answers: (Reconciled | undefined)[] = []
  for (let start = 0; start < open.length; start += AT_ONCE) {
    const some = open.slice(start, start + AT_ONCE)
    answers.push(...(await Promise.all(some.map((record) => reconcileOne(record, ports)))))
  }
  return answers.filter((answer) => answer !== undefined)
}

/** A receipt may have settled it; what it says was taken is the seller's word. `exact` never takes less than was signed. */
function isChargeUnknown({ scheme, charged }: LedgerRecord): boolean {
  return scheme !== 'exact' && charged === undefined
}

async function reconcileOne(record: LedgerRecord, ports: Ports): Promise<Reconciled | undefined> {
  const { id, state } = record
  const said = await askChain(record, ports)
  const { verdict, transaction, amount } = said
  const isPast = isPastEnd(record, ports)
  const isDead = verdict === 'unspent-and-dead' && (isPast || isCanceledByUs(record, said))
  const charged = verdict === 'spent' && isPast && isChargeUnknown(record) ? toCharged(record, amount) : undefined
  if (state === 'settled') {
    if (charged === undefined || !(await move(record, 'settled', charged, ports))) return undefined
    return { id, money: 'settled', transaction: record.transaction, charged: charged.charged }
  }
  const inDoubt = { id, money: 'in-doubt', transaction: undefined } as const
  if (verdict !== 'spent' && !isDead) return inDoubt
  if (!(await move(record, isDead ? 'released' : 'settled', { ...charged, transaction }, ports))) return inDoubt
  if (isDead) return { id, money: 'released', transaction }
  ports.emit('settled', () => ({ payment: id, transaction }))
  return { id, money: 'settled', transaction, charged: charged?.charged }
}

/** Whether our own clock is past the end of a payment, with some grace. One without an end never is. */
export function isPastEnd(
  { validUntilSeconds = Number.POSITIVE_INFINITY }: Pick<LedgerRecord, 'validUntilSeconds'>,
  { clock }: Pick<Ports, 'clock'>,
): boolean {
  return clock.nowSeconds() >= validUntilSeconds + GRACE_SECONDS
}

/** The one exception: what this ledger's client sent to cancel it is in a finalized block of every source. */
function isCanceledByUs({ cancellation }: LedgerRecord, { canceled, transaction }: ChainVerdict): boolean {
  return canceled === true && cancellation !== undefined && transaction?.toLowerCase() === cancellation.toLowerCase()
}

/** Its own call may have moved it meanwhile; then that stands. */
async function move({ id, state }: LedgerRecord, to: State, facts: Facts, ports: Ports): Promise<boolean> {
  try {
    await ports.ledger.move(id, [state], to, facts)
    return true
  } catch {
    return false
  }
}

async function askChain(record: LedgerRecord, ports: Ports): Promise<ChainVerdict> {
  const described = toDescribed(record)
  const scheme = findScheme(record, ports)
  if (described === undefined || scheme?.canReconcile?.(record.network) !== true) return UNKNOWN
  try {
    return (await scheme.reconcile?.(described, toRequirements(record))) ?? UNKNOWN
  } catch {
    return UNKNOWN // a chain that can't be asked has said nothing
  }
}

const UNKNOWN: ChainVerdict = { verdict: 'unknown' }

/** The scheme that can ask about a payment. */
export function findScheme({ scheme, network, payer }: LedgerRecord, { schemes }: Ports) {
  return schemes.find({ scheme, network, x402Version: 2, spoken: undefined, payer })?.scheme
}

/** What a payment authorized, as the ledger holds it also when the signature is gone. */
export function toDescribed(record: LedgerRecord): Described | undefined {
  const { payer, payTo, asset, amount, validUntilSeconds, nonce, cancellation } = record
  if (payer === undefined || validUntilSeconds === undefined || nonce === undefined) return undefined
  return { payer, payTo, asset, amount, validUntilSeconds, nonce, cancellation }
}

/** The terms of a payment; what the seller said beside is known only while the payment may be presented again. */
export function toRequirements(record: LedgerRecord): PaymentRequirements {
  const { scheme, network, asset, payTo, amount, presentation } = record
  return (
    presentation?.requirements ?? {
      scheme,
      network,
      asset,
      payTo: payTo,
      amount: String(amount) as Amount, // it was read as one before it was written down
      maxTimeoutSeconds: MAX_VALIDITY_SECONDS,
      extra: {},
    }
  )
}
