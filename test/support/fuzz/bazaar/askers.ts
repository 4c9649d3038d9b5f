import type { Payer } from '../../../../src/client/payer.js'
import type { x402Client } from '../../../../src/client/x402-client.js'
import type { LimitsOptions } from '../../../../src/limits/create-limits.js'
import type { RestrictOptions } from '../../../../src/limits/narrow-limits.js'

/** The host that all callers ask, and one that a seller sends them to. */
const HOME = 'api.example.com'
export const ELSEWHERE = 'elsewhere.example'

/** One limit: how much, over what, and how far back. */
export type Bound = {
  readonly per: 'all' | 'host' | 'resource' | 'tag'
  /** In seconds; `undefined` means forever. */
  readonly window: 3600 | undefined
  readonly cents: number | undefined
  readonly payments: number | undefined
}

/** Who may ask for something: two clients on one ledger, and what they restrict. */
export type Asker = {
  /** The place of the asker that restricts it; `undefined` for a client. */
  readonly below: number | undefined
  /** What it is named below that one. */
  readonly name: string | undefined
  readonly perPayment: number | undefined
  readonly hosts: readonly string[] | undefined
  readonly bounds: readonly Bound[]
}

const bound = (per: Bound['per'], most: Partial<Omit<Bound, 'per'>>): Bound => ({
  per,
  window: undefined,
  cents: undefined,
  payments: undefined,
  ...most,
})
const asker = (below: number | undefined, bounds: readonly Bound[], rest: Partial<Asker> = {}): Asker => ({
  below,
  bounds,
  name: undefined,
  perPayment: undefined,
  hosts: undefined,
  ...rest,
})

const WIDE: readonly Bound[] = [
  bound('all', { cents: 12 }),
  bound('all', { window: 3600, payments: 6 }),
  bound('host', { cents: 7 }),
  bound('resource', { window: 3600, payments: 4 }),
  bound('tag', { window: 3600, cents: 5 }),
]

/** Everybody who may ask, each after whoever restricts it. */
export const ASKERS: readonly Asker[] = [
  asker(undefined, WIDE, { perPayment: 3 }),
  asker(undefined, WIDE, { perPayment: 3 }),
  asker(0, [bound('all', { cents: 6 }), bound('tag', { payments: 2 })], { name: 'team' }),
  asker(2, [bound('all', { payments: 2 })], { name: 'agent' }),
  asker(1, [bound('all', { cents: 4 })], { name: 'team/agent' }),
  asker(0, [bound('resource', { payments: 1 }), bound('tag', { cents: 2 })], { name: 'shop', hosts: [HOME] }),
  asker(0, [bound('all', { window: 3600, cents: 3 })]),
  asker(2, [bound('resource', { cents: 2 })], { perPayment: 1 }),
]

/** An asker and all above it, itself first. */
export function listAbove(place: number): readonly number[] {
  const below = ASKERS[place]?.below
  return below === undefined ? [place] : [place, ...listAbove(below)]
}

/** The lasting name of an asker, or of the nearest one above that has one. */
export function spaceOf(place: number): string | undefined {
  const names = listAbove(place)
    .map((one) => ASKERS[one]?.name)
    .filter((name) => name !== undefined)
  return names.length === 0 ? undefined : names.toReversed().join('/')
}

/** Whether what one asker pays counts against the limits of another one. */
export function counts(payer: number, owner: number): boolean {
  const { below, name } = ASKERS[owner] ?? {}
  // Both clients count all that is on their ledger.
  if (below === undefined) return true
  if (name === undefined) return payer === owner || listAbove(payer).includes(owner)
  const [space, whole] = [spaceOf(payer), spaceOf(owner)]
  return space === whole || space?.startsWith(`${whole}/`) === true
}

/** Makes everybody of two clients. */
export function openAskers(openClient: (limits: LimitsOptions) => x402Client): readonly Payer[] {
  const payers: { restrict(options: RestrictOptions): (typeof payers)[number] & Payer }[] = []
  const opened: Payer[] = []
  for (const { below, name, ...limits } of ASKERS) {
    const above = below === undefined ? undefined : payers[below]
    const payer =
      above === undefined
        ? openClient(toLimits(limits))
        : above.restrict({ reach: 'anywhere', ...toLimits(limits), name })
    payers.push(payer)
    opened.push(payer)
  }
  return opened
}

const NAMES = { host: 'perHost', resource: 'perResource', tag: 'perTag' } as const

function toLimits({ perPayment, hosts, bounds }: Pick<Asker, 'perPayment' | 'hosts' | 'bounds'>): RestrictOptions {
  const limits: Record<string, Record<string, unknown> | unknown> = {
    ...(perPayment !== undefined && { perPayment: toDollars(perPayment) }),
    ...(hosts !== undefined && { hosts }),
  }
  for (const { per, window, cents, payments } of bounds) {
    const budget = {
      [window === undefined ? 'total' : 'perHour']: {
        ...(cents !== undefined && { amount: toDollars(cents) }),
        ...(payments !== undefined && { payments }),
      },
    }
    if (per === 'all') Object.assign(limits, budget)
    else limits[NAMES[per]] = budget
  }
  return limits
}

function toDollars(cents: number): `$${string}` {
  return `$0.${String(cents).padStart(2, '0')}`
}
