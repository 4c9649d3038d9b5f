import type { Clock } from '../../payment/clock.js'
import type { RandomBytes } from '../../payment/random.js'
import { createBook } from '../book/book.js'
import { CLOCK } from '../book/ledger-time.js'
import type { Warnings } from '../book/warnings.js'
import { writeEvent, writeValue } from '../codec/line.js'
import { createPackedArchive } from './archive.js'
import { createCompactor } from './compactor.js'
import { createDictionary } from './dictionary.js'
import { assembleEngine, type Engine } from './engine.js'
import { type Holder, judgeHolder } from './holder.js'
import { createHoldings } from './holdings.js'
import { createJournal, type Failure, type Journal } from './journal.js'
import { openFile } from './open.js'
import type { Recovery } from './replay.js'
import { createDisconnected } from './socket/disconnected.js'

/** A ledger's file that this process has open, and those that it serves. */
export type LocalFile = {
  readonly engine: Engine
  /** What opening it found. */
  readonly recovery: Recovery
  /** Lets a process in that is served from now on. */
  welcome(process: Holder): Promise<Engine>
  /** Ends what a process has in flight, since it's gone. */
  leave(owner: string): Promise<void>
  /** Whether a step may be refused for the sake of a process that is gone, and nothing has told that yet. */
  mayBeGone(step: unknown): boolean
  /** Finds out which of them are gone. */
  settle(): Promise<void>
}

/** How a file is opened. */
export type LocalFileOptions = {
  readonly self: Holder
  readonly compactAfterLines: number
  readonly clock: Clock
  readonly random: RandomBytes
  readonly warnings: Pick<Warnings, 'warn' | 'tellFall'>
  /** Whether the file may be made where there is none. @default true */
  readonly mayMake?: boolean | undefined
  /** Told once, in the step in which the file can't be written any more. */
  readonly onFailure?: ((failure: Failure) => void) | undefined
}

/** Steps that what another process has in flight may stand in the way of. */
const STEPS: readonly unknown[] = ['reserve', 'claim']

/**
 * Opens a ledger's file. The caller holds its lock.
 *
 * @throws {@link LedgerError} `LEDGER_CORRUPT` when the file isn't as it was written.
 */
export async function openLocalFile(path: string, options: LocalFileOptions): Promise<LocalFile> {
  const { self, compactAfterLines: afterLines, clock, random, warnings, mayMake = true, onFailure } = options
  const { warn: onWarning, tellFall } = warnings
  const holdings = createHoldings()
  const book = createBook(clock, random, createPackedArchive(), (fall) => {
    tellFall(fall)
    // Where it can't be written, the journal says so to whatever is written next; the step that it belongs to is written after it.
    const line = writeValue(CLOCK.kind, CLOCK.key, book.get(CLOCK.kind, CLOCK.key))
    clockLine = journal.append(line, false).catch(() => undefined)
  })
  let clockLine: Promise<void> | undefined

  async function isAlive(owner: string): Promise<boolean> {
    const holder = holdings.processes.get(owner)
    return owner === self.token || (holder !== undefined && (await judgeHolder(holder, self)) === 'alive')
  }

  const { log, recovery, isOld, ended } = await openFile(path, { book, holdings, isAlive }, mayMake)
  const journal: Journal = createJournal(path, log, onFailure)
  const dictionary = createDictionary()
  const compactor = createCompactor({ book, journal, dictionary, holdings, afterLines, onWarning })
  holdings.processes.set(self.token, self)
  for (const [id, event] of ended) journal.append(writeEvent(id, event), false).catch(() => undefined)
  compactor.consider()
  if (recovery.tornBytes > 0) onWarning(createTornWarning(path, recovery))
  const engine = assembleEngine({ path, book, journal, dictionary, compactor, holdings, clockLine: () => clockLine })
  const disconnected = createDisconnected(holdings, self, leave)
  let renewing: Promise<void> | undefined

  async function leave(owner: string): Promise<void> {
    const ended = engine.leave(owner)
    // In one step with that: once it's written, the process may be back.
    if (holdings.by(owner).length === 0) holdings.processes.delete(owner)
    await ended
  }

  async function renew(): Promise<void> {
    try {
      await engine.compact()
    } catch (error) {
      renewing = undefined // once there is room on the disk, it's tried again by who comes next
      throw error
    }
  }

  return {
    engine,
    recovery,
    async welcome(process) {
      disconnected.returned(process.token)
      holdings.processes.set(process.token, process)
      if (isOld) renewing ??= renew()
      await renewing
      return engine
    },
    leave,
    mayBeGone: (step) => disconnected.count() > 0 && STEPS.includes(step),
    settle: disconnected.settle,
  }
}

function createTornWarning(path: string, { tornBytes }: Recovery) {
  return {
    code: 'LEDGER_TORN_LINE',
    message: `The last line of ${path} was never written to its end, and its ${tornBytes} bytes were cut off. A payment is sent only once its line is whole.`,
  } as const
}
