import { assertOptions, invalidOption } from '../../errors/options.js'
import { isX402Error } from '../../errors/x402-error.js'
import { type Clock, systemClock } from '../../payment/clock.js'
import { type RandomBytes, systemRandomBytes } from '../../payment/random.js'
import type { Warning } from '../../payment/stream.js'
import { createWarnings } from '../book/warnings.js'
import { createUnavailable } from './error.js'
import { assembleFileLedger, type FileLedger } from './ledger.js'
import { resolveFile } from './open.js'
import { takeSeat } from './socket/seat.js'
import { stayFor } from './socket/time.js'

export type { FileLedger }

/**
 * Opens a ledger that lives in a file, so that limits and payments in doubt outlast the process. Makes it when there is none.
 *
 * Every payment is on the disk before it is sent. After a crash, what was never sent counts no more; what was sent is in doubt, and
 * the same purchase presents the same payment again. A step that can't be written down fails, and the file is read again by who comes next, which
 * may be this handle: as after a crash. A file that was removed is made again only by a call of this function.
 *
 * Any number of processes of one machine may have it open, even several times each: they share one budget, and one fetches what another
 * has lost. The first one serves the others over a socket next to the file, and one of those takes over when it's gone: steps that were
 * under way take effect once. Limits go by the clock of the process that serves. If that one is frozen, steps fail after five seconds.
 *
 * Each line carries a checksum over all before it, so a line that was changed, removed, added or moved is noticed. Lines that were
 * cut off whole at the end aren't, nor is an older copy of the file, nor an edit by someone who computes the checksums again.
 *
 * @example
 * ```ts
 * import { mkdtemp } from 'node:fs/promises'
 *
 * const folder = await mkdtemp('/tmp/shop-')
 * const ledger = await createFileLedger(`${folder}/payments.ledger`)
 * const client = new x402Client({ ledger, limits: { perDay: '$5' } })
 * ledger.guarantee //=> 'machine'
 * await ledger.close()
 * ```
 *
 * @param path - The file. Its folder must exist, on a disk of this machine.
 * @param options - When to tidy up, whom to tell, and ports.
 * @returns A ledger that holds what the file does. Close it when you are done, so that others needn't find out that this process is gone.
 * @throws {@link LedgerError} `LEDGER_LOCKED` when a process has it open that can't be seen from here, `LEDGER_CORRUPT` when the file
 *   isn't as it was written, and `LEDGER_UNAVAILABLE` when it can't be read or written, or the process that has it open doesn't respond.
 */
export async function createFileLedger(path: string, options: createFileLedger.Options = {}): Promise<FileLedger> {
  assertFileOptions(path, options)
  try {
    const {
      compactAfterLines = 10_000,
      unseenHolder = 'refuse',
      clock = systemClock,
      random = systemRandomBytes,
    } = options
    const file = await resolveFile(path)
    const warnings = createWarnings(options.onWarning)
    const seat = await takeSeat(file, { compactAfterLines, unseenHolder, clock, random, warnings })
    await stayFor(seat.find())
    return assembleFileLedger(file, seat, warnings.listen)
  } catch (cause) {
    if (isX402Error(cause)) throw cause
    throw createUnavailable(path, 'it could not be opened', { cause })
  }
}

export declare namespace createFileLedger {
  /**
   * How the file is kept, and what the ledger runs on.
   *
   * @example
   * ```ts
   * const ledger = await createFileLedger(`${folder}/payments`, { onWarning: ({ message }) => console.warn(message) })
   * await ledger.close()
   * ```
   */
  type Options = {
    /**
     * How many lines may be over before the file is rewritten, with one line for each payment. A payment has three lines at
     * first. It never happens before half of the lines are over. The process that serves the others decides.
     *
     * @default 10_000
     */
    compactAfterLines?: number | undefined
    /**
     * What to do with a lock whose process can't be seen from here: one of another container or another machine. `'take-over'` only
     * where something else makes sure that there is one at a time: two that write one file destroy it.
     *
     * @default 'refuse'
     */
    unseenHolder?: 'refuse' | 'take-over' | undefined
    /** Called with what stopped nothing but is worth knowing. Nothing is ever written to the console. @default not called */
    onWarning?: ((warning: Warning) => void) | undefined
    /** What tells the time. A clock set back frees nothing. @default the machine's clock */
    clock?: Clock | undefined
    /** What the payments' ids are made from. @default the platform's generator */
    random?: RandomBytes | undefined
  }
}

function assertFileOptions(path: string, options: createFileLedger.Options): void {
  const known = ['compactAfterLines', 'unseenHolder', 'onWarning', 'clock', 'random']
  assertOptions(options, 'createFileLedger', known)
  const { compactAfterLines = 0, unseenHolder = 'refuse' } = options
  if (typeof path !== 'string' || path === '') throw invalidOption('path', 'the name of a file')
  if (typeof compactAfterLines !== 'number' || !(compactAfterLines >= 0)) {
    throw invalidOption('compactAfterLines', 'a number, 0 or more')
  }
  if (unseenHolder !== 'refuse' && unseenHolder !== 'take-over') {
    throw invalidOption('unseenHolder', "'refuse' or 'take-over'")
  }
}
