import { assertOptions } from '../assert-options.js'
import type { Limits } from '../flow/ports.js'
import { assess } from './assess.js'
import { type AssetLimit, readAssetLimits } from './asset-limit.js'
import { formatCharge } from './format-charge.js'
import { readLimit, readSumLimit } from './limit.js'
import type { AssetAmount, MoneyInput } from './money.js'

/** The options that limit a sum, and how far back each counts. */
const SUMS = [
  { name: 'perDay', windowSeconds: 86_400, byDefault: '$10' },
  { name: 'total', windowSeconds: undefined, byDefault: undefined },
] as const

/**
 * Decides what may be paid.
 *
 * Limits are closed: an asset is paid only if a scheme knows it to be worth a dollar or `assets` names it, and only if some
 * limit can price it. A limit in a symbol or in a list of assets refuses all that it doesn't name; a limit in dollars looks at
 * pegged assets only.
 *
 * @example
 * ```ts
 * const limits = createLimits({ perPayment: '$0.10', perDay: '$5', total: '$100' })
 * limits.format('usd', 10n ** 17n) //=> '$0.10'
 * ```
 *
 * @param options - Without any, $1 per payment and $10 a day.
 * @returns Limits without memory: what was spent before is the ledger's to know.
 * @throws {@link ConfigurationError} naming the option that can't be read.
 */
export function createLimits(options: createLimits.Options = {}): Limits {
  assertOptions(options, 'limits', ['perPayment', 'assets', ...SUMS.map(({ name }) => name)])
  const { perPayment = '$1', assets = [] } = options
  const rules = {
    perPayment: readLimit('perPayment', perPayment),
    sums: SUMS.flatMap(({ name, windowSeconds, byDefault }) => {
      const { [name]: input = byDefault } = options
      return input === undefined ? [] : [readSumLimit(name, input, windowSeconds)]
    }),
    assets: readAssetLimits(assets),
  }
  return {
    assess: (terms) => assess(terms, rules),
    format: (unit, amount) => formatCharge({ unit, amount }, rules.assets.get(unit)),
  }
}

export declare namespace createLimits {
  type Options = {
    /**
     * Most that one payment may cost: `'$0.10'`, `'0.10 USDC'`, or atomic units with the asset (one, or a list).
     *
     * @default '$1'
     * @example { perPayment: '$0.10' }
     */
    perPayment?: MoneyInput | readonly AssetAmount[] | undefined
    /**
     * Most that may be paid in any 24 hours, rolling, over everything that left and isn't proven unspent.
     *
     * How far it holds is the ledger's to say: with the memory ledger, in this process.
     *
     * @default '$10'
     * @example { perDay: '5 USDC' }
     */
    perDay?: MoneyInput | readonly AssetAmount[] | undefined
    /**
     * Most that may be paid for as long as the ledger remembers.
     *
     * @default no total
     * @example { total: '$100' }
     */
    total?: MoneyInput | readonly AssetAmount[] | undefined
    /**
     * Assets that may be spent beside the ones that the schemes know to be worth a dollar.
     *
     * Each needs a limit that can price it: its own `perPayment`, a `peg`, or a list that names it.
     *
     * @default none
     * @example { assets: [{ network: 'eip155:8453', asset: '0x60a3…9db42', symbol: 'EURC', decimals: 6, perPayment: '1000000' }] }
     */
    assets?: readonly AssetLimit[] | undefined
  }
}

/** The `limits` of a client; see {@link createLimits}. */
export type LimitsOptions = createLimits.Options
