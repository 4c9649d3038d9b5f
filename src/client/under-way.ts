import type { Ledger } from '../payment/ledger.js'
import type { UnderWay } from '../payment/purchase.js'

/** What one client has under way, as its drain sees it. */
export type Traffic = UnderWay & {
  /** Nothing more is bought from now on. */
  close(): void
  /** As before `close`: it was asked for in a way that means nothing. */
  reopen(): void
  /** How many calls there are. */
  calls: number
  /** What all clients of the ledger have under way in this process. */
  readonly board: Board
}

/** What all clients of one ledger have under way, and who is told whenever that has changed. */
type Board = { calls: number; readonly listeners: Set<() => void> }

const boards = /* @__PURE__ */ new WeakMap<Ledger, Board>()

/** Creates what counts the calls of one client. A ledger is closed when no client of it has any. */
export function createTraffic(ledger: Ledger): Traffic {
  const board: Board = boards.get(ledger) ?? { calls: 0, listeners: new Set() }
  boards.set(ledger, board)
  const payments = new Map<string, Payment>()
  const handedOut = new Map<string, Payment>()
  let calls = 0
  let isDraining = false

  function changed(): void {
    for (const listener of board.listeners) listener()
  }

  return {
    isDraining: () => isDraining,
    begin() {
      let hasEnded = false
      calls += 1
      board.calls += 1
      return () => {
        if (hasEnded) return
        hasEnded = true
        calls -= 1
        board.calls -= 1
        changed()
      }
    },
    payments,
    handedOut,
    handOut(payment) {
      const { id } = payment
      payments.delete(id)
      handedOut.set(id, payment)
      const [oldest] = handedOut.keys()
      if (handedOut.size > MAX_HANDED_OUT && oldest !== undefined) handedOut.delete(oldest)
    },
    tell(id) {
      if (handedOut.delete(id)) changed()
    },
    close() {
      isDraining = true
    },
    reopen() {
      isDraining = false
    },
    calls: () => calls,
    callsOfAll: () => board.calls,
    listen(listener) {
      board.listeners.add(listener)
      return () => void board.listeners.delete(listener)
    },
  }
  return traffic
}
