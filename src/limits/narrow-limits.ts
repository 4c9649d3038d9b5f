import { HOST_UNKNOWN, LIMIT_OF_OWNER, TAG_NOT_ALLOWED } from '../errors/catalogue/limits.js'
import { fill } from '../errors/fail.js'
import type { CallOptions } from '../payment/exchange.js'
import type { LimitRefusal, Limits } from '../payment/limits.js'
import { MAX_VALIDITY_SECONDS } from '../payment/scheme.js'
import { toCaps, toLabelsWithin } from './caps.js'
import { judge } from './judge.js'
import { readLimit } from './limit.js'
import { type RuleOptions, type Rules, readRules, withPerPayment } from './rules.js'

/** How limits are narrowed. */
export type Narrowing = {
  /** A tag that the payments within carry and no others, so that the added rules count these alone. @default they count all */
  within?: string | undefined
  /** Tags that its payments carry as well, so that others who count these count them. @default none */
  above?: readonly string[] | undefined
  /**
   * What the caller of a refused payment can do, instead of what each limit says. Of a wider limit that refuses it's told nothing else.
   *
   * @default what each limit says
   */
  hint?: string | undefined
}

/**
 * Adds rules to limits: both must allow. The narrowed limits price as the wider ones do, and show no way back to them.
 *
 * @param wider - Limits of any make.
 * @param rules - What must hold beside them.
 */
export function narrowLimits(
  wider: Limits,
  rules: Rules,
  { within, above = [], hint }: Narrowing = {},
): Required<Limits> {
  const advise = <T extends { readonly hint?: string | undefined }>(refused: T): T =>
    hint === undefined || isForCaller(refused) ? refused : { ...refused, hint }
  return {
    assess(terms) {
      const outer = wider.assess(terms)
      if ('refusal' in outer)
        return { ...outer, refusal: hint === undefined ? outer.refusal : concealRefusal(outer.refusal, hint) }
      const { notation, dollars, version, caps, approvals = [], watches = [], tags: outerTags = terms.tags } = outer
      const shown = { notation, dollars, ...(version !== undefined && { version }) }
      const inner = judge(rules, terms, { ...notation, charges: outer.charges }, within)
      if ('refusal' in inner) return { ...shown, refusal: advise(inner.refusal) }
      return {
        ...shown,
        charges: inner.charges,
        caps: [
          ...inner.caps.map(advise),
          ...caps.map((cap) => (hint === undefined ? cap : { ...cap, hint, isConfidential: true })),
        ],
        tags:
          within === undefined ? outerTags : toLabelsWithin(outerTags, inner.tags ?? terms.tags, [...above, within]),
        // The wider ones have the last word.
        approvals: [...inner.approvals, ...approvals],
        askAtMost: toLeast(inner.askAtMost, outer.askAtMost),
        watches: [...inner.watches, ...watches],
      }
    },
    format: (unit, amount) => wider.format(unit, amount),
    // The wider ones' numbers are their owner's to know.
    caps: (of = {}) => [...toCaps(rules.groups, of, within), ...(within === undefined ? (wider.caps?.(of) ?? []) : [])],
    allowsHost: (host) => rules.allowsHost(host) && wider.allowsHost?.(host) !== false,
    // The wider ones may be replaced meanwhile.
    get pinPayTo() {
      return rules.pinPayTo || wider.pinPayTo === true
    },
    get maxValiditySeconds() {
      return Math.min(rules.maxValiditySeconds, wider.maxValiditySeconds ?? MAX_VALIDITY_SECONDS)
    },
  }
}

/** What only the caller can do something about. */
function isForCaller({ hint }: { readonly hint?: string | undefined }): boolean {
  return hint === HOST_UNKNOWN.hint || hint === TAG_NOT_ALLOWED.hint
}

/** What of an offer a wider limit refuses. */
const REFUSES: { readonly [Code in LimitRefusal['code']]: string } = {
  LIMIT_PER_PAYMENT: 'its price',
  ASSET_NOT_ALLOWED: 'its asset',
  HOST_NOT_ALLOWED: 'its host',
  HOST_UNKNOWN: 'a host that is unknown',
  NETWORK_NOT_ALLOWED: 'its network',
  PAYEE_NOT_ALLOWED: 'its payTo',
  TAG_NOT_ALLOWED: 'its tags',
}

function concealRefusal(refusal: LimitRefusal, hint: string): LimitRefusal {
  const { code, because, forOwner = because } = refusal
  if (code === 'HOST_UNKNOWN') return refusal
  return { code, because: fill(LIMIT_OF_OWNER.because, { what: REFUSES[code] }), hint, forOwner }
}

function toLeast(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? (one ?? other) : Math.min(one, other)
}

/**
 * Tightens limits for one call: what it may cost at most, and who approves it.
 *
 * @example
 * ```ts
 * const limits = limitCall(createLimits({ perPayment: '$1' }), { max: '$0.05' })
 * ```
 *
 * @param wider - The limits that hold in any case.
 * @param options - Of the call. An asset that `max` can't price is refused.
 * @returns The wider limits when the call says nothing.
 * @throws {@link ConfigurationError} for a `max` that isn't money, or an `approve` that isn't a function.
 */
export function limitCall(wider: Limits, { max, approve }: Pick<CallOptions, 'max' | 'approve'> = {}): Limits {
  if (max === undefined && approve === undefined) return wider
  const most = max === undefined ? undefined : { ...readLimit(max, 'x402.max'), isClosed: true }
  return narrowLimits(wider, withPerPayment(readRules({ approve }, 'x402'), most))
}

/** What a restricted client may spend, and how it is called; see {@link tightenLimits}. */
export type RestrictOptions = RuleOptions & {
  /**
   * A lasting name, below that of the client that makes it: a path of up to eight parts of letters, digits, `-` and `_`. Its sums count all that
   * was ever paid under the name and below it, by whichever client of the ledger, also before a restart if the ledger remembers. What was
   * paid under the name and not received is presented again by any client of the name, and by none of another.
   *
   * A client without a name gives none.
   *
   * @default no name: sums begin with the client, and what its parent paid and didn't receive, it may present
   * @example { name: 'team/researcher', total: '$2' }
   */
  name?: string | undefined
  /**
   * Where the client may ask at all, with a payment or without one: only its `hosts`, also where a redirect leads; without `hosts`, any public
   * address, and none of this machine or a private network. With `'anywhere'`, `hosts` limits only who is paid. The client can't reach further than
   * the one that makes it.
   *
   * @default 'hosts'; below a client that may ask anywhere, `'anywhere'`
   * @example { hosts: ['api.example.com'], reach: 'anywhere' }
   */
  reach?: 'hosts' | 'anywhere' | undefined
}

const HINT = "This client can't raise its limits: ask its owner, or catch LimitError to skip this resource."

/**
 * Tightens limits for a tool or an agent: it pays only what the wider limits and these allow.
 *
 * Its budgets count the payments that carry its tag; those of the wider limits count them, too. Nothing has a default: what
 * isn't given isn't tightened. An asset that none of its limits in money can price is refused, if it has any.
 *
 * @example
 * ```ts
 * const limits = tightenLimits(createLimits(), { total: '$2', hosts: ['api.example.com'] }, 'agent/1')
 * limits.caps().map(({ name }) => name) //=> ['restrict.total']
 * ```
 *
 * @param wider - The limits that hold in any case.
 * @param options - What holds beside them. Read once.
 * @param tag - Labels the payments that are made within, and no others: draw a new one for each client, or take that of its name.
 * @param above - Labels them as well: those of the names above.
 * @throws {@link ConfigurationError} naming the option that can't be read.
 */
export function tightenLimits(
  wider: Limits,
  options: RestrictOptions,
  tag: string,
  above: readonly string[] = [],
): Required<Limits> {
  return narrowLimits(wider, readRules(options, 'restrict', {}, ['name', 'reach']), { within: tag, above, hint: HINT })
}
