import type { Ledger } from '../payment/ledger.js'
import type { HandedOut, UnderWay } from '../payment/purchase.js'

/** What one client has under way, as its drain sees it. */
export type Traffic = UnderWay & {
  /** How many calls there are. */
  calls: number
  /** What all clients of the ledger have under way in this process. */
  readonly board: Board
}

/** What all clients of one ledger have under way, and who is told whenever that has changed. */
type Board = { calls: number; readonly handedOut: Map<string, HandedOut>; readonly listeners: Set<() => void> }

const boards = /* @__PURE__ */ new WeakMap<Ledger, Board>()

/** Creates what counts the calls of one client. A ledger is closed when no client of it has any, nor waits to be told of a payment. */
export function createTraffic(ledger: Ledger): Traffic {
  const board: Board = boards.get(ledger) ?? { calls: 0, handedOut: new Map(), listeners: new Set() }
  boards.set(ledger, board)
  const traffic: Traffic = {
    isDraining: false,
    calls: 0,
    board,
    payments: new Map(),
    handedOut: board.handedOut,
    count(change) {
      traffic.calls += change
      board.calls += change
      for (const listener of board.listeners) listener()
    },
  }
  return traffic
}
