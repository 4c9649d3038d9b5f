import type { Cap, Sums } from '../../payment/ledger.js'
import type { Assessment } from '../../payment/limits.js'
import { amountIn, type Payment } from '../../payment/payment.js'
import type { Ports } from '../../payment/ports.js'
import { isSameAddress } from '../../wire/address.js'

/** A cap without room for a payment that is to be presented, and what counts against it. */
export type FullCap = { readonly cap: Cap } & Pick<Sums, 'held' | 'spent'>

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
  { ledger, clock, presented, label }: Pick<Ports, 'ledger' | 'clock' | 'presented' | 'label'>,
): Promise<FullCap | undefined> {
  const { tags } = payment.call
  if (label === undefined || tags.includes(label)) return undefined
  const caps = assessment.caps.filter(({ scope }) => scope.tag !== undefined && !tags.includes(scope.tag))
  const read = await Promise.all(caps.map(async (cap) => ({ cap, sums: await ledger.spent(cap) })))
  // From here on nothing waits, so that of several at once each sees the others.
  const atSeconds = clock.nowSeconds()
  const own: Payment = { ...payment, atSeconds, call: { ...payment.call, tags: assessment.tags ?? tags } }
  const others = [...presented.values()].filter(({ id }) => id !== payment.id)
  for (const { cap, sums } of read) {
    const counted = others.filter((one) => isCounted(one, cap, atSeconds))
    const held = counted.reduce((sum, one) => sum + (amountIn(cap.unit, one) ?? 0n), sums.held)
    if (isFull(cap, own, { ...sums, held, count: sums.count + counted.length })) return { cap, held, spent: sums.spent }
  }
  presented.set(payment.id, own)
  return undefined
}

function isCounted({ call, terms, atSeconds, charges }: Payment, { scope, unit, windowSeconds }: Cap, now: number) {
  const { tag, host, resource, payTo } = scope
  return (
    (tag === undefined || call.tags.includes(tag)) &&
    (host === undefined || host === call.host) &&
    (resource === undefined || resource === (call.asked ?? call.resource)) &&
    (payTo === undefined || isSameAddress(payTo, terms.payTo)) &&
    (windowSeconds === undefined || atSeconds > now - windowSeconds) &&
    amountIn(unit, { charges }) !== undefined
  )
}

/** Whether a cap has no room for a payment. */
export function isFull({ unit, amount, count }: Cap, payment: Pick<Payment, 'charges'>, sums: Sums): boolean {
  const added = amountIn(unit, payment)
  if (added === undefined) return false
  return (
    (amount !== undefined && sums.held + sums.spent + added > amount) || (count !== undefined && sums.count + 1 > count)
  )
}
