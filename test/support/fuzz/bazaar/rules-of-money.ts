import { ASKERS, type Bound, counts, listAbove } from './askers.js'
import { hasBeen, isPaidAnew, type Seen, type SeenPayment } from './seen-payments.js'

/** R2: what left stays counted, whatever its seller says. */
export function judgeWhatLeft({ entries, payments, books, leftCents }: Seen): readonly string[] {
  const found: string[] = []
  const left = payments.filter(({ signed }) => entries.some((one) => one.is === 'sent' && one.nonce === signed?.nonce))
  for (const { id, call, notes, signed } of left) {
    if (notes.some(({ event }) => event === 'released'))
      found.push(`R2: the payment of call ${call} left, and was released`)
    const row = books.rows.find((one) => one.id === id)
    if (row?.state !== 'sent' && row?.state !== 'settled') {
      found.push(`R2: the payment of call ${call} left, and is ${row?.state ?? 'forgotten'}`)
    }
    if (row?.nonce !== signed?.nonce) found.push(`R2: the payment of call ${call} is kept as another`)
  }
  const sum = sumOf(left)
  if (books.cents < sum) found.push(`R2: ${sum} cents left, and ${books.cents} count`)
  if (900 - leftCents < sum) found.push(`R2: ${sum} cents left, and ${leftCents} of 900 are said to be left`)
  return found
}

/** R3: what is signed was reserved before, and the ledger had it then. R9: with all that others can take of it. */
export function judgeSignatures({ entries, payments }: Seen): readonly string[] {
  return entries.flatMap((entry, place) => {
    if (entry.is !== 'signed') return []
    const own = payments.find(({ signedAt }) => signedAt === place)
    const row = entry.books.rows.find(({ id }) => id === own?.id)
    if (row?.state !== 'reserved') return [`R3: call ${entry.call} signed what wasn't reserved`]
    // What is given up counts until it is.
    const alive = payments.filter(
      (one) => one.signedAt >= 0 && one.signedAt <= place && !hasBeen(one, 'released', place),
    )
    const sum = sumOf(alive)
    return entry.books.cents < sum ? [`R9: ${sum} cents were signed, and ${entry.books.cents} counted`] : []
  })
}

/** R4: no limit is passed, neither one's own nor one of who is above. */
export function judgeLimits(seen: Seen): readonly string[] {
  return seen.payments.flatMap((payment) => {
    const { asker, call, asked, cents: own } = payment
    // Two payments of one call are allowed as if they were one.
    const instead = seen.payments.filter((one) => one.to < payment.from && isPaidAnew(one, call, payment.from, seen))
    const cents = instead.reduce((sum, one) => sum + one.cents, own)
    return listAbove(asker).flatMap((owner) => {
      const { perPayment = Number.POSITIVE_INFINITY, hosts, bounds } = ASKERS[owner] ?? fail()
      const found: string[] = []
      if (cents > perPayment) found.push(`R4: call ${call} paid ${cents} cents where ${owner} allows ${perPayment}`)
      if (hosts?.includes(new URL(asked).host) === false)
        found.push(`R4: call ${call} paid a host that ${owner} doesn't allow`)
      return [...found, ...bounds.flatMap((bound) => judgeBound(bound, owner, payment, seen))]
    })
  })
}

/** At the moment in which a payment was reserved, all that counted with it was within the limit. */
function judgeBound(bound: Bound, owner: number, payment: SeenPayment, seen: Seen): readonly string[] {
  const { per, window, cents = Number.POSITIVE_INFINITY, payments = Number.POSITIVE_INFINITY } = bound
  return scopesOf(payment, per).flatMap((scope) => {
    const counted = seen.payments.filter(
      (one) =>
        one.to <= payment.to &&
        counts(one.asker, owner) &&
        scopesOf(one, per).includes(scope) &&
        !hasBeen(one, 'released', payment.to) &&
        isWithin(one, payment, window, seen),
    )
    const sum = counted.reduce((total, one) => total + one.cents, 0)
    if (sum <= cents && counted.length <= payments) return []
    return [`R4: ${sum} cents in ${counted.length} payments passed ${JSON.stringify(bound)} of ${owner} for ${scope}`]
  })
}

/** Whether one payment counts when another is reserved, whatever was done to the clock: its hands haven't come forward by as much since. */
function isWithin(one: SeenPayment, other: SeenPayment, window: Bound['window'], { entries }: Seen): boolean {
  if (window === undefined) return true
  const [hands, later] = [entries[one.from]?.handSeconds ?? 0, entries[other.to]?.handSeconds ?? 0]
  return later - hands < window
}

/** What a limit counts a payment under. */
export function scopesOf(
  { asked, written }: Pick<SeenPayment, 'asked' | 'written'>,
  per: Bound['per'],
): readonly string[] {
  if (per === 'all') return ['all']
  if (per === 'tag') return written.tags
  if (per === 'host') return [new URL(asked).host]
  const { origin, pathname } = new URL(written.url)
  return [`${written.method} ${origin}${pathname}`]
}

function sumOf(payments: readonly SeenPayment[]): number {
  return payments.reduce((total, { signed }) => total + (signed?.cents ?? 0), 0)
}

function fail(): never {
  throw new Error('an asker that there is none of')
}
