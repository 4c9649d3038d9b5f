import { assertOptions, invalidOption } from '../errors/options.js'
import type { MoneyState } from '../errors/x402-error.js'
import { moneyOf, type Payment } from '../payment/payment.js'
import type { Ports } from '../payment/ports.js'
import type { Traffic } from './under-way.js'

/**
 * Options of `client.drain`.
 *
 * @example { timeoutMs: 8_000 }
 */
export type DrainOptions = {
  /**
   * How long to wait for what is under way, in milliseconds; `0` waits for nothing. The default leaves five seconds of the thirty that Kubernetes
   * gives a pod to end.
   *
   * @default 25_000
   */
  timeoutMs?: number | undefined
}

/** A payment that was still under way when the time to drain was over. */
export type LeftPayment = {
  readonly id: string
  /** Method and address, without credentials, query and fragment. */
  readonly resource: string
  /** `untouched`: it was reserved and isn't signed. `in-doubt`: it was sent; the same purchase presents it again. */
  readonly money: MoneyState
  /** Whether it was handed to you to send, and you haven't said what came of it. */
  readonly isHandedOut: boolean
}

/** What became of a client that was drained. */
export type Drained = {
  /** Payments that were still under way when the time was over. */
  readonly left: readonly LeftPayment[]
  /** How many calls were still running then, those that joined another one included. */
  readonly calls: number
  /** Why the ledger couldn't be closed; `undefined` if it was, or if it has nothing to close. */
  readonly ledgerError: unknown
}

/** Ends a client without losing what it paid for. */
export type Drainer = {
  /**
   * Buys nothing more, waits for what is under way, and closes the ledger: for the end of a process.
   *
   * From now on a `402` ends with `CLIENT_DRAINED`, the money untouched, in the clients that this one restricted, too. Free calls go on, and quotes
   * do until the ledger is closed. It waits for calls in flight, including those that joined another one or wait for a job, and for payments that you
   * were handed and that can still be spent, until you say what came of them. Then it closes the ledger for every client that uses it: what others
   * that share it have under way is waited for, too, so drain them together. Called again, it returns the same promise.
   *
   * @example
   * ```ts
   * import process from 'node:process'
   *
   * process.once('SIGTERM', async () => {
   *   const { left } = await client.drain({ timeoutMs: 20_000 })
   *   for (const { id, money } of left) console.warn(`payment ${id} is ${money}`)
   * })
   * ```
   *
   * @param options - How long to wait.
   * @returns What was left when the time was over. What was sent by then is in the ledger, and counted.
   * @throws {@link ConfigurationError} `INVALID_OPTION`, `UNKNOWN_OPTION` or `PART_NOT_LOADED`, and nothing changes. It throws nothing else: why a
   *   ledger couldn't be closed is in the result.
   */
  drain(options?: DrainOptions): Promise<Drained>
}

type Draining = Pick<Ports, 'ledger' | 'clock' | 'wait'> & { readonly underWay: Traffic }

/** The longest that a timer takes, in milliseconds: 24 days. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1

/**
 * Waits for what is under way, and closes the ledger.
 *
 * @param options - Untrusted.
 */
export async function drain(options: DrainOptions, ports: Draining): Promise<Drained> {
  const timeoutMs = readTimeout(options)
  const { underWay, ledger, clock } = ports
  // Of what can't be spent anymore nothing need be said, and senders that are gone never say it.
  const isAlive = ({ validUntilSeconds = Number.POSITIVE_INFINITY }: Payment) => clock.nowSeconds() < validUntilSeconds
  const handedOut = () => [...underWay.handedOut.values()]
  await waitFor(
    () => underWay.board.calls === 0 && !handedOut().some(({ payment }) => isAlive(payment)),
    timeoutMs,
    ports,
  )
  const own = handedOut().flatMap(({ payment, by }) => (by === underWay ? [payment] : []))
  const left = [...toLeft(underWay.payments.values(), false), ...toLeft(own, true)]
  const { calls } = underWay
  return Object.freeze({ left: Object.freeze(left), calls, ledgerError: await close(ledger) })
}

/** @throws {@link ConfigurationError} `INVALID_OPTION` or `UNKNOWN_OPTION`. */
function readTimeout(options: DrainOptions): number {
  assertOptions(options, 'drain', ['timeoutMs'])
  const { timeoutMs = 25_000 } = options
  const isTime = typeof timeoutMs === 'number' && timeoutMs >= 0 && timeoutMs <= MAX_TIMEOUT_MS
  if (!isTime) throw invalidOption('drain.timeoutMs', 'a number of milliseconds, 0 or more')
  return timeoutMs
}

async function waitFor(isOver: () => boolean, timeoutMs: number, { underWay, wait }: Draining): Promise<void> {
  if (isOver() || timeoutMs === 0) return
  const ended = new AbortController()
  const { listeners } = underWay.board
  const listener = () => {
    if (isOver()) ended.abort()
  }
  listeners.add(listener)
  try {
    await wait(timeoutMs, ended.signal)
  } finally {
    listeners.delete(listener)
  }
}

function toLeft(payments: Iterable<Payment>, isHandedOut: boolean): LeftPayment[] {
  return [...payments].map((payment) =>
    Object.freeze({ id: payment.id, resource: payment.call.resource, money: moneyOf(payment), isHandedOut }),
  )
}

async function close(ledger: Ports['ledger']): Promise<unknown> {
  try {
    await ledger.close?.()
    return undefined
  } catch (error) {
    return error
  }
}
