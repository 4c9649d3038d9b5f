import type { Clock } from '../payment/clock.js'
import type { Ledger } from '../payment/ledger.js'
import type { ClientEvent, Emit, EventFacts } from '../payment/stream.js'

/** Most events that wait for an iterator that reads them slowly; then the oldest go. */
const MAX_WAITING_EVENTS = 10_000

/** The events of one client. */
export type EventStream = {
  readonly emit: Emit
  /** Calls `listener` with each event; the answer stops that. */
  listen(listener: (event: ClientEvent) => void): () => void
  /** Every event from now on, until the loop is left. */
  iterate(): AsyncIterableIterator<ClientEvent>
  /** Tells the warnings of a ledger, too, as long as anyone listens. */
  follow(ledger: Ledger): void
}

/** Creates a stream that costs nothing while nobody listens, and in which no listener can disturb a payment. */
export function createEventStream(clock: Clock): EventStream {
  const listeners = new Set<(event: ClientEvent) => void>()
  let followed: Ledger | undefined
  let stop: (() => void) | undefined
  const listen = (listener: (event: ClientEvent) => void) => {
    listeners.add(listener)
    // Not before: a ledger that is shared by thousands of clients would hold each of them.
    stop ??= followed?.listen?.((warning) => emit('warning', () => ({ warning: Object.freeze(warning) })))
    return () => {
      listeners.delete(listener)
      if (listeners.size > 0) return
      stop?.()
      stop = undefined
    }
  }
  const emit: Emit = Object.assign(
    <Type extends ClientEvent['type']>(type: Type, tell: () => EventFacts<Type>) => {
      if (listeners.size === 0) return
      const facts: object = { type, atSeconds: clock.nowSeconds(), ...tell() }
      const event = Object.freeze(facts) as ClientEvent // `tell` is typed by `type`, which an object literal loses
      for (const listener of listeners) callSafely(() => listener(event))
    },
    { isHeard: () => listeners.size > 0 },
  )
  return {
    emit,
    listen,
    iterate: () => iterate(listen),
    follow: (ledger) => {
      followed = ledger
    },
  }
}

async function* iterate(listen: EventStream['listen']): AsyncIterableIterator<ClientEvent> {
  const waiting: ClientEvent[] = []
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
function callSafely(listener: () => void): void {
  try {
    listener()
  } catch {
    // See above; there is nobody to tell but the listener itself.
  }
}
