import { isUnderOtherLimits, type Value, versionOf } from '../../payment/ledger.js'
import type { Limits } from '../../payment/limits.js'
import { loadPart } from '../../payment/part.js'
import { MAX_VALIDITY_SECONDS } from '../../payment/scheme.js'

/** Limits of a client, which those of its ledger's register may take the place of while it lives. */
export type HeldLimits = {
  /** Those that hold now, whichever they are. What was narrowed from them stays narrowed from those that hold. */
  readonly limits: Required<Limits>
  /** See `followLimits` of the ports. */
  follow(value: Value | undefined): Promise<boolean>
}

/**
 * Holds the limits of a client.
 *
 * @param own - Those that hold as long as the register has none.
 */
export function holdLimits(own: Limits): HeldLimits {
  let now = own
  let version: string | undefined
  return {
    limits: {
      assess(asked) {
        const assessment = now.assess(asked)
        return version === undefined ? assessment : { ...assessment, version }
      },
      format: (unit, amount) => now.format(unit, amount),
      caps: (of) => now.caps?.(of) ?? [],
      allowsHost: (host) => now.allowsHost?.(host) !== false,
      get pinPayTo() {
        return now.pinPayTo === true
      },
      get maxValiditySeconds() {
        return now.maxValiditySeconds ?? MAX_VALIDITY_SECONDS
      },
    },
    async follow(value) {
      if (!isUnderOtherLimits(value, { limits: version })) return true
      const next = value === undefined ? own : (await loadPart(import('./replaced-limits.js'))).readReplaced(value, own)
      if (next === undefined) return false
      now = next
      version = versionOf(value)
      return true
    },
  }
}
