import type { Emit, PaymentEvent } from '../flow/events.js'
import type { Clock } from '../payment/clock.js'

/** Most events that wait for an iterator that reads them slowly; then the oldest go. */
const MAX_WAITING_EVENTS = 10_000

/** The events of one client. */
export type EventStream = {
  readonly emit: Emit
  /** Calls `listener` with each event; the answer stops that. */
  listen(listener: (event: PaymentEvent) => void): () => void
  /** Every event from now on, until the loop is left. */
  iterate(): AsyncIterableIterator<PaymentEvent>
}

/** Creates a stream that costs nothing while nobody listens, and in which no listener can disturb a payment. */
export function createEventStream(clock: Clock): EventStream {
  const listeners = new Set<(event: PaymentEvent) => void>()
  const listen = (listener: (event: PaymentEvent) => void) => {
    listeners.add(listener)
    return () => void listeners.delete(listener)
  }
  return {
    emit(type, tell) {
      if (listeners.size === 0) return
      const facts: object = { type, atSeconds: clock.nowSeconds(), ...tell() }
      const event = Object.freeze(facts) as PaymentEvent // `tell` is typed by `type`, which an object literal loses
      for (const listener of listeners) callSafely(() => listener(event))
    },
    listen,
    iterate: () => iterate(listen),
  }
}

async function* iterate(listen: EventStream['listen']): AsyncIterableIterator<PaymentEvent> {
  const waiting: PaymentEvent[] = []
  let wake: (() => void) | undefined
  const stop = listen((event) => {
    waiting.push(event)
    if (waiting.length > MAX_WAITING_EVENTS) waiting.shift()
    wake?.()
  })
  try {
    while (true) {
      const event = waiting.shift()
      if (event !== undefined) yield event
      else await new Promise<void>((resolve) => (wake = resolve))
    }
  } finally {
    stop()
  }
}

/** Calls a listener. It only watches: what it throws is its own affair and changes no payment. */
export function callSafely(listener: () => void): void {
  try {
    listener()
  } catch {
    // See above; there is nobody to tell but the listener itself.
  }
}
