import type { Warnings } from '../../book/warnings.js'
import { createClosed, createSilent } from '../error.js'
import { createHolder, type Holder } from '../holder.js'
import type { Failure } from '../journal.js'
import { type LocalFile, type LocalFileOptions, openLocalFile } from '../local-file.js'
import { createClosedToOthers, type Lock, type LockRecord, takeLock, type UnseenHolder } from '../lock.js'
import { type Connection, connect } from './connection.js'
import { type Endpoint, findEndpoints } from './endpoint.js'
import { startService } from './service.js'
import { nowMs, PATIENCE_MS, pause } from './time.js'

/** How one handle gets at a ledger's file: it has it open, or it's served by who has. */
export type Way = { readonly local: LocalFile } | { readonly connection: Connection }

/** The place of one handle among all that share a file. The handle that has the lock serves the others, and one of those takes over when it's gone. */
export type Seat = {
  readonly self: Holder
  /** The way as it is now; `undefined` while there is none. */
  way(): Way | undefined
  /** The process that had the file open when this one last looked; `undefined` where this handle never asked another one. */
  servedBy(): number | undefined
  /**
   * Finds a way: takes the lock, or connects to who has it.
   *
   * @throws {@link LedgerError} `LEDGER_LOCKED`, `LEDGER_CORRUPT` or `LEDGER_UNAVAILABLE` when there is none.
   */
  find(): Promise<Way>
  /** Leaves at once, with all that was asked before on the disk; others find another way. */
  close(): Promise<void>
}

/** How a handle is opened. */
export type SeatOptions = Omit<LocalFileOptions, 'self' | 'warnings' | 'mayMake' | 'onFailure'> & {
  readonly unseenHolder: UnseenHolder
  readonly warnings: Warnings
}

/** Between two looks at a lock that changes hands, in milliseconds. */
const LOOK_MS = 5

/** Takes the seat of a new handle; it has no way yet. */
export async function takeSeat(path: string, { unseenHolder, warnings, ...options }: SeatOptions): Promise<Seat> {
  const self = await createHolder()
  let current: Way | undefined
  let finding: Promise<Way> | undefined
  let leaveOwn: ((isFailed?: boolean) => Promise<void>) | undefined
  /** Gives back a file that could not be written. */
  let givingUp: Promise<void> | undefined
  /** Who had the lock when it was last looked at. */
  let server: Holder | undefined
  let hadWay = false
  let isClosed = false

  async function open(lock: Lock, endpoints: readonly Endpoint[]): Promise<Way> {
    const service = await startService(endpoints)
    let failure: Failure | undefined
    let way: Way | undefined
    try {
      if (service.endpoint !== endpoints[0]) await lock.move(service.endpoint)
      const onFailure = (failed: Failure) => {
        failure = failed
        if (way !== undefined) giveUp(failed)
      }
      const local = await openLocalFile(path, { ...options, self, warnings, mayMake: !hadWay, onFailure })
      const forget = warnings.listen(service.warn)
      service.open(local)
      leaveOwn = async (isFailed = false) => {
        forget()
        // In one step: from here on all is refused.
        const stopped = service.stop()
        const ended = isFailed ? undefined : local.engine.leave(self.token)
        const closed = local.engine.close(isFailed || service.isUsed())
        try {
          await Promise.all([ended, closed])
        } finally {
          await stopped
          await lock.release()
          service.end()
        }
      }
      current = way = { local }
      hadWay = true
      if (failure !== undefined) giveUp(failure)
      return way
    } catch (error) {
      await service.stop()
      service.end()
      throw error
    }
  }

  /**
   * Leaves a file that could not be written to who reads it anew, which may be this handle: its steps that failed are told so, and those of
   * others are asked for again.
   */
  function giveUp({ isCut }: Failure): void {
    // One that holds less than was written to it isn't handed on: whoever read it anew would have what was paid once more.
    if (isClosed || isCut) return
    current = undefined
    // What can't be tidied up is found by who comes next, as after a crash.
    givingUp = leaveOwn?.(true).catch(() => undefined)
    leaveOwn = undefined
  }

  async function join({ holder, endpoint }: LockRecord, patienceMs: number): Promise<Way | undefined> {
    if (endpoint === undefined) throw createClosedToOthers(path, holder)
    server = holder
    const connection = await connect(endpoint, { self, onWarning: warnings.warn, patienceMs })
    if (connection === 'stranger') throw createClosedToOthers(path, holder)
    if (connection === 'gone') return undefined
    const way = { connection }
    current = way
    hadWay = true
    void connection.ended.then(() => {
      if (current === way) current = undefined
      // At once, and not when something is asked: what this process has in flight stays its own.
      if (!isClosed) find().catch(() => undefined)
    })
    return way
  }

  async function look(untilMs: number): Promise<Way | undefined> {
    await givingUp
    const endpoints = findEndpoints(path, self.token)
    const taken = await takeLock(path, { holder: self, endpoint: endpoints[0] }, unseenHolder)
    if (taken === 'busy') return undefined
    if ('held' in taken) return join(taken.held, Math.max(LOOK_MS, untilMs - nowMs()))
    try {
      return await open(taken.lock, endpoints)
    } catch (error) {
      await taken.lock.release()
      throw error
    }
  }

  async function seek(): Promise<Way> {
    const untilMs = nowMs() + PATIENCE_MS
    while (!isClosed && nowMs() < untilMs) {
      const way = await look(untilMs)
      if (way !== undefined) return way
      await pause(LOOK_MS)
    }
    throw isClosed ? createClosed(path) : createSilent(path, server?.pid)
  }

  function find(): Promise<Way> {
    if (current !== undefined) return Promise.resolve(current)
    finding ??= seek().finally(() => {
      finding = undefined
    })
    return finding
  }

  return {
    self,
    way: () => current,
    servedBy: () => server?.pid,
    find,
    async close() {
      isClosed = true
      // What is open is closed in this very step.
      if (finding !== undefined) await finding.catch(() => undefined)
      if (current !== undefined && 'connection' in current) current.connection.end()
      if (givingUp !== undefined) await givingUp
      await leaveOwn?.()
    },
  }
}
