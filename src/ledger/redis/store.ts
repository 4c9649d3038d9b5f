import type {
  Ask,
  CapRequest,
  Row,
  RowContent,
  Seen,
  SeenTime,
  Store,
  TimeReply,
  Told,
  VersionedValue,
  Window,
  WriteReply,
} from '../engine/store.js'
import type { Fence } from './fence.js'
import { createLate, createRecovering, createUnreadable, explain, isPassing } from './reply-error.js'
import type { Reply, Script, Verb } from './script.js'

/** Makes sure that what was written survives what the ledger promises; rejects where it can't be said. */
export type Confirm = (fence: string, ask: Ask) => Promise<void>

/**
 * Creates the store of a ledger in Redis. A step is one run of the script, and one more where replicas are waited for.
 *
 * @param script - Runs a step.
 * @param fence - Notices where Redis lost something, and has it put back.
 * @param confirm - Called after each write that must be durable.
 */
export function createRedisStore(script: Script, fence: Fence, confirm: Confirm): Store {
  async function run(verb: Verb, given: readonly string[], ask: Ask): Promise<Reply> {
    const reply = await script(verb, given, ask, fence.lastSeen())
    if (reply.is === 'late') throw createLate()
    fence.note(reply, ask)
    if (reply.is === 'recovering') throw createRecovering()
    return reply
  }

  const tell = async <T>(
    verb: Verb,
    given: readonly string[],
    ask: Ask,
    read: (reply: Reply) => T,
  ): Promise<Told<T>> => {
    const reply = await run(verb, given, ask)
    return { atMs: reply.atMs, told: read(reply) }
  }

  /** Of a row that the engine lost, and that this process has, nothing else is told until it's there again. */
  function readUnwritten({ is, rest }: Reply, id: string): WriteReply {
    if (is !== 'stale' && is !== 'unknown') throw createUnreadable()
    const row = is === 'stale' ? readOneRow(rest) : undefined
    if (fence.isAhead(id, row?.revision ?? 0)) throw createRecovering()
    return row === undefined ? { is: 'unknown' } : { is: 'stale', row }
  }

  return {
    async reserve({ row, names, seen, caps }, ask) {
      await fence.assertDurable(ask)
      return await tell(
        'reserve',
        [...toArguments(row), names.join(), ...toSeen(seen), ...caps.flatMap(toCap)],
        ask,
        ({ is, rest }) => {
          if (is === 'reserved') return { is, row: readReserved(row, rest) }
          if (is === 'full') return { is, cap: Number(rest[0]), held: textAt(rest, 1), spent: textAt(rest, 2) }
          if (is === 'building') return { is }
          if (is === 'gone') return { is, owner: textAt(rest, 0) }
          if (is !== 'unseen') throw createUnreadable()
          return {
            is,
            frozen: readValueAt(rest, 0),
            limits: readValueAt(rest, 2),
            pin: textAt(rest, 4),
            time: readTime(rest, 5),
            open: readRows(rest, 10),
          }
        },
      )
    },
    async write({ row, revision, isDurable }, ask) {
      const reply = await run('write', [...toArguments(row), String(revision)], ask)
      const { is, atMs, rest } = reply
      if (is !== 'written') return { atMs, told: readUnwritten(reply, row.id) }
      const now = readPlaced(row, rest)
      if (isDurable) await confirm(reply.fence, ask)
      fence.keep(row, now, isDurable, reply, ask)
      return { atMs, told: { is, row: now } }
    },
    open: (names, ask) =>
      tell('open', [names.join()], ask, ({ rest: [gone, ...rest] }) => ({
        rows: readRows(rest),
        gone: gone || undefined,
      })),
    sum: ({ cap, time }, ask) =>
      tell('sum', [toTime(time), ...toCap(cap)], ask, ({ is, rest }) => {
        if (is === 'sum') return { is, held: textAt(rest, 0), spent: textAt(rest, 1), count: Number(rest[2]) }
        if (is === 'building') return { is }
        if (is === 'gone') return { is, owner: textAt(rest, 0) }
        if (is !== 'unseen') throw createUnreadable()
        return { is, time: readTime(rest, 0) }
      }),
    rows: (which, ask) => tell('rows', [JSON.stringify(which)], ask, ({ rest }) => readRows(rest)),
    deals: (keys, ask) => tell('deals', keys, ask, ({ rest }) => readPairs(rest)),
    get: (name, ask) => tell('get', [name], ask, ({ rest }) => readValueAt(rest, 0)),
    async put({ name, text = '', revision, token }, ask) {
      const reply = await run('put', [name, String(revision), token, text], ask)
      const told = reply.rest[0] === '1'
      if (told) await confirm(reply.fence, ask)
      return { atMs: reply.atMs, told }
    },
    beat: (ask) => tell('beat', [], ask, ({ rest }) => rest),
    bury: (owner, ask) => tell('bury', [owner], ask, () => undefined),
    isPassing,
    explain,
  }
}

/** A row as the script takes it: fourteen texts. */
export function toArguments({ deal, pin, ...row }: RowContent): readonly string[] {
  const { units, host, payTo, tags } = deal
  const names = [units.join(), host, payTo, tags.join()].join(' ')
  const found = [row.resource, pin.is.charAt(0), pin.key, pin.payTo, row.isUnresolved ? '1' : '0']
  const counts = [row.amounts.join(), row.openUnder.join()]
  return [row.id, row.counts.charAt(0), row.owner, deal.key, names, deal.text, ...found, ...counts, row.text]
}

function toSeen({ ruling, open, pin, time }: Seen): readonly string[] {
  return [ruling, open, pin === undefined ? '-' : `:${pin}`, toTime(time)]
}

function toTime(time: SeenTime | undefined): string {
  return time === undefined ? '' : JSON.stringify(time)
}

/** A cap as the script takes it: nine texts. One of so many payments, or of so long, that there is no end to it is none. */
function toCap({ unit, host, resource, payTo, tag, window, amount = '', count, added }: CapRequest): readonly string[] {
  const names = [host, resource, payTo, tag]
  const mask = names.reduce((sum, name, bit) => sum + (name === undefined ? 0 : 2 ** bit), 0)
  const kind = [1, 3, 2, 0].find((one) => names[one] !== undefined)
  const list = kind === undefined ? '' : `${2 ** kind}${names[kind]}`
  const most = count === undefined || count === Number.POSITIVE_INFINITY ? '' : String(count)
  return [unit, String(mask), names.join(''), list, ...toWindow(window), amount, most, added]
}

/** What a window goes by in the names of sums, and when its months begin. */
function toWindow(window: Window): readonly [string, string] {
  if (window === undefined) return ['*', '']
  if ('zone' in window) return [`z${window.zone}`, window.starts.join(' ')]
  return Number.isFinite(window.seconds) ? [String(window.seconds), ''] : ['*', '']
}

/** How many texts a row is. */
const ROW_LENGTH = 7

function readRows(rest: readonly string[], from = 0): readonly Row[] {
  const rows: Row[] = []
  for (let at = from; at < rest.length; at += ROW_LENGTH) rows.push(readOneRow(rest, at))
  return rows
}

function readOneRow(rest: readonly string[], from = 0): Row {
  const [id, place, at, revision, owner, deal, text] = rest.slice(from, from + ROW_LENGTH)
  if (id === undefined || owner === undefined || deal === undefined || text === undefined) throw createUnreadable()
  return { id, place: Number(place), atSeconds: Number(at), revision: Number(revision), owner, deal, text }
}

/** A row that is there under this id already is told whole: others may have written it. */
function readReserved(row: RowContent, rest: readonly string[]): Row {
  return rest.length < ROW_LENGTH ? readPlaced(row, rest) : readOneRow(rest)
}

/** A row that was just written: what the writer can't know of it. */
function readPlaced({ id, deal, owner, text }: RowContent, [place, at, revision]: readonly string[]): Row {
  if (revision === undefined) throw createUnreadable()
  const row = { id, owner, deal: deal.key, text }
  return { ...row, place: Number(place), atSeconds: Number(at), revision: Number(revision) }
}

function readPairs(rest: readonly string[]): { readonly key: string; readonly text: string }[] {
  const pairs: { key: string; text: string }[] = []
  for (let at = 0; at + 1 < rest.length; at += 2) pairs.push({ key: textAt(rest, at), text: textAt(rest, at + 1) })
  return pairs
}

function readTime(rest: readonly string[], from: number): TimeReply {
  const [nowSeconds = Number.NaN, count = Number.NaN, newestSeconds = Number.NaN] = rest
    .slice(from, from + 3)
    .map(Number)
  return { nowSeconds, count, newestSeconds, clock: readValueAt(rest, from + 3) }
}

function readValueAt(rest: readonly string[], from: number): VersionedValue {
  return { revision: Number(rest[from]), text: textAt(rest, from + 1) || undefined }
}

function textAt(rest: readonly string[], index: number): string {
  const text = rest[index]
  if (text === undefined) throw createUnreadable()
  return text
}
