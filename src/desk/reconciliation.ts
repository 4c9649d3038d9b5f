import { followPresented } from '../flow/earlier/presented.js'
import { noteAndTell } from '../flow/note.js'
import type { PaymentEvent } from '../payment/event.js'
import { type Payment, toCharged } from '../payment/payment.js'
import type { Ports } from '../payment/ports.js'
import type { ChainVerdict, Described, SchemeNetworkClient } from '../payment/scheme.js'
import { toRequirements } from '../payment/terms.js'

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
  const listed = await listUnresolved(ports)
  const open = listed.filter((payment) => isAskable(payment, ports) && (only === undefined || payment.id === only))
  return reconcileAll(open, ports)
}

/** What the clients of one ledger may still ask its chains about before their limits refuse. */
export type Questions = {
  /** How many payments may be asked about until the next pause is over. */
  left: number
  /** Those of which nothing came when they were asked about, so that it's the turn of others. */
  readonly asked: Set<string>
  /** All that a chain may tell of, newest first, listed once for all clients of a process: a fleet's ledger is far away. */
  listed?: Promise<readonly Payment[]> | undefined
}

/**
 * Asks the chain before a limit refuses: about a few payments that a scheme can ask about, the oldest first. The next time it's the turn of
 * those after them, until all have been asked about once.
 *
 * @param questions - Shared by all clients of the ledger.
 * @returns Whether any budget got something back.
 */
export async function reconcileSome(ports: Ports, questions: Questions): Promise<boolean> {
  if (questions.left === 0) return false
  questions.listed ??= listUnresolved(ports)
  const listed = await questions.listed
  const open = listed.filter((payment) => isAskable(payment, ports) && findQuestion(payment, ports)).reverse()
  const { left, asked } = questions
  const next = open.filter(({ id }) => !asked.has(id))
  const some = [...next, ...open.filter(({ id }) => asked.has(id))].slice(0, left)
  questions.left -= some.length
  if (questions.left === 0) questions.listed = undefined // there is nothing more to look for in it
  // Once all that this client can ask about have had their turn, it begins anew.
  if (next.length <= left) for (const { id } of open) asked.delete(id)
  else for (const { id } of some) asked.add(id)
  const answers = await reconcileAll(some, ports)
  const known = new Set(answers.flatMap(({ id, money }) => (money === 'in-doubt' ? [] : [id])))
  for (const id of known) asked.delete(id)
  if (known.size > 0) questions.listed = questions.listed?.then((all) => all.filter(({ id }) => !known.has(id)))
  return answers.some(isRoom)
}

/** Whether a budget got something back. */
function isRoom({ money, charged }: Reconciled): boolean {
  return money === 'released' || charged !== undefined
}

/** Payments of which the chain may tell something, newest first. */
async function listUnresolved({ ledger }: Ports): Promise<readonly Payment[]> {
  const payments: Payment[] = []
  for await (const payment of ledger.list({ unresolved: true })) payments.push(payment)
  return payments
}

/** Before its end nothing lowers what a settled one counts, so the chain needn't be asked. */
function isAskable(payment: Payment, ports: Ports): boolean {
  return payment.state === 'sent' || isPastEnd(payment, ports)
}

async function reconcileAll(open: readonly Payment[], ports: Ports): Promise<Reconciled[]> {
  const answers: (Reconciled | undefined)[] = []
  for (let start = 0; start < open.length; start += AT_ONCE) {
    const some = open.slice(start, start + AT_ONCE)
    answers.push(...(await Promise.all(some.map((payment) => reconcileOne(payment, ports)))))
  }
  return answers.filter((answer) => answer !== undefined)
}

async function reconcileOne(payment: Payment, ports: Ports): Promise<Reconciled | undefined> {
  const { id, state, terms } = payment
  const said = await askChain(payment, ports)
  const { verdict, transaction, amount } = said
  const isPast = isPastEnd(payment, ports)
  const isDead = verdict === 'unspent-and-dead' && (isPast || isCanceledByUs(payment, said))
  // `exact` never takes less than was signed.
  const isLess = verdict === 'spent' && isPast && terms.scheme !== 'exact' && payment.charged === undefined
  const charged = isLess ? toCharged({ amount: terms.amount, charges: payment.charges }, amount) : undefined
  if (state === 'settled') {
    if (charged === undefined || !(await note(payment, { type: 'settled', ...charged }, ports))) return undefined
    return { id, money: 'settled', transaction: payment.transaction, charged: charged.charged }
  }
  const inDoubt = { id, money: 'in-doubt', transaction: undefined } as const
  if (verdict !== 'spent' && !isDead) return inDoubt
  const event: PaymentEvent = isDead
    ? { type: 'released', because: 'dead', transaction }
    : { type: 'settled', transaction, ...charged }
  if (!(await note(payment, event, ports))) return inDoubt
  return isDead
    ? { id, money: 'released', transaction }
    : { id, money: 'settled', transaction, charged: charged?.charged }
}

/** Whether our own clock is past the end of a payment, with some grace. One without an end never is. */
export function isPastEnd(
  { validUntilSeconds = Number.POSITIVE_INFINITY }: Pick<Payment, 'validUntilSeconds'>,
  { clock }: Pick<Ports, 'clock'>,
): boolean {
  return clock.nowSeconds() >= validUntilSeconds + GRACE_SECONDS
}

/** The one exception: what this ledger's client sent to cancel it is in a finalized block of every source. */
function isCanceledByUs({ cancellation }: Payment, { canceled, transaction }: ChainVerdict): boolean {
  return canceled === true && cancellation !== undefined && transaction?.toLowerCase() === cancellation.toLowerCase()
}

/** Its own call may have settled it in the meantime; then it stays settled. */
async function note({ id }: Payment, event: PaymentEvent, ports: Ports): Promise<boolean> {
  try {
    followPresented(await noteAndTell(id, event, ports), ports)
    return true
  } catch {
    return false
  }
}

async function askChain(payment: Payment, ports: Ports): Promise<ChainVerdict> {
  const question = findQuestion(payment, ports)
  if (question === undefined) return UNKNOWN
  try {
    return (await question.scheme.reconcile?.(question.described, toRequirements(payment.terms))) ?? UNKNOWN
  } catch {
    return UNKNOWN // a chain that can't be asked has said nothing
  }
}

/** Who can be asked about a payment, and what; `undefined` where nobody can. */
function findQuestion(
  payment: Payment,
  ports: Ports,
): { readonly scheme: SchemeNetworkClient; readonly described: Described } | undefined {
  const described = toDescribed(payment)
  const scheme = findScheme(payment, ports)
  if (described === undefined || scheme?.canReconcile?.(payment.terms.network) !== true) return undefined
  return { scheme, described }
}

const UNKNOWN: ChainVerdict = { verdict: 'unknown' }

/** The scheme that can ask about a payment. */
export function findScheme({ terms, payer }: Payment, { schemes }: Ports): SchemeNetworkClient | undefined {
  const { scheme, network } = terms
  return schemes.find({ scheme, network, x402Version: 2, spoken: undefined, payer })?.scheme
}

/** What a payment authorized, as the ledger holds it also when the signature is gone. */
export function toDescribed({ terms, payer, validUntilSeconds, nonce, cancellation }: Payment): Described | undefined {
  const { payTo, asset, amount } = terms
  if (payer === undefined || validUntilSeconds === undefined || nonce === undefined) return undefined
  return { payer, payTo, asset, amount, validUntilSeconds, nonce, cancellation }
}
