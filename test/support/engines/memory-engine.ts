import { countedSeconds, FAR_SECONDS, type Fall } from '../../../src/ledger/book/ledger-time.js'
import type {
  Ask,
  CapRequest,
  DealText,
  PutRequest,
  ReserveReply,
  ReserveRequest,
  Row,
  RowContent,
  RowFilter,
  SeenTime,
  Store,
  SumReply,
  SumRequest,
  TimeReply,
  Told,
  VersionedValue,
  WriteReply,
  WriteRequest,
} from '../../../src/ledger/engine/store.js'

/** What is between a process and the engine. */
export type Line = {
  /** How many steps fail before the engine has them. */
  cut: number
  /** How many steps are carried out, and their replies lost. */
  losing: number
  /** Whether steps get no reply and aren't carried out. */
  isSilent: boolean
  /** What the engine says of each step instead of doing it. */
  refusal: Error | undefined
  /** The steps that were asked for, and the names of their processes. */
  readonly asked: string[]
  owner: string
}

/** An engine that keeps all in memory, and adds up every sum anew: as plain as the port can be read. */
export type MemoryEngine = {
  connect(): { readonly store: Store; readonly line: Line }
  /** Takes the lease of a process away. */
  expire(owner: string): void
}

type Sums = { readonly held: bigint; readonly spent: bigint; readonly count: number }

type Kept = RowContent & Pick<Row, 'place' | 'atSeconds' | 'revision'>

const NONE: VersionedValue = { revision: 0, text: undefined }

/** Creates an empty engine. */
export function createMemoryEngine(nowMs: () => number): MemoryEngine {
  const kept: Kept[] = []
  const deals = new Map<string, DealText>()
  const register = new Map<string, VersionedValue & { readonly token: string }>()
  const owners = new Map<string, number>()
  let revision = 0

  const hold = (name: string): VersionedValue => {
    const value = register.get(name)
    return value?.text === undefined ? NONE : { revision: value.revision, text: value.text }
  }
  const nowSecondsOf = ({ nowSeconds }: Ask) => nowSeconds ?? Math.floor(nowMs() / 1000)
  const toRow = ({ id, place, atSeconds, revision: own, owner, deal, text }: Kept): Row => ({
    ...{ id, place, atSeconds, revision: own, owner, deal: deal.key, text },
  })
  const openUnder = (names: readonly string[]) =>
    kept.filter((one) => one.openUnder.some((name) => names.includes(name)))
  const findGone = ({ owner }: Ask) => [...owners].find(([name, untilMs]) => untilMs < nowMs() && name !== owner)?.[0]
  const pinOf = (key: string) => kept.find(({ pin }) => pin.key === key && pin.is !== 'no')?.pin.payTo ?? ''

  function keepOwner(ask: Ask, owner: string): void {
    if (owner === ask.owner && !owners.has(owner)) owners.set(owner, nowMs() + ask.leaseMs)
  }

  function putValue(name: string, text: string | undefined, token: string): void {
    revision = Math.max(revision + 1, nowMs())
    register.set(name, { revision, text, token })
  }

  function toTime(ask: Ask): TimeReply {
    const newestSeconds = kept.at(-1)?.atSeconds ?? 0
    return { nowSeconds: nowSecondsOf(ask), count: kept.length, newestSeconds, clock: hold('clock') }
  }

  const toFalls = (time: SeenTime | undefined): Fall[] =>
    (time?.falls ?? []).map(([place, fromSeconds, toSeconds, until]) => ({
      ...{ place, fromSeconds, toSeconds, seenSeconds: toSeconds, untilPlace: until < 0 ? undefined : until },
    }))

  /** When a payment counts from that is reserved now; `undefined` where that must be judged anew. */
  function tellTime(ask: Ask, time: SeenTime | undefined): number | undefined {
    const now = nowSecondsOf(ask)
    const newest = kept.length === 0 ? 0 : countedSeconds(toFalls(time), kept.length - 1, kept.at(-1)?.atSeconds ?? 0)
    if (hold('clock').revision !== (time?.revision ?? 0)) return undefined
    if (time !== undefined && (now < time.nowSeconds || now > time.nowSeconds + 60)) return undefined
    if (time?.count !== undefined ? time.count !== kept.length : newest - now > FAR_SECONDS) return undefined
    return Math.max(now, newest)
  }

  function addUp(ask: Ask, cap: CapRequest, time: SeenTime | undefined): Sums | undefined {
    const horizon = horizonOf(cap.window, nowSecondsOf(ask))
    if (horizon === undefined) return undefined
    const falls = toFalls(time)
    const sums = { held: 0n, spent: 0n, count: 0 }
    for (const one of kept) {
      const { place, atSeconds, deal, amounts, counts } = one
      if (counts === 'none' || !isIn(one, cap) || countedSeconds(falls, place, atSeconds) <= horizon) continue
      sums[counts] += BigInt(amounts[deal.units.indexOf(cap.unit)] ?? '')
      sums.count += 1
    }
    return sums
  }

  function isAsSeen({ row, names, seen }: ReserveRequest): boolean {
    return (
      seen.ruling === `${hold('freeze').revision}:${hold('limits').revision}` &&
      seen.open ===
        openUnder(names)
          .map((one) => `${one.id}:${one.revision}`)
          .join() &&
      (seen.pin ?? pinOf(row.pin.key)) === pinOf(row.pin.key)
    )
  }

  function toUnseen({ row, names }: ReserveRequest, ask: Ask): ReserveReply {
    const owner = findGone(ask)
    const open = openUnder(names).map(toRow)
    if (open.length > 0 && owner !== undefined) return { is: 'gone', owner }
    const ruling = { frozen: hold('freeze'), limits: hold('limits') }
    return { is: 'unseen', ...ruling, open, pin: pinOf(row.pin.key), time: toTime(ask) }
  }

  function reserve(request: ReserveRequest, ask: Ask): ReserveReply {
    const { row, seen, caps } = request
    const done = kept.find(({ id }) => id === row.id)
    if (done !== undefined) return { is: 'reserved', row: toRow(done) }
    const atSeconds = tellTime(ask, seen.time)
    const sums = caps.map((cap) => addUp(ask, cap, seen.time))
    if (atSeconds === undefined || !isAsSeen(request) || sums.includes(undefined)) return toUnseen(request, ask)
    const full = caps.findIndex((cap, index) => isFull(cap, sums[index]))
    const gone = full < 0 ? undefined : findGone(ask)
    if (gone !== undefined) return { is: 'gone', owner: gone }
    if (seen.time?.value !== undefined) putValue('clock', seen.time.value, '')
    const { held, spent } = sums[full] ?? {}
    if (full >= 0) return { is: 'full', cap: full, held: String(held), spent: String(spent) }
    const own: Kept = { ...row, place: kept.length, atSeconds, revision: 1 }
    kept.push(own)
    deals.set(row.deal.key, row.deal)
    keepOwner(ask, row.owner)
    return { is: 'reserved', row: toRow(own) }
  }

  function write({ row, revision: expected }: WriteRequest, ask: Ask): WriteReply {
    const before = kept.find(({ id }) => id === row.id)
    if (before === undefined) return { is: 'unknown' }
    if (before.revision !== expected) return { is: 'stale', row: toRow(before) }
    const after = { ...row, place: before.place, atSeconds: before.atSeconds, revision: expected + 1 }
    kept[before.place] = after
    deals.set(row.deal.key, row.deal)
    keepOwner(ask, row.owner)
    return { is: 'written', row: toRow(after) }
  }

  function sum({ cap, time }: SumRequest, ask: Ask): SumReply {
    const gone = findGone(ask)
    if (gone !== undefined) return { is: 'gone', owner: gone }
    const sums = tellTime(ask, time) === undefined ? undefined : addUp(ask, cap, time)
    if (sums === undefined) return { is: 'unseen', time: toTime(ask) }
    return { is: 'sum', held: String(sums.held), spent: String(sums.spent), count: sums.count }
  }

  function find(which: RowFilter): readonly Row[] {
    if ('ids' in which) return kept.filter(({ id }) => which.ids.includes(id)).map(toRow)
    if ('owner' in which)
      return kept
        .filter(({ owner }) => owner === which.owner)
        .slice(0, which.limit)
        .map(toRow)
    const earlier = kept.slice(0, which.before).filter((one) => which.unresolved !== true || one.isUnresolved)
    return earlier.slice(-which.limit).reverse().map(toRow)
  }

  function put({ name, text, revision: expected, token }: PutRequest): boolean {
    if (hold(name).revision !== expected) return register.get(name)?.token === token
    putValue(name, text, token)
    return true
  }

  function beat({ owner, leaseMs }: Ask): readonly string[] {
    owners.set(owner, nowMs() + leaseMs)
    return [...owners].filter(([name, untilMs]) => untilMs < nowMs() && name !== owner).map(([name]) => name)
  }

  function connect() {
    const line: Line = { cut: 0, losing: 0, isSilent: false, refusal: undefined, asked: [], owner: '' }
    const over = async <T>(name: string, ask: Ask, step: () => T): Promise<Told<T>> => {
      line.asked.push(name)
      line.owner = ask.owner
      await goOver(line)
      if ((ask.deadlineMs ?? Number.POSITIVE_INFINITY) <= nowMs()) throw new Error('It is too late.')
      const told = step()
      if (line.losing === 0) return { atMs: nowMs(), told }
      line.losing -= 1
      throw new Error('The connection was closed.')
    }
    const store: Store = {
      reserve: (request, ask) => over('reserve', ask, () => reserve(request, ask)),
      write: (request, ask) => over('write', ask, () => write(request, ask)),
      open: (names, ask) => over('open', ask, () => ({ rows: openUnder(names).map(toRow), gone: findGone(ask) })),
      sum: (request, ask) => over('sum', ask, () => sum(request, ask)),
      rows: (which, ask) => over('rows', ask, () => find(which)),
      deals: (keys, ask) => over('deals', ask, () => keys.flatMap((key) => deals.get(key) ?? [])),
      get: (name, ask) => over('get', ask, () => hold(name)),
      put: (request, ask) => over('put', ask, () => put(request)),
      beat: (ask) => over('beat', ask, () => beat(ask)),
      bury: (owner, ask) =>
        over('bury', ask, () => {
          if ((owners.get(owner) ?? 0) < nowMs() || owner === ask.owner) owners.delete(owner)
          return undefined
        }),
      isPassing: (error) => error !== line.refusal,
      explain: (error) => ({ because: error === line.refusal ? 'it refused a step' : 'it could not be reached' }),
    }
    return { store, line }
  }

  return { connect, expire: (owner) => void owners.set(owner, 0) }
}

/** On its way to the engine a step may be lost, or refused before it's done. */
async function goOver(line: Line): Promise<void> {
  if (line.isSilent) await new Promise(() => undefined)
  if (line.refusal !== undefined) throw line.refusal
  if (line.cut === 0) return
  line.cut -= 1
  throw new Error('The connection is closed.')
}

/** Rows that count from this time or before count no more; `undefined` where the clock is outside of the months that were sent. */
function horizonOf(window: CapRequest['window'], now: number): number | undefined {
  if (window === undefined) return Number.NEGATIVE_INFINITY
  if ('seconds' in window) return now - window.seconds
  const start = window.starts.findLast((one) => one <= now)
  return start === undefined || start === window.starts.at(-1) ? undefined : start - 1
}

function isIn({ deal, resource }: Kept, cap: CapRequest): boolean {
  return (
    deal.units.includes(cap.unit) &&
    (cap.host ?? deal.host) === deal.host &&
    (cap.payTo ?? deal.payTo) === deal.payTo &&
    (cap.resource ?? resource) === resource &&
    (cap.tag === undefined || deal.tags.includes(cap.tag))
  )
}

function isFull({ amount, count, added }: CapRequest, sums: Sums | undefined): boolean {
  if (sums === undefined) return false
  const isOver = amount !== undefined && sums.held + sums.spent + BigInt(added) > BigInt(amount)
  return isOver || (count !== undefined && sums.count + 1 > count)
}
