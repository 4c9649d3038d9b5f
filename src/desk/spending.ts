import type { Cap, Ledger } from '../payment/ledger.js'
import type { Limits } from '../payment/limits.js'
import { readHost } from '../wire/host.js'

/** What one limit allows, and what of it is gone. Amounts are as a person reads them. */
export type Spending = {
  /** The option, such as `perDay`. */
  readonly limit: string
  /** What it counts: all payments, or those of one host, recipient or tag. */
  readonly scope: Cap['scope']
  /** How far back it counts; `undefined` means for as long as the ledger remembers. */
  readonly windowSeconds: number | undefined
  readonly allowed: string
  /** Settled. */
  readonly spent: string
  /** Reserved, or left without proof of what became of it. */
  readonly held: string
  readonly left: string
  /** Whose payments are in it: with a ledger in memory this process's; with one in a file also those of earlier processes that had it. */
  readonly counts: 'this process only' | 'this machine' | 'the whole fleet'
}

/** Of which payments the limits are told, in addition to those that hold for all. */
export type SpendingFilter = {
  /** A host, for what `perHost` allows it. @default no host */
  readonly host?: string | undefined
  /** A tag, for what `perTag` allows it; of `tags` only its own limits are told then. @default the limits of all `tags` */
  readonly tag?: string | undefined
}

const COUNTS = { process: 'this process only', machine: 'this machine', fleet: 'the whole fleet' } as const

/** Tells what is spent, held and left of each limit. */
export async function readSpending(limits: Limits, ledger: Ledger, { host, tag }: SpendingFilter): Promise<Spending[]> {
  const caps =
    limits.caps?.({ host: host && (readHost(host) ?? host), ...(tag !== undefined && { tags: [tag] }) }) ?? []
  return Promise.all(
    caps.flatMap(({ amount, count, ...cap }) => [
      ...(amount === undefined ? [] : [readAmount({ ...cap, amount }, limits, ledger)]),
      ...(count === undefined ? [] : [readCount({ ...cap, count }, ledger)]),
    ]),
  )
}

async function readAmount(cap: Cap & { amount: bigint }, limits: Limits, ledger: Ledger): Promise<Spending> {
  const { held, spent } = await ledger.spent(cap)
  const write = (amount: bigint) => limits.format(cap.unit, amount)
  const left = cap.amount - held - spent
  return toSpending(cap, ledger, [write(cap.amount), write(spent), write(held), write(left > 0n ? left : 0n)])
}

async function readCount(cap: Cap & { count: number }, ledger: Ledger): Promise<Spending> {
  const { held, spent, count } = await ledger.spent(cap)
  const write = (payments: bigint | number) => `${payments} ${Number(payments) === 1 ? 'payment' : 'payments'}`
  return toSpending(cap, ledger, [write(cap.count), write(spent), write(held), write(Math.max(0, cap.count - count))])
}

function toSpending(
  { name, scope, windowSeconds }: Cap,
  { guarantee }: Ledger,
  sums: [string, string, string, string],
): Spending {
  const [allowed, spent, held, left] = sums
  return Object.freeze({ limit: name, scope, windowSeconds, allowed, spent, held, left, counts: COUNTS[guarantee] })
}
