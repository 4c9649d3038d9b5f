import { isJsonObject } from '../../wire/json.js'
import type { Ledger, Value } from '../ledger.js'
import { isLive, type KeptProposal, placeOf, readProposal } from './proposal.js'
import { changeValue } from './register.js'

/** Keys of the proposals that wait, each with who is to be paid and when it expires: what bounds how many there are. */
const OPEN = { kind: 'proposals', key: 'open' } as const

/** Keys of those that were decided or expired, the newest first. */
const PAST = { kind: 'proposals', key: 'past' } as const

/** How many past ones are kept: what was paid is in the list of payments, and every decision in that of decisions. */
const MAX_PAST = 200

/** How many may wait about all hosts, of one lasting name, for one about one host. Source: as for questions; sellers can have many names. */
const HOSTS = 3

/** Most that ever wait, of all names. */
const MAX_OPEN = 300

type Register = Pick<Ledger, 'get' | 'put'>

/** One that waits; of no lasting name where it has none. */
type Waiting = {
  readonly id: string
  readonly host: string
  readonly until: number
  readonly space: string | undefined
}

/** Why there is no room for another proposal. */
export type FullList = { readonly times: number; readonly whom: string }

/**
 * Enters a proposal into the list of those that wait, before it is written down: a seller can't make more of them than a person can
 * look at. Each lasting name has its own room, so that what one agent proposes keeps no other from it.
 *
 * @param most - How many may wait about one host, of one lasting name.
 * @returns Why there is no room; `undefined` once it is in the list.
 */
export async function enterProposal(
  {
    id: one,
    host = '',
    space,
    expiresAtSeconds: until,
  }: Pick<KeptProposal, 'id' | 'host' | 'space' | 'expiresAtSeconds'>,
  most: number,
  nowSeconds: number,
  register: Register,
): Promise<FullList | undefined> {
  const { key: id } = placeOf(one)
  let full: FullList | undefined
  let expired: readonly string[] = []
  await changeValue(register, OPEN, (value) => {
    const all = readWaiting(value)
    const others = all.filter((one) => one.id !== id && one.until > nowSeconds)
    expired = all.filter((one) => one.id !== id && one.until <= nowSeconds).map((one) => one.id)
    full = findFull(others, { host, space }, most)
    return toValues(full === undefined ? [...others, { id, host, until, space }] : others)
  })
  if (expired.length > 0) await putAway(expired, nowSeconds, register)
  return full
}

/** Takes a proposal that was decided, or needn't be, out of the list of those that wait. */
export async function leaveProposal(proposal: string, nowSeconds: number, register: Register): Promise<void> {
  const { key: id } = placeOf(proposal)
  await changeValue(register, OPEN, (value) =>
    value === undefined ? value : toValues(readWaiting(value).filter((one) => one.id !== id)),
  )
  await putAway([id], nowSeconds, register)
}

/** Reads all proposals that are kept, the newest first. */
export async function listProposals(register: Register): Promise<readonly KeptProposal[]> {
  const open = readWaiting(await register.get(OPEN.kind, OPEN.key)).map(({ id }) => id)
  const past = readIds(await register.get(PAST.kind, PAST.key))
  const all: KeptProposal[] = []
  for (const id of new Set([...open, ...past])) {
    const { kind, key } = placeOf(id)
    const proposal = readProposal(await register.get(kind, key))
    if (proposal !== undefined) all.push(proposal)
  }
  return all.sort((one, other) => other.createdAtSeconds - one.createdAtSeconds)
}

function findFull(
  others: readonly Waiting[],
  { host, space }: Pick<Waiting, 'host' | 'space'>,
  most: number,
): FullList | undefined {
  const own = others.filter((one) => one.space === space)
  const about = own.filter((one) => one.host === host).length
  if (about >= most) return { times: about, whom: host || 'an unknown host' }
  const { length: times } = others.length >= MAX_OPEN ? others : own
  return times >= Math.min(most * HOSTS, MAX_OPEN) ? { times, whom: 'all hosts' } : undefined
}

/** Those that fall out of the list are dropped, unless they wait or may still be paid. */
async function putAway(ids: readonly string[], nowSeconds: number, register: Register): Promise<void> {
  let dropped: readonly string[] = []
  await changeValue(register, PAST, (value) => {
    const all = [...new Set([...ids, ...readIds(value)])]
    dropped = all.slice(MAX_PAST)
    return all.slice(0, MAX_PAST)
  })
  for (const id of dropped) {
    const place = placeOf(id)
    await changeValue(register, place, (value) => {
      const proposal = readProposal(value)
      return proposal !== undefined && isLive(proposal, nowSeconds) ? value : undefined
    })
  }
}

function readWaiting(value: Value | undefined): readonly Waiting[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : []
  return list.filter(isWaiting).map(({ id, host, until, space }) => ({ id, host, until, space }))
}

/** JSON has no `undefined`. */
function toValues(all: readonly Waiting[]): Value {
  return all.map(({ id, host, until, space }) =>
    space === undefined ? { id, host, until } : { id, host, until, space },
  )
}

function isWaiting(value: unknown): value is Waiting {
  if (!isJsonObject(value)) return false
  const { id, host, until, space } = value
  const isNamed = space === undefined || typeof space === 'string'
  return isNamed && typeof id === 'string' && typeof host === 'string' && typeof until === 'number'
}

function readIds(value: Value | undefined): readonly string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : []
  return list.filter((id) => typeof id === 'string')
}
