import { assertOptions, invalidOption } from '../errors/options.js'
import { type BudgetParts, readBudgetParts, type SumLimit } from './budget.js'

/** A length of time: seconds, minutes, hours or days, such as `'90s'`, `'15m'`, `'36h'`, `'7d'`. At most 366 days. */
export type Duration = `${number}${'s' | 'm' | 'h' | 'd'}`

/** A budget for any stretch of time of this length. */
export type WindowLimit = BudgetParts & { window: Duration }

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 }
/** What counts for longer than a year is a total; a mistyped window would count for ever. */
const MAX_WINDOW_SECONDS = 366 * 86_400

/**
 * Reads an entry of `windows`.
 *
 * @param input - Untrusted: a {@link WindowLimit}.
 * @param where - What it is called in the options, such as `limits.windows[0]`.
 * @throws {@link ConfigurationError} naming the option that can't be read.
 */
export function readWindow(input: unknown, where: string): readonly SumLimit[] {
  assertOptions(input, where, ['window', 'amount', 'payments'])
  return readBudgetParts(input, where, { windowSeconds: readSeconds(input['window'], `${where}.window`) })
}

function readSeconds(input: unknown, where: string): number {
  const [, digits, unit = ''] = (typeof input === 'string' && /^(\d{1,8})([smhd])$/.exec(input)) || []
  const seconds = Number(digits) * (SECONDS[unit] ?? 0)
  if (seconds > 0 && seconds <= MAX_WINDOW_SECONDS) return seconds
  throw invalidOption(where, "a length of time up to '366d', such as '90s', '15m', '36h' or '7d'")
}
