import type { Clock } from '../payment/clock.js'
import type { Circuit } from '../payment/ports.js'
import { readOrigin } from '../wire/host.js'

/** When to stop buying from an origin that takes money and delivers nothing. */
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
}

/** Creates the circuits of one client, one per origin. */
export function createCircuit({ failures = 3, seconds = 600 }: CircuitOptions, clock: Clock): Circuit {
  const origins = new Map<string, { failed: Set<string>; atMs: number }>()

  function fail(origin: string, payments: readonly string[]): void {
    const failed = new Set([...(origins.get(origin)?.failed ?? []), ...payments])
    origins.delete(origin) // the newest comes last
    origins.set(origin, { failed, atMs: clock.monotonicMs() })
    const [oldest] = origins.keys()
    if (origins.size > MAX_ORIGINS && oldest !== undefined) origins.delete(oldest)
  }

  return {
    openFor(origin) {
      const seen = origins.get(origin)
      if (seen === undefined || seen.failed.size < failures) return 0
      const left = seconds - (clock.monotonicMs() - seen.atMs) / 1000
      if (left > 0) return Math.ceil(left)
      origins.delete(origin)
      return 0
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
      if (origin === undefined) origins.clear()
      else origins.delete(readOrigin(origin))
    },
  }
}
