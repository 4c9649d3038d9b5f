import { assertOptions, invalidOption } from '../../errors/options.js'
import type { Clock } from '../../payment/clock.js'
import type { RandomBytes } from '../../payment/random.js'
import type { Warning } from '../../payment/stream.js'

/** What a payment must survive before it is sent: the end of the machine, a failover to one of so many replicas, or nothing in particular. */
export type Durable = 'fsync' | 'best-effort' | { readonly replicas: number }

/** What the ledgers of all engines are given, besides how theirs is asked and what it must survive. */
export type EngineOptions = {
  /** For how long a step is retried while the database doesn't respond, in seconds. After that it fails, and has no effect. @default 5 */
  patienceSeconds?: number | undefined
  /** Called with what stopped nothing but is worth knowing; the ledger's clients are told, too. @default not called */
  onWarning?: ((warning: Warning) => void) | undefined
  /** For tests: what limits per hour or day go by. @default the clock of the database, which is the same for all processes */
  clock?: Clock | undefined
  /** What the payments' ids are made from. @default the platform's generator */
  random?: RandomBytes | undefined
}

/** The longest patience, in seconds: a caller that waits for longer has gone. */
const MAX_PATIENCE_SECONDS = 300

/** What the ledgers of all engines are asked for. */
const SHARED = ['durable', 'assume', 'patienceSeconds', 'onWarning', 'clock', 'random']

/**
 * Checks the options that the ledgers of all engines have in common, and that there are no others but their own.
 *
 * @param options - Untrusted.
 * @param where - What is called with them, such as `createRedisLedger`.
 * @param own - The names of the options that this engine alone has.
 * @throws {@link ConfigurationError} naming the option that can't be read.
 */
export function assertEngineOptions(
  options: unknown,
  where: string,
  own: readonly string[],
): asserts options is Readonly<Record<string, unknown>> {
  assertOptions(options, where, [...own, ...SHARED])
  const { durable = 'fsync', assume, patienceSeconds = 5 } = options
  if (!isDurable(durable)) throw invalidOption('durable', "'fsync', 'best-effort', or { replicas: n } with n from 1")
  if (assume !== undefined && assume !== 'fsync') throw invalidOption('assume', "'fsync'")
  if (typeof patienceSeconds !== 'number' || !(patienceSeconds > 0 && patienceSeconds <= MAX_PATIENCE_SECONDS)) {
    throw invalidOption('patienceSeconds', `a number above 0, and at most ${MAX_PATIENCE_SECONDS}`)
  }
}

function isDurable(durable: unknown): durable is Durable {
  if (durable === 'fsync' || durable === 'best-effort') return true
  if (typeof durable !== 'object' || durable === null || !('replicas' in durable)) return false
  return Number.isSafeInteger(durable.replicas) && Number(durable.replicas) > 0
}
