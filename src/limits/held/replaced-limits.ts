import { invalidOption } from '../../errors/options.js'
import { isX402Error } from '../../errors/x402-error.js'
import type { Value } from '../../payment/ledger.js'
import type { Allowed, Limits } from '../../payment/limits.js'
import { isJsonObject } from '../../wire/json.js'
import { approvalOf, createLimits, type LimitsOptions } from '../create-limits.js'
import { narrowLimits } from '../narrow-limits.js'
import { readRules } from '../rules.js'

/** Limits that can be kept in a ledger: as those of a client, and all JSON, so that `approve` can be `'later'` alone. */
export type KeptLimits = Omit<LimitsOptions, 'approve'> & {
  /** Has what `approveAbove` says, or everything, approved at a desk; a client's own `approve` is asked as before. @default no one is asked in addition */
  approve?: 'later' | undefined
}

/**
 * Reads limits that are to be kept in a ledger.
 *
 * @param options - Untrusted. An amount that is a bigint is kept as its digits.
 * @returns The same as JSON.
 * @throws {@link ConfigurationError} naming the option that can't be read or kept.
 */
export function readKeptLimits(options: KeptLimits): Value {
  const kept = toJson(options, 'limits')
  createLimits(kept as LimitsOptions) // untrusted: it says what is wrong
  return kept
}

/**
 * Makes the limits that the register holds, in place of a client's own.
 *
 * @param value - As a desk wrote it: `limits` among other members.
 * @param own - Whom these ask to approve, the new ones ask as well. Limits of another make must allow in addition: whom they would ask, only they
 *   can tell.
 * @returns `undefined` when this version of pay402 can't read them.
 */
export function readReplaced(value: Value, own: Limits): Limits | undefined {
  const options = isJsonObject(value) ? value['limits'] : undefined
  if (!isJsonObject(options)) return undefined
  try {
    const limits = createLimits(options as LimitsOptions) // as above
    const asked = approvalOf(own)
    if (asked === undefined) return bothOf(limits, own)
    return narrowLimits(limits, { ...readRules({}, 'limits'), ...asked })
  } catch (error) {
    if (isX402Error(error)) return undefined
    throw error
  }
}

/** Both must allow, and the approvers of both are asked. */
function bothOf(limits: Limits, own: Limits): Limits {
  return {
    ...limits,
    assess(asked) {
      const [one, other] = [limits.assess(asked), own.assess(asked)]
      if ('refusal' in one) return one
      return 'refusal' in other ? other : { ...one, ...toBoth(one, other, asked.tags) }
    },
    caps: (of) => [...(limits.caps?.(of) ?? []), ...(own.caps?.(of) ?? [])],
    allowsHost: (host) => limits.allowsHost?.(host) !== false && own.allowsHost?.(host) !== false,
    pinPayTo: limits.pinPayTo === true || own.pinPayTo === true,
    maxValiditySeconds: Math.min(
      limits.maxValiditySeconds ?? Number.POSITIVE_INFINITY,
      own.maxValiditySeconds ?? Number.POSITIVE_INFINITY,
    ),
  }
}

function toBoth(one: Allowed, other: Allowed, given: readonly string[]): Allowed {
  const [most, theirs] = [one.askAtMost, other.askAtMost]
  return {
    charges: [...one.charges, ...other.charges.filter(({ unit }) => !one.charges.some((has) => has.unit === unit))],
    caps: [...one.caps, ...other.caps],
    tags: [...new Set([...(one.tags ?? given), ...(other.tags ?? given)])],
    approvals: [...(other.approvals ?? []), ...(one.approvals ?? [])],
    askAtMost: most === undefined || theirs === undefined ? (most ?? theirs) : Math.min(most, theirs),
    watches: [...(one.watches ?? []), ...(other.watches ?? [])],
  }
}

/** What is left out is left out; what JSON has no word for can't be kept. */
function toJson(value: unknown, where: string): Value {
  if (typeof value === 'bigint') return String(value)
  if (typeof value === 'string' || typeof value === 'boolean' || value === null || Number.isFinite(value))
    return value as Value // checked
  if (Array.isArray(value)) return value.map((one, index) => toJson(one, `${where}[${index}]`))
  if (!isJsonObject(value)) throw invalidOption(where, 'JSON, since it is kept in the ledger')
  const kept = Object.entries(value).filter(([, one]) => one !== undefined)
  return Object.fromEntries(kept.map(([name, one]) => [name, toJson(one, `${where}.${name}`)]))
}
