import { ASK_AT_MOST, type AskedTerms, type Assessment, type Limits } from '../payment/limits.js'
import { freezeParsed } from '../wire/json.js'
import { assess } from './assess.js'
import { type AssetLimit, readAssetLimits } from './asset-limit.js'
import { toCaps } from './caps.js'
import { type RuleOptions, type Rules, readRules } from './rules.js'
import { formatCharge } from './units.js'

/** What is allowed by an option that isn't given. */
const DEFAULTS = { perPayment: '$1', perDay: '$10' }

/**
 * Decides what may be paid.
 *
 * Limits are closed: an asset is paid only if a scheme knows it to be worth a dollar or `assets` names it, and only if some
 * limit can price it. A limit in a symbol or in a list of assets refuses all that it doesn't name; a limit in dollars looks at
 * pegged assets only.
 *
 * @example
 * ```ts
 * const limits = createLimits({ perPayment: '$0.10', perDay: '$5', perHost: { perHour: { payments: 60 } } })
 * limits.format('usd', 10n ** 17n) //=> '$0.10'
 * ```
 *
 * @param options - Read once. Without any, $1 per payment and $10 a day.
 * @returns Limits without memory: what was spent before is the ledger's to know.
 * @throws {@link ConfigurationError} naming the option that can't be read.
 */
export function createLimits(options: createLimits.Options = {}): Required<Limits> {
  const read = readRules(options, 'limits', DEFAULTS, ['assets'])
  // What is added to these limits later may tighten this number, and may not raise it.
  const rules = options.approve === undefined ? read : { ...read, askAtMost: read.askAtMost ?? ASK_AT_MOST }
  const assets = readAssetLimits(options.assets ?? [])
  const limits: Required<Limits> = {
    assess: rememberLast((terms) => assess(terms, rules, assets), rules.asksResource),
    format: (unit, amount) => formatCharge({ unit, amount }, assets.get(unit)),
    caps: (of = {}) => toCaps(rules.groups, of),
    allowsHost: rules.allowsHost,
    pinPayTo: rules.pinPayTo,
    maxValiditySeconds: rules.maxValiditySeconds,
  }
  asked.set(limits, { approval: rules.approval, askAtMost: rules.askAtMost })
  return limits
}

type Asked = Pick<Rules, 'approval' | 'askAtMost'>

const asked = /* @__PURE__ */ new WeakMap<Limits, Asked>()

/** Whom limits ask to approve, and how often at most; `undefined` for limits of another make. */
export function approvalOf(limits: Limits): Asked | undefined {
  return asked.get(limits)
}

/**
 * Keeps the answer to the last question, which is the next one where the same is bought again. It is frozen, since ledgers and whoever listens
 * are handed parts of it.
 */
function rememberLast(assess: Limits['assess'], asksResource: Rules['asksResource']): Limits['assess'] {
  // The question would have to be digested before it is known to be the last one.
  if (asksResource === 'by-query') return (terms) => freezeParsed(assess(terms))
  let last: AskedTerms | undefined
  let answer: Assessment | undefined
  return (terms) => {
    const isSame = last !== undefined && isSameQuestion(last, terms)
    if (isSame && answer !== undefined && (asksResource === undefined || last?.resource === terms.resource))
      return answer
    answer = freezeParsed(assess(terms))
    // What digests a resource holds the call.
    last = { ...terms, digestResource: undefined, tags: [...terms.tags], known: terms.known && { ...terms.known } }
    return answer
  }
}

function isSameQuestion(one: AskedTerms, other: AskedTerms): boolean {
  return (
    one.network === other.network &&
    one.asset === other.asset &&
    one.payTo === other.payTo &&
    one.amount === other.amount &&
    one.host === other.host &&
    one.tags.length === other.tags.length &&
    one.tags.every((tag, index) => tag === other.tags[index]) &&
    one.known?.asset === other.known?.asset &&
    one.known?.decimals === other.known?.decimals &&
    one.known?.symbol === other.known?.symbol
  )
}

export declare namespace createLimits {
  /** What may be spent, on whom, and who is asked. */
  type Options = RuleOptions & {
    /**
     * Assets that may be spent in addition to the ones that the schemes know to be worth a dollar.
     *
     * Each needs a limit that can price it: its own `perPayment`, a `peg`, or a list that names it.
     *
     * @default none
     * @example { assets: [{ network: 'eip155:8453', asset: '0x60a3…db42', symbol: 'EURC', decimals: 6, perPayment: '1000000' }] }
     */
    assets?: readonly AssetLimit[] | undefined
  }
}

/** The `limits` of a client; see {@link createLimits}. */
export type LimitsOptions = createLimits.Options
