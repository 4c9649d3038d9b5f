import { type Clock, startTimer, within } from '../../payment/clock.js'
import type { Warning } from '../../payment/stream.js'
import type { Ask, Row, RowContent } from '../engine/store.js'
import { RECOVERING_MS } from './lua/frame.js'
import { createRecovering } from './reply-error.js'
import type { LastSeen, Reply, Script } from './script.js'
import { toArguments } from './store.js'

/** What one process knows of an engine that may forget, and what it does about it. */
export type Fence = {
  /** What the next step tells the engine. */
  lastSeen(): LastSeen
  /** Looks at a reply. Where the engine may have lost something, what this process sent is put back, in the background. */
  note(reply: Reply, ask: Ask): void
  /** Remembers a row that this process wrote; `isSent`: it may leave now. What was written before a fence that is known by now is put back. */
  keep(row: RowContent, now: Row, isSent: boolean, reply: Reply, ask: Ask): void
  /** Whether this process wrote a later revision of a row than the engine has; then it is put back. */
  isAhead(id: string, revision: number): boolean
  /** Rejects as long as the engine that took over isn't known to be durable. */
  assertDurable(ask: Ask): Promise<void>
  /** Looks after the engine no longer. */
  end(): void
}

/** For how long what was sent is remembered: far longer than any engine takes to write what it acknowledged, or to replicate it. */
const KEEP_MS = 60_000

/** Most payments that are remembered: 160 a second. */
const MAX_KEPT = 10_000

/** How often a process that has something to put back looks whether it has to: twice while the engine waits for it. */
const LOOK_MS = RECOVERING_MS / 2

/** How many rows are put back in one step, which takes about 5 ms. */
const BATCH = 50

/** How long after an engine was found not to be durable it is asked again. */
const AGAIN_MS = 1000

/** Fences of late replies that are still known. */
const MAX_OLD = 16

type Kept = { readonly row: RowContent; readonly now: Row; readonly untilMs: number }

/**
 * Creates the fence of one process.
 *
 * @param script - Runs steps.
 * @param verify - Rejects where the engine may forget what it acknowledged.
 * @param clock - Says how long something is remembered.
 * @param warn - Told what was lost and put back.
 */
export function createFence(
  script: Script,
  verify: (ask: Ask) => Promise<void>,
  clock: Clock,
  warn: (warning: Warning) => void,
): Fence {
  const kept = new Map<string, Kept>()
  const old = new Set<string>()
  let fence = ''
  let revision = 0
  /** Whether what is kept has to be put back. */
  let isBehind = false
  let isMending = false
  let hasLost = false
  /** When the engine last said something, and had all: a process that was held up since must put back what it sent before. */
  let heardMs = clock.monotonicMs()
  let timer: ReturnType<typeof setInterval> | undefined
  let refused: { readonly error: unknown; readonly atMs: number } | undefined

  const lastSeen = (): LastSeen => ({ fence, revision })

  /** The oldest are first. */
  function forget(): void {
    for (const [id, { untilMs }] of kept) {
      if (untilMs > heardMs && kept.size <= MAX_KEPT) return
      kept.delete(id)
    }
  }

  async function check(ask: Ask): Promise<void> {
    try {
      await verify(ask)
      refused = undefined
    } catch (error) {
      refused = { error, atMs: clock.monotonicMs() }
      throw error
    }
  }

  async function putBack(ask: Ask): Promise<number> {
    forget()
    const rows = [...kept.values()].sort((one, other) => one.now.place - other.now.place)
    let back = 0
    for (let at = 0; at < rows.length; at += BATCH) {
      const some = rows
        .slice(at, at + BATCH)
        .flatMap(({ row, now }) => [...toArguments(row), String(now.revision), String(now.atSeconds)])
      const mending = script('mend', some, { ...ask, deadlineMs: undefined }, lastSeen())
      const reply = await within(mending, RECOVERING_MS)
      back += Number(reply.rest[0])
      look(reply)
    }
    return back
  }

  /** What fails, or is never replied to, is tried again with the next reply; that there is one says that the engine can be asked. */
  async function mend(ask: Ask): Promise<void> {
    isMending = true
    isBehind = false
    try {
      const back = await putBack(ask)
      if (back > 0 || hasLost) warn(createRolledBack(back))
      hasLost = false
      await within(check({ ...ask, deadlineMs: undefined }), RECOVERING_MS)
    } catch (error) {
      isBehind = error !== refused?.error
    } finally {
      isMending = false
    }
  }

  function look(reply: Reply): void {
    if (old.has(reply.fence)) return
    revision = Math.max(revision, reply.revision)
    if (reply.fence === fence && !isBehind && !isMending) heardMs = clock.monotonicMs()
    if (reply.fence === fence) return
    if (fence !== '') {
      old.add(fence)
      const [oldest] = old
      if (old.size > MAX_OLD && oldest !== undefined) old.delete(oldest)
      isBehind = true
      hasLost ||= reply.fence.endsWith('.back')
    }
    fence = reply.fence
  }

  function note(reply: Reply, ask: Ask): void {
    look(reply)
    if (isBehind && !isMending) void mend(ask)
  }

  /** A process that has nothing else to do may be the only one that knows what the engine lost. */
  async function lookAfter(ask: Ask): Promise<void> {
    forget()
    if (kept.size === 0) return end()
    try {
      note(await script('replicas', [], { ...ask, deadlineMs: undefined }, lastSeen()), ask)
    } catch {
      // The engine can't be asked, so there is nothing to put back to; the next look may find it.
    }
  }

  function end(): void {
    clearInterval(timer)
    timer = undefined
  }

  return {
    lastSeen,
    note,
    end,
    keep(row, now, isSent, reply, ask) {
      if (!isSent && !kept.has(row.id)) return
      kept.delete(row.id)
      kept.set(row.id, { row, now, untilMs: clock.monotonicMs() + KEEP_MS })
      forget()
      if (reply.fence !== fence) isBehind = true
      timer ??= startTimer(() => void lookAfter(ask), LOOK_MS)
    },
    isAhead(id, revision) {
      const isAhead = (kept.get(id)?.now.revision ?? 0) > revision
      isBehind ||= isAhead
      return isAhead
    },
    async assertDurable(ask) {
      if (isBehind && !isMending) void mend(ask)
      if (isMending) throw createRecovering()
      if (refused === undefined) return
      if (clock.monotonicMs() - refused.atMs < AGAIN_MS) throw refused.error
      await check(ask)
    },
  }
}

function createRolledBack(back: number): Warning {
  const told =
    back === 0
      ? 'This process sent nothing in the last minute that was missing, so it had nothing to put back.'
      : `This process put back ${back === 1 ? '1 payment' : `${back} payments`}, sent in the last minute.`
  return Object.freeze({
    code: 'LEDGER_ROLLED_BACK',
    message: `Redis was restarted, replaced or emptied, and didn't have all that was written to it. ${told}`,
    hint: 'Only the last minute is put back. If Redis was emptied or a backup restored, budgets, freezes, limits and job keys start over: stop the clients, and lower the limits by what was paid. With `appendfsync always`, or `durable: { replicas: n }` for all replicas that may take over, a restart or a failover loses nothing.',
  } as const)
}
