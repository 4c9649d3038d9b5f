import { assertOptions, invalidOption } from '../../errors/options.js'
import { isX402Error } from '../../errors/x402-error.js'
import { type Clock, systemClock } from '../../payment/clock.js'
import { type RandomBytes, systemRandomBytes } from '../../payment/random.js'
import type { Warning } from '../../payment/stream.js'
import { createWarnings } from '../book/warnings.js'
import { createBatches } from './batches.js'
import { createUnavailable } from './error.js'
import { assembleBrowserLedger, type BrowserLedger } from './ledger.js'
import { openStore } from './store.js'
import { createTabs } from './tabs.js'

export type { BrowserLedger }

/**
 * Opens a ledger in the browser's profile (IndexedDB), so that limits and payments in doubt outlast a reload, and all tabs of one origin
 * share them. Makes it when there is none. Pages and workers can open it, also several at a time.
 *
 * Every payment is on the disk before it is sent. When a tab is closed, what it had reserved and not sent counts no more; what it had
 * sent is in doubt, and the same purchase presents the same payment again, from any tab. What a tab that is still there has in flight
 * is left alone. What can't be written down isn't signed.
 *
 * @example
 * ```ts no-run needs a browser
 * const ledger = await createBrowserLedger()
 * const client = new x402Client({ ledger, limits: { perDay: '$5' } })
 * ledger.guarantee //=> 'machine'
 * ```
 *
 * @param options - Its name, and ports.
 * @returns A ledger that holds what the profile does.
 * @throws {@link LedgerError} `LEDGER_UNAVAILABLE` when the page may store nothing or isn't a secure context, and `LEDGER_CORRUPT` when
 *   the ledger isn't as it was written.
 */
export async function createBrowserLedger(options: createBrowserLedger.Options = {}): Promise<BrowserLedger> {
  assertOptions(options, 'createBrowserLedger', ['name', 'onWarning', 'clock', 'random'])
  const { name = 'payments', clock = systemClock, random = systemRandomBytes, onWarning } = options
  if (typeof name !== 'string' || name === '') throw invalidOption('name', 'a text')
  try {
    const { indexedDB, locks } = findPlatform(name)
    const tabs = createTabs(locks, name)
    await tabs.alive() // where locks are forbidden, that shows here and not at the first payment
    const store = await openStore(indexedDB, name)
    const { tellFall, listen } = createWarnings(onWarning)
    const batches = createBatches({ ledger: name, store, tabs, clock, random, tellFall })
    const ledger = assembleBrowserLedger({ name, batches, store, tabs, listen })
    await readOrClose(ledger)
    return ledger
  } catch (cause) {
    throw isX402Error(cause) ? cause : createUnavailable(name, { cause })
  }
}

export declare namespace createBrowserLedger {
  /**
   * Which ledger of the origin it is, and what it runs on.
   *
   * @example
   * ```ts no-run needs a browser
   * const ledger = await createBrowserLedger({ name: 'team-a', onWarning: ({ message }) => console.warn(message) })
   * ```
   */
  type Options = {
    /**
     * Which ledger of this origin. Pages that give the same name share one budget.
     *
     * @default 'payments'
     */
    name?: string | undefined
    /** Called with what went on all the same but is worth knowing; the clients of the ledger are told, too. @default not called */
    onWarning?: ((warning: Warning) => void) | undefined
    /** What tells the time. A clock set back frees nothing. @default the machine's clock */
    clock?: Clock | undefined
    /** What the payments' ids are made from. @default the platform's generator */
    random?: RandomBytes | undefined
  }
}

/** Reads it once, to know that it can be read, and gives up what closed tabs had in flight. */
async function readOrClose(ledger: BrowserLedger): Promise<void> {
  try {
    for await (const _ of ledger.list({})) break
  } catch (error) {
    await ledger.close()
    throw error
  }
}

/** What browsers have and other runtimes don't, nor pages that aren't secure contexts. */
function findPlatform(name: string): { indexedDB: IDBFactory; locks: LockManager } {
  const { indexedDB, navigator }: { indexedDB?: IDBFactory; navigator?: { locks?: LockManager } } = globalThis
  if (indexedDB === undefined || indexedDB === null) {
    throw createUnavailable(name, { because: 'there is no IndexedDB here' })
  }
  const locks = navigator?.locks
  if (locks !== undefined) return { indexedDB, locks }
  throw createUnavailable(name, {
    because: 'there are no Web Locks here, which a page has only when it is served over https or from localhost',
  })
}
