import { horizonOf } from '../../payment/calendar.js'
import { type Cap, isRefusal, type Refusal, type Sums } from '../../payment/ledger.js'
import type { Assessment } from '../../payment/limits.js'
import { amountIn, type Draft, isOver, type Payment } from '../../payment/payment.js'
import type { Ports } from '../../payment/ports.js'
import { isSameAddress, toAddressKey } from '../../wire/address.js'
import type { Envelope } from '../../wire/challenge.js'
import { isJsonObject, isSameJson, type JsonObject } from '../../wire/json.js'
import { readRequirements } from '../../wire/requirements.js'
import type { X402Version } from '../../wire/version.js'

/** A cap without room for a payment that is to be presented, and what counts against it. */
export type FullCap = { readonly cap: Cap } & Pick<Sums, 'held' | 'spent'>

type Counting = Pick<Ports, 'ledger' | 'clock' | 'presented'>

/**
 * Finds room for a payment that somebody else made, in the limits of a restricted client that presents it: nothing of theirs counts it, so it is
 * asked for as if it were new. What was presented before counts, in this process: as long as a client without a lasting name lives.
 *
 * @param payment - Of the client that the restricted one comes from.
 * @param assessment - What the limits say about it.
 * @returns The first cap without room; `undefined` where there is room, which is taken then.
 */
export async function takeRoom(
  payment: Payment,
  assessment: Extract<Assessment, { caps: unknown }>,
  ports: Counting & Pick<Ports, 'label' | 'reserving'>,
): Promise<FullCap | undefined> {
  const { clock, presented, label } = ports
  const { tags } = payment.call
  if (label === undefined || tags.includes(label)) return undefined
  const caps = assessment.caps.filter(({ scope }) => scope.tag !== undefined && !tags.includes(scope.tag))
  const before = presented.get(payment.id)
  const findFull = (read: readonly Counted[]): FullCap | undefined => {
    for (const { cap, sums } of read) {
      const { held, spent, count } = addPresented(cap, sums, ports, payment.id)
      if (isFull(cap, payment, { held, spent, count })) return { cap, held, spent }
    }
    return undefined
  }
  const first = findFull(await readAll(caps, ports))
  if (first !== undefined) return first
  // From here on it counts, and nothing has waited since the sums were compared, so that of several at once each sees the others.
  const given = (assessment.tags ?? tags).filter((tag) => !tags.includes(tag))
  const call = { ...payment.call, tags: [...new Set([...given, ...(before?.call.tags ?? [])])] }
  presented.set(payment.id, { ...payment, atSeconds: clock.nowSeconds(), call })
  let isTaken = false
  try {
    // What was being reserved by then hasn't seen it.
    await Promise.allSettled(ports.reserving)
    const later = findFull(await readAll(caps, ports))
    isTaken = later === undefined
    return later
  } finally {
    if (!isTaken && before === undefined) presented.delete(payment.id)
    else if (!isTaken && before !== undefined) presented.set(payment.id, before)
  }
}

/** Reserves a payment within what {@link takeRoom} left of its limits; the ledger is asked at once. A refusal tells the limits as they are. */
export async function reserveBeside(draft: Draft, caps: readonly Cap[], ports: Counting): Promise<Payment | Refusal> {
  return toWhole(await ports.ledger.reserve(draft, leaveRoom(caps, ports)), caps, ports)
}

/**
 * Lessens caps by what restricted clients presented that others had made: no ledger counts that, and it is spent as what they buy is.
 *
 * @param caps - Of a payment that is to be reserved.
 * @returns What is left for it and for all that the ledger counts.
 */
function leaveRoom(caps: readonly Cap[], ports: Counting): readonly Cap[] {
  return caps.map((cap) => {
    const { held, count } = addPresented(cap, NOTHING, ports)
    if (count === 0) return cap
    return {
      ...cap,
      ...(cap.amount !== undefined && { amount: cap.amount > held ? cap.amount - held : 0n }),
      ...(cap.count !== undefined && { count: Math.max(0, cap.count - count) }),
    }
  })
}

/** Tells a refusal by a cap that was lessened as one by the cap itself. */
function toWhole(reserved: Payment | Refusal, caps: readonly Cap[], ports: Counting): Payment | Refusal {
  if (!isRefusal(reserved) || reserved.by !== 'cap') return reserved
  const cap = caps.find((one) => isSameCap(one, reserved.cap)) ?? reserved.cap
  return { ...reserved, cap, held: addPresented(cap, { ...NOTHING, held: reserved.held }, ports).held }
}

/** Reads what counts against a cap, with what was presented. */
export async function readSums(cap: Cap, ports: Counting): Promise<Sums> {
  return addPresented(cap, await ports.ledger.spent(cap), ports)
}

/** Counts a payment that was presented as the chain has proven it since. */
export function followPresented({ id, state, charges }: Payment, { presented }: Pick<Ports, 'presented'>): void {
  const known = presented.get(id)
  if (known === undefined) return
  if (state === 'released') presented.delete(id)
  else presented.set(id, { ...known, charges })
}

/** Whether a cap has no room for a payment. */
export function isFull(cap: Cap, payment: Pick<Payment, 'charges'>, sums: Sums): boolean {
  const added = amountIn(cap.unit, payment)
  return added !== undefined && isOver(cap, added, sums)
}

const NOTHING: Sums = { held: 0n, spent: 0n, count: 0 }

type Counted = { readonly cap: Cap; readonly sums: Sums }

/** Each cap with what the ledger counts against it; what was presented is added where they are compared. */
function readAll(caps: readonly Cap[], ports: Counting): Promise<readonly Counted[]> {
  return Promise.all(caps.map(async (cap) => ({ cap, sums: await ports.ledger.spent(cap) })))
}

function addPresented(cap: Cap, sums: Sums, { clock, presented }: Counting, except?: string): Sums {
  const atSeconds = clock.nowSeconds()
  const counted = [...presented.values()].filter((one) => one.id !== except && isCounted(one, cap, atSeconds))
  const held = counted.reduce((sum, one) => sum + (amountIn(cap.unit, one) ?? 0n), sums.held)
  return { ...sums, held, count: sums.count + counted.length }
}

function isCounted({ call, terms, atSeconds, charges }: Payment, cap: Cap, now: number) {
  const { tag, host, resource, payTo } = cap.scope
  return (
    tag !== undefined &&
    call.tags.includes(tag) &&
    (host === undefined || host === call.host) &&
    (resource === undefined || resource === (call.asked ?? call.resource)) &&
    (payTo === undefined || isSameAddress(payTo, terms.payTo)) &&
    atSeconds > horizonOf(cap, now) &&
    amountIn(cap.unit, { charges }) !== undefined
  )
}

function isSameCap(one: Cap, other: Cap): boolean {
  return (
    one.name === other.name &&
    one.unit === other.unit &&
    one.windowSeconds === other.windowSeconds &&
    one.monthIn === other.monthIn &&
    (one.amount === undefined) === (other.amount === undefined) &&
    isSameJson(one.scope, other.scope)
  )
}

/** Fields of an offer that decide what is signed. Others, such as an order number, don't make it another offer. */
const SIGNED_FIELDS = ['scheme', 'network', 'asset', 'payTo', 'amount', 'maxAmountRequired']
/** The same in its `extra`. */
const SIGNED_EXTRA = ['name', 'version', 'assetTransferMethod', 'paymentFlow', 'facilitatorAddress', 'feePayer']

/** Whether the seller still makes the offer that was paid: the same entry, or, for schemes that sign only these fields, the same signed fields. */
export function isStillOffered({ presentation, terms }: Payment, envelope: Envelope): boolean {
  const paid = presentation?.entry
  const isSame = (entry: unknown) =>
    isSameWhereSigned(entry, paid) || isSameAsRead(entry, envelope.x402Version, presentation)
  return envelope.accepts.some(
    (entry) => isSameJson(entry, paid) || (['exact', 'upto'].includes(terms.scheme) && isSame(entry)),
  )
}

function isSameWhereSigned(entry: unknown, paid: unknown): boolean {
  return isJsonObject(entry) && isJsonObject(paid) && listSignedChanges(entry, paid).length === 0
}

/** Names the fields that decide what is signed, and differ between two entries. */
export function listSignedChanges(entry: JsonObject, paid: JsonObject): readonly string[] {
  const [extra, paidExtra] = [entry['extra'], paid['extra']].map((one) => (isJsonObject(one) ? one : {}))
  return [
    ...SIGNED_FIELDS.filter((name) => !isSameJson(entry[name], paid[name])),
    ...SIGNED_EXTRA.filter((name) => !isSameJson(extra?.[name], paidExtra?.[name])).map((name) => `extra.${name}`),
  ]
}

/** The same offer in other words: an address in other letters, or the names that the other protocol has for things. */
function isSameAsRead(entry: unknown, version: X402Version, presentation: Payment['presentation']): boolean {
  if (presentation === undefined) return false
  const one = readRequirements(entry, version)
  const paid = readRequirements(presentation.entry, presentation.payload.x402Version === 1 ? 1 : 2)
  if ('problem' in one || 'problem' in paid) return false
  const toLetters = ({ value }: typeof one) => ({
    ...value,
    asset: toAddressKey(value.asset),
    payTo: toAddressKey(value.payTo),
  })
  return isSameWhereSigned(toLetters(one), toLetters(paid))
}
