import type { Ledger } from '../../payment/ledger.js'
import type { Warnings } from '../book/warnings.js'
import type { LocalFile } from './local-file.js'
import type { Recovery } from './replay.js'
import { createRemoteFile } from './socket/remote-file.js'
import type { Seat } from './socket/seat.js'

/** A ledger in a file; `createFileLedger` opens it. */
export type FileLedger = Ledger &
  Required<Pick<Ledger, 'listen'>> & {
    /** All processes of this machine that have the file open share it. */
    readonly guarantee: 'machine'
    /** The file, all links resolved. */
    readonly path: string
    /** What opening the file found; nothing where another process had it open. */
    readonly recovery: Recovery
    /**
     * Rewrites the file: one line for each payment, and of signed payments only those that may have to be presented again.
     *
     * That happens by itself from time to time; call it to have it done now.
     *
     * @throws {@link LedgerError} `LEDGER_UNAVAILABLE` when that failed. The file is complete as it is.
     */
    compact(): Promise<void>
    /**
     * Waits until all that was asked for is on the disk, and ends what this handle has in flight. It refuses everything from then on; other
     * processes go on.
     *
     * @throws {@link LedgerError} `LEDGER_UNAVAILABLE` when not all of it could be written.
     */
    close(): Promise<void>
  }

/**
 * Puts a handle together: where it has the file open itself, its steps are done here, and else by who has.
 *
 * @param path - The file.
 * @param seat - Has a way to it.
 * @param listen - Of its warnings.
 */
export function assembleFileLedger(path: string, seat: Seat, listen: Warnings['listen']): FileLedger {
  const remote = createRemoteFile(path, seat)
  let closing: Promise<void> | undefined

  function local(): LocalFile | undefined {
    const way = seat.way()
    return way !== undefined && 'local' in way ? way.local : undefined
  }

  async function close(): Promise<void> {
    // Refused at once, whoever has the file.
    if (local() === undefined) await remote.leave()
    await seat.close()
  }

  return {
    guarantee: 'machine',
    path,
    recovery: local()?.recovery ?? { released: 0, lost: 0, tornBytes: 0 },
    async reserve(draft, caps) {
      const here = local()
      if (here === undefined) return remote.reserve(draft, caps)
      if (here.mayBeGone('reserve')) await here.settle()
      return here.engine.reserve(draft, caps)
    },
    async note(id, event) {
      return local()?.engine.note(id, event) ?? remote.note(id, event)
    },
    async claim(claimant) {
      const here = local()
      if (here === undefined) return remote.claim(claimant)
      if (here.mayBeGone('claim')) await here.settle()
      return here.engine.claim(claimant)
    },
    async *list(filter) {
      const here = local()
      if (here === undefined) yield* remote.list(filter)
      else yield* here.engine.list(filter)
    },
    async spent(cap) {
      return local()?.engine.spent(cap) ?? remote.spent(cap)
    },
    async get(kind, key) {
      const here = local()
      return here === undefined ? remote.get(kind, key) : here.engine.get(kind, key)
    },
    async put(kind, key, value, expected) {
      const here = local()
      return here === undefined ? remote.put(kind, key, value, expected) : here.engine.put(kind, key, value, expected)
    },
    async compact() {
      await (local()?.engine.compact() ?? remote.compact())
    },
    listen,
    close() {
      closing ??= close()
      return closing
    },
  }
}
