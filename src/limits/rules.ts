import { assertOptions, invalidOption } from '../errors/options.js'
import { MAX_VALIDITY_SECONDS } from '../payment/scheme.js'
import { isJsonObject } from '../wire/json.js'
import { ALLOW_LIST_KEYS, type AllowListOptions, type AllowLists, readAllowLists } from './allow-list.js'
import { type ApproachOptions, type ApproachRule, readApproach } from './approach.js'
import { type ApprovalOptions, type ApprovalRule, readApproval, readAskAtMost } from './approval.js'
import type { Limit } from './limit.js'
import {
  LIMIT_GROUP_KEYS,
  type LimitGroup,
  type LimitGroupOptions,
  type ResourceLimitOptions,
  readLimitGroup,
  readResourceLimits,
  type ToScope,
} from './limit-group.js'

/** What may be spent. All that is given must hold. */
export type RuleOptions = LimitGroupOptions &
  AllowListOptions &
  ApprovalOptions &
  ApproachOptions & {
    /**
     * Limits for each host by itself, its port included.
     *
     * @default none
     * @example { perHost: { perDay: '$2', perHour: { payments: 60 } } }
     */
    perHost?: LimitGroupOptions | undefined
    /** Limits for each address that is paid, by itself. @default none */
    perPayTo?: LimitGroupOptions | undefined
    /**
     * Limits for each tag of a call by itself. A call without a tag is under none of them: `onlyTags` asks for one.
     *
     * @default none
     * @example { perTag: { perDay: '$1' }, onlyTags: ['customer:*'] }
     */
    perTag?: LimitGroupOptions | undefined
    /**
     * Limits for each resource by itself, as the caller asked for it: before any redirect, by method and address without the query. It stops a
     * seller that sells the same thing again and again.
     *
     * @default none
     * @example { perResource: { payments: 1 } }
     */
    perResource?: ResourceLimitOptions | undefined
    /**
     * Limits for the payments that carry a tag, as a call gives it.
     *
     * @default none
     * @example { tags: { research: { total: '$20' } } }
     */
    tags?: Readonly<Record<string, LimitGroupOptions>> | undefined
    /**
     * Pays at each origin only the recipient of the first payment there, as far back as the ledger remembers.
     *
     * @default false
     */
    pinPayTo?: boolean | undefined
    /**
     * Longest that an authorization may live, in seconds, 1 to 600, whatever the seller asks for.
     *
     * @default 600
     */
    maxValiditySeconds?: number | undefined
  }

/** {@link RuleOptions} that were read. */
export type Rules = AllowLists & {
  /** The first is the one that holds for all payments. */
  readonly groups: readonly [LimitGroup, ...LimitGroup[]]
  readonly approval: ApprovalRule
  readonly askAtMost: number | undefined
  readonly approach: ApproachRule
  readonly pinPayTo: boolean
  readonly maxValiditySeconds: number
  /** Whether they depend on who asks, so that nothing is paid where that is unknown. */
  readonly asksHost: boolean
  /** Whether they count resources, with or without their queries, so that nothing is paid where the resource is unknown. */
  readonly asksResource: 'by-query' | 'by-path' | undefined
}

const OTHER_KEYS = [
  'perHost',
  'perPayTo',
  'perTag',
  'perResource',
  'tags',
  'approve',
  'approveAbove',
  'askAtMost',
  'approachAt',
  'pinPayTo',
  'maxValiditySeconds',
]

/** Every key of {@link RuleOptions}. */
const KEYS = /* @__PURE__ */ LIMIT_GROUP_KEYS.concat(ALLOW_LIST_KEYS, OTHER_KEYS)

/**
 * Reads what may be spent. Nothing of the options is kept, so changing them later changes nothing.
 *
 * @param options - Untrusted.
 * @param where - What they are called, such as `limits`.
 * @param defaults - Money that an option allows when it isn't given.
 * @param otherKeys - Options that somebody else reads.
 * @throws {@link ConfigurationError} naming the option that can't be read.
 */
export function readRules(
  options: RuleOptions,
  where: string,
  defaults: Readonly<Record<string, string>> = {},
  otherKeys: readonly string[] = [],
): Rules {
  assertOptions(options, where, [...KEYS, ...otherKeys])
  const { pinPayTo = false, maxValiditySeconds = MAX_VALIDITY_SECONDS } = options
  if (typeof pinPayTo !== 'boolean') throw invalidOption(`${where}.pinPayTo`, 'true or false')
  if (!Number.isInteger(maxValiditySeconds) || maxValiditySeconds < 1 || maxValiditySeconds > MAX_VALIDITY_SECONDS) {
    throw invalidOption(`${where}.maxValiditySeconds`, `a whole number from 1 to ${MAX_VALIDITY_SECONDS}`)
  }
  const { perResource } = options
  const resources = perResource === undefined ? undefined : readResourceLimits(perResource, `${where}.perResource`)
  return {
    groups: [
      readLimitGroup(options, where, () => ({}), defaults),
      ...readScopes(options, where),
      ...(resources === undefined ? [] : [resources]),
    ],
    ...readAllowLists(options, where),
    approval: readApproval(options, where),
    askAtMost: readAskAtMost(options, where),
    approach: readApproach(options, where),
    pinPayTo,
    maxValiditySeconds,
    asksHost: pinPayTo || options.hosts !== undefined || options.perHost !== undefined,
    asksResource: resources && (resources.asksQuery ? 'by-query' : 'by-path'),
  }
}

/** The same rules with another general limit per payment, if one is given. */
export function withPerPayment(rules: Rules, perPayment: Limit | undefined): Rules {
  const [general, ...others] = rules.groups
  return perPayment === undefined ? rules : { ...rules, groups: [{ ...general, perPayment }, ...others] }
}

/** Limits that count each host, each recipient, each tag or one tag by itself. */
function readScopes({ perHost, perPayTo, perTag, tags = {} }: RuleOptions, where: string): readonly LimitGroup[] {
  if (!isJsonObject(tags)) throw invalidOption(`${where}.tags`, 'an object')
  const read = (input: unknown, name: string, toScope: ToScope) => {
    if (input === undefined) return []
    assertOptions(input, `${where}.${name}`, LIMIT_GROUP_KEYS)
    return [readLimitGroup(input, `${where}.${name}`, toScope)]
  }
  return [
    ...read(perHost, 'perHost', ({ host }) => (host === undefined ? undefined : { host })),
    ...read(perPayTo, 'perPayTo', ({ payTo }) => (payTo === undefined ? undefined : { payTo })),
    ...read(perTag, 'perTag', ({ tags: given = [] }) =>
      given.length === 0 ? undefined : [...new Set(given)].map((tag) => ({ tag })),
    ),
    ...Object.entries(tags).flatMap(([tag, input]) =>
      read(input, `tags.${tag}`, (of) => (of.tags === undefined || of.tags.includes(tag) ? { tag } : undefined)),
    ),
  ]
}
