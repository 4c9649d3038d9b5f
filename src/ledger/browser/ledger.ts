import type { MoneyState } from '../../errors/x402-error.js'
import type { Cap, Ledger, NewRecord, Reservation, State } from '../../flow/ports.js'
import type { Claimant } from '../../payment/purchase.js'
import { toMoney } from '../ledger-error.js'
import type { Batches, Step } from './batches.js'
import { createUnavailable } from './error.js'
import type { Store } from './store.js'
import type { Tabs } from './tabs.js'

/** A ledger in a browser's profile; `createBrowserLedger` opens it. */
export type BrowserLedger = Ledger & {
  /** One browser profile on this machine: all tabs of one origin, across reloads and restarts. */
  readonly guarantee: 'machine'
  readonly name: string
  /** Leaves the ledger to other tabs, as if this one were closed, once all that was asked before is done. It refuses everything else. */
  close(): Promise<void>
}

/** What a browser's ledger is put together from. */
export type BrowserLedgerParts = {
  readonly name: string
  readonly batches: Batches
  readonly store: Store
  readonly tabs: Tabs
}

/**
 * How long a tab that has the same purchase under way is given to be gone, in milliseconds: a page that is reloaded opens the ledger
 * while the browser is still clearing away what it was before.
 */
const GRACE_MS = 1000

/** Puts a ledger together: each method is one step of a batch. */
export function assembleBrowserLedger({ name, batches, store, tabs }: BrowserLedgerParts): BrowserLedger {
  let closing: Promise<void> | undefined

  function assertOpen(money: MoneyState): void {
    if (closing !== undefined) throw createUnavailable(name, { because: 'it was closed', money })
  }

  async function write<T>(money: MoneyState, step: Step<T>): Promise<T> {
    assertOpen(money)
    return batches.write(step, money)
  }

  async function read<T>(step: Step<T>): Promise<T> {
    assertOpen('untouched')
    return batches.read(step)
  }

  async function close(): Promise<void> {
    // Who asked before is told what came of it; closing goes on all the same.
    await batches.read(() => undefined).catch(() => undefined)
    tabs.leave()
    store.close()
  }

  function reserve(record: NewRecord, caps: readonly Cap[]) {
    return write('untouched', (copy, self): { reservation: Reservation; other?: string | undefined } => {
      const reserved = copy.book.reserve(record, caps)
      if ('refusedBy' in reserved) {
        const record = reserved.open?.record
        // For those that were sent, `claim` has waited.
        const isUnsent = record?.state === 'reserved' || record?.state === 'signed'
        const holder = isUnsent ? copy.holderOf(record.id) : undefined
        return { reservation: reserved, other: holder === self ? undefined : holder }
      }
      copy.noteTaken(reserved, self)
      return { reservation: { id: reserved.id } }
    })
  }

  function claim(claimant: Claimant) {
    return write('untouched', ({ book, noteTaken, holdersOf }, self) => {
      const claimed = book.claim(claimant)
      if (claimed.is === 'yours') noteTaken(claimed.record, self)
      return { claimed, others: holdersOf(claimant).filter((holder) => holder !== self) }
    })
  }

  return {
    guarantee: 'machine',
    name,
    async reserve(record, caps) {
      const { reservation, other } = await reserve(record, caps)
      if (other === undefined) return reservation
      await tabs.outlive([other], GRACE_MS)
      return (await reserve(record, caps)).reservation
    },
    move: (id, from, to, facts) =>
      write(toLatestMoney(from, to), ({ book, note }, self) => note(book.move(id, from, to, facts), self)),
    async claim(claimant) {
      const { claimed, others } = await claim(claimant)
      if (claimed.is === 'yours' || others.length === 0) return claimed
      await tabs.outlive(others, GRACE_MS)
      return (await claim(claimant)).claimed
    },
    async *list(filter) {
      yield* await read(({ book }) => [...book.list(filter)])
    },
    spent: (cap) => read(({ book }) => book.spent(cap)),
    close() {
      closing ??= close()
      return closing
    },
  }
}

/** Where the money is at most, as far as whoever asks for the move knows: the ledger itself couldn't be asked. */
function toLatestMoney(from: readonly State[], to: State): MoneyState {
  return toMoney(from.at(-1) ?? 'sent', to)
}
