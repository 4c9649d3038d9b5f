import type { PaymentEvent } from '../../payment/event.js'
import type { Payment } from '../../payment/payment.js'
import { isUnderWay } from '../../payment/purchase.js'
import type { Holder } from './holder.js'

/** That a process which doesn't write the file has a payment in flight. */
export type Hold = {
  /** Its token. */
  readonly owner: string
  /** Of the step that claimed it; `undefined` where it's in flight without a claim. */
  readonly claim?: string | undefined
}

/** Which process has what in flight. What isn't here is in flight of the process that writes the file, if it is at all. */
export type Holdings = {
  of(id: string): Hold | undefined
  put(id: string, hold: Hold): void
  drop(id: string): void
  /**
   * Takes note of what happened to a payment: what is sent is in flight of who sends it, and what is over is of no one.
   *
   * @param after - The payment as it is now.
   * @param owner - Who said so; `undefined` for the process that writes the file.
   * @returns Whether another process has it in flight now, or none has anymore.
   */
  follow(after: Payment, event: PaymentEvent, owner: string | undefined): boolean
  /** The payments that a process has in flight. */
  by(owner: string): readonly string[]
  /** All of them as they are now. */
  all(): readonly (readonly [string, Hold])[]
  /** Processes by their tokens. */
  readonly processes: Map<string, Holder>
  /** Keeps the token of a step that put a value into the register, and where. */
  keepPut(token: string, kind: string, key: string): void
  /** Whether a step with this token put a value there, of late. */
  hasPut(token: string): boolean
  /** The token of the last step that is known to have put a value there. */
  lastPut(kind: string, key: string): string | undefined
}

/** Most steps that are known by their tokens: one is done again within seconds, or never. */
const MAX_PUTS = 1000

/** Creates holdings in which no process has anything. */
export function createHoldings(): Holdings {
  const holds = new Map<string, Hold>()
  const puts = new Map<string, string>()
  const lastPuts = new Map<string, string>()
  return {
    of: (id) => holds.get(id),
    put: (id, hold) => void holds.set(id, hold),
    drop: (id) => void holds.delete(id),
    follow(after, { type }, owner) {
      const { id } = after
      const before = holds.get(id)
      if (type === 'sent' && owner !== undefined && isInFlight(after)) holds.set(id, { owner })
      else if (before !== undefined && (type === 'sent' || !isInFlight(after))) holds.delete(id)
      const now = holds.get(id)
      return before?.owner !== now?.owner || before?.claim !== now?.claim
    },
    by: (owner) => [...holds].flatMap(([id, hold]) => (hold.owner === owner ? [id] : [])),
    all: () => [...holds],
    processes: new Map(),
    keepPut(token, kind, key) {
      const name = toName(kind, key)
      puts.set(token, name)
      lastPuts.set(name, token)
      const [oldest] = puts
      if (puts.size <= MAX_PUTS || oldest === undefined) return
      puts.delete(oldest[0])
      if (lastPuts.get(oldest[1]) === oldest[0]) lastPuts.delete(oldest[1])
    },
    hasPut: (token) => puts.has(token),
    lastPut: (kind, key) => lastPuts.get(toName(kind, key)),
  }
}

const toName = (kind: string, key: string): string => JSON.stringify([kind, key])

/** Whether a process that ends leaves something of a payment to be ended. */
export function isInFlight(payment: Payment): boolean {
  return isUnderWay(payment) || payment.claimed
}
