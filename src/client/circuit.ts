import type { Clock } from '../payment/clock.js'
import type { Circuit } from '../payment/ports.js'
import { readOrigin } from '../wire/host.js'

/**
 * When to stop buying from an origin that takes money and delivers nothing.
 *
 * @example
 * ```ts
 * import { x402Client } from 'pay402'
 *
 * new x402Client({ circuit: { failures: 2, seconds: 3600 } })
 * ```
 */
export type CircuitOptions = {
  /** How many payments in a row must have brought nothing; one that is presented again counts once. @default 3 */
  failures?: number | undefined
  /** For how long further ones are refused, in seconds. @default 600 */
  seconds?: number | undefined
}

/** Most origins that are remembered, since sellers choose their names; then the one that failed longest ago is forgotten. */
const MAX_ORIGINS = 1000

/** No origin is ever refused. */
export const NO_CIRCUIT: Circuit = {
  openFor: () => 0,
  note: () => undefined,
  presume: () => () => undefined,
  reset: () => undefined,
  resets: () => 0,
  below: () => NO_CIRCUIT,
}

/** Most names of restricted clients whose circuits are remembered; then the one that was made longest ago is forgotten. */
const MAX_NAMES = 1000

/**
 * Creates the circuits of one client, one per origin.
 *
 * @param above - Those of the client that it was restricted from.
 */
export function createCircuit(options: CircuitOptions, clock: Clock, above: Circuit = NO_CIRCUIT): Circuit {
  const { failures = 3, seconds = 600 } = options
  const origins = new Map<string, { failed: Set<string>; atMs: number }>()
  const named = new Map<string, Circuit>()
  let resets = 0
  let resetsAbove = above.resets()

  function fail(origin: string, payments: readonly string[]): void {
    const failed = new Set([...(origins.get(origin)?.failed ?? []), ...payments])
    origins.delete(origin) // the newest comes last
    origins.set(origin, { failed, atMs: clock.monotonicMs() })
    const [oldest] = origins.keys()
    if (origins.size > MAX_ORIGINS && oldest !== undefined) origins.delete(oldest)
  }

  function openHere(origin: string): number {
    const seen = origins.get(origin)
    if (seen === undefined || seen.failed.size < failures) return 0
    const left = seconds - (clock.monotonicMs() - seen.atMs) / 1000
    if (left > 0) return Math.ceil(left)
    origins.delete(origin)
    return 0
  }

  const circuit: Circuit = {
    openFor(origin) {
      // Whoever may allow it above allows it here.
      if (above.resets() !== resetsAbove) origins.clear()
      resetsAbove = above.resets()
      return Math.max(above.openFor(origin), openHere(origin))
    },
    note(origin, payment, isDelivered) {
      if (isDelivered) origins.delete(origin)
      else fail(origin, [payment])
    },
    presume(origin, payment) {
      const { failed = [] } = origins.get(origin) ?? {}
      origins.delete(origin)
      // Whatever was forgotten for its sake is remembered again.
      return (isMissing) => {
        if (isMissing) fail(origin, [...failed, payment])
      }
    },
    reset(origin) {
      resets += 1
      if (origin === undefined) origins.clear()
      else origins.delete(readOrigin(origin))
    },
    resets: () => above.resets() + resets,
    below(name) {
      const known = name === undefined ? undefined : named.get(name)
      const below = known ?? createCircuit(options, clock, circuit)
      if (name !== undefined) named.set(name, below)
      const [oldest] = named.keys()
      if (named.size > MAX_NAMES && oldest !== undefined) named.delete(oldest)
      return below
    },
  }
  return circuit
}
