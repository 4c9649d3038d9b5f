import type { MoneyState } from '../../errors/x402-error.js'
import type { PaymentEvent } from '../../payment/event.js'
import { type Cap, isRefusal, type Ledger, type Refusal } from '../../payment/ledger.js'
import type { Draft, Payment } from '../../payment/payment.js'
import type { Claimant } from '../../payment/purchase.js'
import { toMoney } from '../error.js'
import type { Batches, Step } from './batches.js'
import { createUnavailable } from './error.js'
import type { Store } from './store.js'
import type { Tabs } from './tabs.js'

/** A ledger in a browser's profile; `createBrowserLedger` opens it. */
export type BrowserLedger = Ledger &
  Required<Pick<Ledger, 'listen'>> & {
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
  readonly listen: BrowserLedger['listen']
}

/**
 * How long a tab that has the same purchase in flight is given to be gone, in milliseconds: a page that is reloaded opens the ledger
 * while the browser is still clearing away what it was before.
 */
const GRACE_MS = 1000

/** Puts a ledger together: each method is one step of a batch. */
export function assembleBrowserLedger({ name, batches, store, tabs, listen }: BrowserLedgerParts): BrowserLedger {
  let closing: Promise<void> | undefined

  function assertOpen(money: MoneyState): void {
    if (closing !== undefined)
      throw createUnavailable(name, { because: 'it was closed', money, hint: 'It stays closed: open another one.' })
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

  /** Where the money is as far as this tab knows: the ledger itself couldn't be asked. */
  function toKnownMoney(id: string, { type }: PaymentEvent): MoneyState {
    const known = batches.peek(id)
    return known === undefined ? 'in-doubt' : toMoney(known.state, type)
  }

  function reserve(draft: Draft, caps: readonly Cap[]) {
    return write('untouched', (copy, self): { reserved: Payment | Refusal; other?: string | undefined } => {
      const reserved = copy.book.reserve(draft, caps)
      if (isRefusal(reserved)) {
        const found = reserved.by === 'open' ? reserved.open.payment : undefined
        // For those that were sent, `claim` has waited.
        const holder = found?.state === 'reserved' ? copy.holderOf(found.id) : undefined
        return { reserved, other: holder === self ? undefined : holder }
      }
      copy.noteTaken(reserved, self)
      return { reserved }
    })
  }

  function claim(claimant: Claimant) {
    return write('untouched', ({ book, noteTaken, holdersOf }, self) => {
      const claimed = book.claim(claimant)
      if (claimed.is === 'yours') noteTaken(claimed.payment, self)
      return { claimed, others: holdersOf(claimant).filter((holder) => holder !== self) }
    })
  }

  return {
    guarantee: 'machine',
    name,
    async reserve(draft, caps) {
      const { reserved, other } = await reserve(draft, caps)
      if (other === undefined) return reserved
      await tabs.outlive([other], GRACE_MS)
      return (await reserve(draft, caps)).reserved
    },
    note: (id, event) =>
      write(toKnownMoney(id, event), ({ book, note }, self) => {
        const after = book.note(id, event)
        note(after, self)
        return after
      }),
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
    get: (kind, key) => read(({ book }) => book.get(kind, key)),
    put: (kind, key, value, expected) =>
      write('untouched', ({ book, noteValue }) => {
        const isPut = book.put(kind, key, value, expected)
        if (isPut) noteValue(kind, key)
        return isPut
      }),
    listen,
    close() {
      closing ??= close()
      return closing
    },
  }
}
