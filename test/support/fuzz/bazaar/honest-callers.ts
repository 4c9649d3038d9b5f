import { ASKERS, counts, listAbove } from './askers.js'
import { scopesOf } from './rules-of-money.js'
import type { Seen, SeenPayment } from './seen-payments.js'

/** What a call is told whose own payment came to nothing that could be handed over. */
const OF_A_PAYMENT = [
  ...['ANSWER_LOST', 'PAYMENT_REJECTED', 'ALLOWANCE_REQUIRED', 'REDIRECTED', 'REDIRECTED_ELSEWHERE'],
  ...['PAID_NOT_DELIVERED', 'SIGNED_OTHER_TERMS', 'ABORTED'],
]

/** Honest callers go on: nobody is refused for nothing. */
export function judgeRefusals(seen: Seen): readonly string[] {
  return seen.entries.flatMap((entry) => {
    if (entry.is !== 'ended' || !('code' in entry.ending)) return []
    const { code, isOurs } = entry.ending
    return isFounded(code, isOurs, entry.call, seen)
      ? []
      : [`honest: call ${entry.call} was refused with ${code} for nothing`]
  })
}

function isFounded(code: string, isOurs: boolean, call: number, seen: Seen): boolean {
  const { entries, calls, names, payments } = seen
  const own = calls[call]
  if (own === undefined) return false
  const isOwn = entries.filter((one) => one.call === call)
  const hasLeft = isOwn.some(({ is }) => is === 'sent' || is === 'signed')
  if (!isOurs) return own.isAborted
  const alike = calls.filter((_, other) => other !== call && isAlike(names[other], names[call]))
  const earlier = payments.filter((one) => one.call !== call && isAlike(names[one.call], names[call]))
  // What becomes of a payment is told all calls that share it.
  if (OF_A_PAYMENT.includes(code) && (hasLeft || alike.length > 0)) return true
  switch (code) {
    case 'ABORTED':
      return own.isAborted
    case 'CHALLENGE_REDIRECTED':
      return isOwn.some((one) => one.is === 'asked' && one.url.split('#')[0] !== own.written.url.split('#')[0])
    case 'SIGNED_TOO_LATE':
      return payments.some((one) => (one.call === call || earlier.includes(one)) && isLate(one, seen))
    case 'PAID_PERHAPS':
    case 'PAID_NOT_DELIVERED':
      return earlier.some(({ notes }) => notes.some(({ event }) => event === 'lost' || event === 'answered'))
    case 'PURCHASE_KEY_REUSED':
      return alike.some((_, place) => place >= 0) && own.written.key !== undefined
    case 'PURCHASE_UNDER_WAY':
      return alike.length > 0
    case 'PRICE_CHANGED':
      return seen.entries.some(
        (one) => one.is === 'answered' && one.isChanged && (one.call === call || isAlike(names[one.call], names[call])),
      )
    case 'TERMS_CHANGED_WHILE_PAID':
      return earlier.some(({ cents }) => isOwn.some((one) => one.is === 'asked' && one.cents !== cents))
    case 'ALREADY_BOUGHT':
      return earlier.some(({ notes }) => notes.some(({ event }) => event === 'delivered'))
    default:
      return isOwn.some((one) => one.is === 'asked' && isLimited(code, own, one, seen))
  }
}

function isAlike(one: Seen['names'][number] | undefined, other: Seen['names'][number] | undefined): boolean {
  if (one === undefined || other === undefined) return false
  return one.exact === other.exact || (one.coarse !== undefined && one.coarse === other.coarse)
}

/** Whether the clock passed the end of a payment while it was signed, or the end of a stretch of time in which it is counted. */
function isLate({ asker, call, from, signed, signedAt }: SeenPayment, seen: Seen): boolean {
  if (signed === undefined) return false
  const ended = seen.entries.findIndex((one) => one.is === 'ended' && one.call === call)
  const to = ended < 0 ? seen.entries.length : ended
  const windows = listAbove(asker).flatMap((owner) => ASKERS[owner]?.bounds.flatMap(({ window = [] }) => window) ?? [])
  const passedSeconds = seen.latest(from, to) - seen.earliest(from, to)
  return seen.latest(signedAt, to) >= signed.endSeconds || passedSeconds >= Math.min(...windows)
}

/** Whether a limit can have refused it: all that was ever reserved leaves no room for it. */
function isLimited(
  code: string,
  own: Pick<SeenPayment, 'asker' | 'written'>,
  { url: asked, cents }: { readonly url: string; readonly cents: number },
  seen: Seen,
): boolean {
  return listAbove(own.asker).some((owner) => {
    const { perPayment = Number.POSITIVE_INFINITY, hosts, bounds = [] } = ASKERS[owner] ?? {}
    if (code === 'LIMIT_PER_PAYMENT') return cents > perPayment
    if (code === 'HOST_NOT_ALLOWED') return hosts?.includes(new URL(asked).host) === false
    if (!['LIMIT_TOTAL', 'LIMIT_COUNT', 'LIMIT_WINDOW'].includes(code)) return false
    return bounds.some(({ per, cents: most = Number.POSITIVE_INFINITY, payments = Number.POSITIVE_INFINITY }) =>
      scopesOf({ asked, written: own.written }, per).some((scope) => {
        const counted = seen.payments.filter((one) => counts(one.asker, owner) && scopesOf(one, per).includes(scope))
        const sum = counted.reduce((total, one) => total + one.cents, 0)
        return sum + cents > most || counted.length + 1 > payments
      }),
    )
  })
}
