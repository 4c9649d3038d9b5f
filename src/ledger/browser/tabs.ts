import { drawHex } from '../../payment/random.js'

/** The tabs of a ledger: pages and workers of this browser that have it open and a payment in flight. */
export type Tabs = {
  /** The name of this tab, by which others can tell that it is alive, until it leaves. */
  self(): Promise<string>
  /** The names of those that are alive. */
  alive(): Promise<ReadonlySet<string>>
  /** Waits until these tabs are gone, but no longer than `milliseconds`. */
  outlive(names: readonly string[], milliseconds: number): Promise<void>
  /** Leaves what this tab has in flight to others. From then on, the tab has another name. */
  leave(): void
}

/**
 * Creates the view of one ledger's tabs.
 *
 * A tab that has a payment in flight holds a lock under its own name, which the browser takes back when the tab is closed, crashes or
 * goes elsewhere, and not before.
 *
 * @param locks - The platform's.
 * @param ledger - The name of the ledger.
 */
export function createTabs(locks: LockManager, ledger: string): Tabs {
  const prefix = `pay402-ledger:${ledger}:`
  let taken: Promise<string> | undefined
  let release = (): void => undefined

  function take(): Promise<string> {
    const name = drawHex(16)
    return new Promise((resolve, reject) => {
      const held = locks.request(prefix + name, () => {
        resolve(name)
        return new Promise<void>((end) => {
          release = end
        })
      })
      // Refused, or stolen by other code of this origin: others now believe that this tab is gone, so it takes a new name.
      held.catch((error: unknown) => {
        taken = undefined
        reject(error)
      })
    })
  }

  return {
    self: () => (taken ??= take()),
    async alive() {
      const { held = [] } = await locks.query()
      const names = held.flatMap(({ name = '' }) => (name.startsWith(prefix) ? [name.slice(prefix.length)] : []))
      return new Set(names)
    },
    async outlive(names, milliseconds) {
      const signal = AbortSignal.timeout(milliseconds)
      const ends = names.map((name) => locks.request(prefix + name, { mode: 'shared', signal }, () => undefined))
      await Promise.allSettled(ends)
    },
    leave() {
      release()
      taken = undefined
    },
  }
}
