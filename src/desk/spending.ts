import { LIMITS_UNREADABLE_TO_TELL } from '../errors/catalogue/desk.js'
import { fail } from '../errors/fail.js'
import { assertOptions, invalidOption } from '../errors/options.js'
import { monthOf } from '../payment/calendar.js'
import { createCall } from '../payment/call.js'
import { type Clock, systemClock } from '../payment/clock.js'
import { type Cap, type Ledger, LIMITS } from '../payment/ledger.js'
import type { CapFilter, Limits } from '../payment/limits.js'
import type { Ports } from '../payment/ports.js'
import { readHost, readUrl } from '../wire/host.js'

/** Whose own limits are shown, too. */
export type SpendingFilter = {
  /** A host, with its port where that isn't the protocol's own. @default none: limits per host aren't shown */
  readonly host?: string | undefined
  /**
   * A resource, as errors and lists show it or with its query: `'GET https://api.example.com/report'`. Without a method it's a GET. Its host's
   * limits are shown, too. @default none: limits per resource aren't shown
   */
  readonly resource?: string | undefined
  /** A tag, for what `perTag` allows it; of `tags` only its own limits are told then. @default the limits of all `tags` */
  readonly tag?: string | undefined
}

/** What one limit allows, and what of it is gone. Amounts are as a person reads them. */
export type Spending = {
  /** The option, such as `perDay`. */
  readonly limit: string
  /** What it counts: all payments, or those of one host, recipient, resource or tag. */
  readonly scope: Cap['scope']
  /** How far back it counts; `undefined` means for as long as the ledger remembers, or {@link Spending.monthIn}. */
  readonly windowSeconds: number | undefined
  /** The time zone whose calendar month it counts; `undefined` for any other limit. */
  readonly monthIn: string | undefined
  /**
   * When that month is over and all of `allowed` is left again, in seconds since 1970. The ledger's clock decides; this is as the clock here has
   * it. `undefined` where no month is counted.
   */
  readonly resetsAtSeconds: number | undefined
  readonly allowed: string
  /** Settled. */
  readonly spent: string
  /** Reserved, or left without proof of what became of it. */
  readonly held: string
  readonly left: string
  /** Whose payments are in it: with a ledger in memory this process's; with one in a file also those of earlier processes that had it. */
  readonly counts: 'this process only' | 'this machine' | 'the whole fleet'
}

type Counting = Pick<Ledger, 'spent' | 'guarantee'> & { readonly clock?: Clock | undefined }

const COUNTS = { process: 'this process only', machine: 'this machine', fleet: 'the whole fleet' } as const

/**
 * Tells what is spent, held and left of each limit of a client, as they are by now.
 *
 * @param count - Tells what counts. @default as the ledger does
 * @throws {@link LimitError} `LIMITS_UNREADABLE` when they were replaced by others that this version can't read, and as {@link readSpending} does.
 */
export async function readOwnSpending(
  {
    limits,
    ledger,
    clock,
    followLimits,
  }: Pick<Ports, 'ledger' | 'clock' | 'followLimits'> & { readonly limits: Limits },
  of: SpendingFilter,
  count: Ledger['spent'] = (cap) => ledger.spent(cap),
): Promise<Spending[]> {
  const areKnown = await followLimits(await ledger.get(LIMITS.kind, LIMITS.key))
  if (!areKnown) throw fail(LIMITS_UNREADABLE_TO_TELL)
  return readSpending(limits, { guarantee: ledger.guarantee, spent: count, clock }, of)
}

/**
 * Tells what is spent, held and left of each limit.
 *
 * @throws {@link ConfigurationError} `UNKNOWN_OPTION`, or `INVALID_OPTION` for a resource that isn't one.
 */
export async function readSpending(limits: Limits, ledger: Counting, of: SpendingFilter): Promise<Spending[]> {
  const caps = limits.caps?.(readFilter(of, limits)) ?? []
  return Promise.all(
    caps.flatMap(({ amount, count, ...cap }) => [
      ...(amount === undefined ? [] : [readAmount({ ...cap, amount }, limits, ledger)]),
      ...(count === undefined ? [] : [readCount({ ...cap, count }, ledger)]),
    ]),
  )
}

function readFilter(of: SpendingFilter, limits: Limits): CapFilter {
  assertOptions(of, 'spending', ['host', 'resource', 'tag'])
  const { host, resource, tag } = of
  const tags = tag === undefined ? {} : { tags: [tag] }
  if (resource === undefined) return { host: host && (readHost(host) ?? host), ...tags }
  const [, method = 'GET', url = ''] = /^(?:([!#$%&'*+.^_`|~0-9A-Za-z-]+) )?(\S+)$/.exec(String(resource)) ?? []
  if (!readUrl(url)?.host)
    throw invalidOption('spending.resource', "a resource such as 'GET https://api.example.com/report'")
  const call = createCall({ method, url, limits })
  return { host: call.host, resource: call.asked(), digestResource: call.digestAsked, ...tags }
}

async function readAmount(cap: Cap & { amount: bigint }, limits: Limits, ledger: Counting): Promise<Spending> {
  const { held, spent } = await ledger.spent(cap)
  const write = (amount: bigint) => limits.format(cap.unit, amount)
  const left = cap.amount - held - spent
  return toSpending(cap, ledger, [write(cap.amount), write(spent), write(held), write(left > 0n ? left : 0n)])
}

async function readCount(cap: Cap & { count: number }, ledger: Counting): Promise<Spending> {
  const { held, spent, count } = await ledger.spent(cap)
  const write = (payments: bigint | number) => `${payments} ${Number(payments) === 1 ? 'payment' : 'payments'}`
  return toSpending(cap, ledger, [write(cap.count), write(spent), write(held), write(Math.max(0, cap.count - count))])
}

function toSpending(
  { name, scope, windowSeconds, monthIn }: Cap,
  { guarantee, clock = systemClock }: Counting,
  sums: [string, string, string, string],
): Spending {
  const [allowed, spent, held, left] = sums
  return Object.freeze({
    limit: name,
    scope,
    windowSeconds,
    monthIn,
    resetsAtSeconds: monthIn === undefined ? undefined : monthOf(clock.nowSeconds(), monthIn).endSeconds,
    allowed,
    spent,
    held,
    left,
    counts: COUNTS[guarantee],
  })
}
