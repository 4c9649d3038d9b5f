import type { Entry, Happening } from './chronicle.js'
import { hasBeen, isPaidAnew, type Note, namesAt, type Seen, type SeenPayment, wasOpen } from './seen-payments.js'

/** R1: one purchase has at most one authorization that can be presented, and nobody presents what isn't theirs. */
export function judgePurchases(seen: Seen): readonly string[] {
  return [
    ...seen.calls.flatMap((_, call) => judgeCall(call, seen)),
    ...seen.payments.flatMap((payment) => judgeReservation(payment, seen)),
    ...seen.entries.flatMap((entry, place) => (entry.is === 'sent' ? judgePresentation(entry, place, seen) : [])),
  ]
}

/** Two where the seller answered the first with another price, and the buyer pays that. */
function judgeCall(call: number, seen: Seen): readonly string[] {
  const [first, ...others] = seen.payments.filter((one) => one.call === call && one.signed !== undefined)
  const isAllowed = others.every((one) => first && isPaidAnew(first, call, one.from, seen)) && others.length <= 1
  return isAllowed ? [] : [`R1: call ${call} signed ${1 + others.length} payments`]
}

/** What is reserved is in the way of no other payment of its purchase. */
function judgeReservation(payment: SeenPayment, seen: Seen): readonly string[] {
  const earlier = seen.payments.filter((one) => one !== payment && one.to < payment.from)
  return earlier.flatMap((one) => {
    if (isPaidAnew(one, payment.call, payment.from, seen)) return []
    const why = findWhyNot(one, payment, seen)
    return why === undefined ? [] : [`R1: call ${payment.call} bought ${why} of call ${one.call}`]
  })
}

/** Why a payment forbids another one, if it does so all the time in which that one was reserved. */
function findWhyNot(one: SeenPayment, payment: SeenPayment, seen: Seen): string | undefined {
  const { from, to, call } = payment
  const [names, own] = [namesAt(one, seen, to), namesAt(payment, seen, payment.to)]
  const latest = seen.latest(seen.begun[call] ?? from, to)
  const isKeyed = payment.written.key !== undefined
  const open = wasOpen(one, from, to)
  const isAlive = one.signed !== undefined && latest < one.signed.endSeconds
  if (names.exact !== own.exact) {
    const isAlike = own.coarse !== undefined && names.coarse === own.coarse
    return open !== undefined && isAlike && isAlive ? 'beside what may be the same' : undefined
  }
  if (isKeyed !== (one.written.key !== undefined)) return undefined
  if (open !== undefined && latest < overAt(one, open, seen)) return 'beside an open payment'
  if (!isKeyed) return undefined
  const isEnded = ['delivered', 'released', 'forgotten'].some((event) => hasBeen(one, event, to))
  const last = one.notes.findLast(({ event, from: told }) => told < to && ['answered', 'lost'].includes(event))
  if (!isEnded && (last === undefined || latest < overAt(one, last, seen))) return 'under a key beside a payment'
  return latest < boughtUntil(one, from, seen) ? 'under a key what was bought' : undefined
}

/** From when on the same may be bought again, at the earliest: by the earliest time at which the payment can have been made. */
function overAt({ written, signed, from, to }: SeenPayment, { event }: Note, seen: Seen): number {
  const isAny = seen.nature.resign === 'when-over'
  if (signed === undefined || (written.key !== undefined && !isAny)) return Number.POSITIVE_INFINITY
  if (event === 'answered') return Math.max(signed.endSeconds + 60, seen.earliest(from, to) + 180)
  const isRepeatable = isAny || written.method === 'GET' || written.method === 'HEAD'
  return isRepeatable ? signed.endSeconds + 600 : Number.POSITIVE_INFINITY
}

/** Until when a key that was delivered doesn't buy again, at least: by the longest that a call said which presented it. */
function boughtUntil(one: SeenPayment, place: number, seen: Seen): number {
  const presenters = one.notes.filter(({ event, from }) => event === 'sent' && from < place)
  const said = presenters.flatMap(({ call }) => seen.calls[call]?.written.purchaseFor ?? seen.nature.purchaseFor ?? [])
  const isDelivered = one.notes.some(({ event, to }) => event === 'delivered' && to <= place)
  const isForgotten = hasBeen(one, 'forgotten', place)
  if (said.length === 0 || !isDelivered || isForgotten) return Number.NEGATIVE_INFINITY
  return seen.earliest(one.from, one.to) + Math.max(...said)
}

/** What is presented was written down, for this purchase, by nobody else at the time, and brought nothing before. */
function judgePresentation({ call, nonce }: Entry & Happening & { is: 'sent' }, place: number, seen: Seen): string[] {
  const found: string[] = []
  const payment = seen.findByNonce(nonce)
  if (payment === undefined) return [`R1: call ${call} presented a payment that nobody signed`]
  const told = payment.notes.findLast((one) => one.event === 'sent' && one.call === call && one.to < place)
  if (told === undefined) return [`R3: call ${call} presented a payment that wasn't written down`]
  const own = seen.names[call]
  const names = namesAt(payment, seen, place)
  if (names.request !== own?.request) found.push(`R1: call ${call} presented what another request paid for`)
  if (names.exact !== own?.exact) found.push(`R1: call ${call} presented what is another's`)
  if (told.isRenamed && !mayTakeOver(payment, told, seen)) found.push(`R1: call ${call} took over what is another's`)
  for (const event of ['delivered', 'forgotten', 'released']) {
    const isOver = payment.notes.some((one) => one.event === event && one.to < told.from)
    if (isOver) found.push(`R1: call ${call} presented a payment that was ${event}`)
  }
  if (isPresentedByOther(payment, told, seen)) found.push(`R1: call ${call} presented what another presented`)
  return found
}

/** After a 401 the next credential of the same request is the same buyer's, while the payment lives. */
function mayTakeOver(payment: SeenPayment, told: Note, seen: Seen): boolean {
  const before = payment.notes.findLast(({ event, to }) => to <= told.from && ['answered', 'lost'].includes(event))
  const [was, own] = [namesAt(payment, seen, told.from), seen.names[told.call]]
  const isAlike = own?.coarse !== undefined && own.coarse === was.coarse
  const isRefused = before?.event === 'answered' && before.status === 401
  const earliest = seen.earliest(seen.begun[told.call] ?? 0, told.to)
  return isAlike && isRefused && earliest < (payment.signed?.endSeconds ?? 0)
}

function isPresentedByOther({ signed, notes }: SeenPayment, told: Note, { entries }: Seen): boolean {
  const before = entries.findLastIndex(
    (one, place) => place < told.from && one.is === 'sent' && one.nonce === signed?.nonce && one.call !== told.call,
  )
  if (before < 0) return false
  // What came of it may be written down while its reply is on its way still.
  return !notes.some(
    ({ event, from }) => from > before && from < told.from && ['delivered', 'answered', 'lost'].includes(event),
  )
}
