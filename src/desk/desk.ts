import {
  LIMITS_UNREADABLE_TO_TELL,
  NO_PROPOSAL,
  PROPOSAL_EXPIRED,
  PROPOSAL_USED_AT_DESK,
} from '../errors/catalogue/desk.js'
import { fail } from '../errors/fail.js'
import { assertOptions, invalidOption } from '../errors/options.js'
import { createLimits, type LimitsOptions } from '../limits/create-limits.js'
import { type KeptLimits, readKeptLimits } from '../limits/held/replaced-limits.js'
import { type Clock, systemClock } from '../payment/clock.js'
import {
  changeProposal,
  isEarlier,
  isLive,
  type KeptProposal,
  type Proposal,
  type ProposalState,
  placeOf,
  readProposal,
  showProposal,
  toValue,
} from '../payment/desk/proposal.js'
import { leaveProposal, listProposals } from '../payment/desk/proposals.js'
import { changeValue } from '../payment/desk/register.js'
import { FREEZE, type Ledger, LIMITS, type Value } from '../payment/ledger.js'
import type { Limits } from '../payment/limits.js'
import type { Schemes } from '../payment/ports.js'
import { isJsonObject } from '../wire/json.js'
import { type By, type Decision, listDecisions, readBy, writeDecision } from './decisions.js'
import { listPayments, type PaymentFilter, type PaymentList } from './payments.js'
import { readSpending, type Spending, type SpendingFilter } from './spending.js'

/** Which proposals to list. */
export type ApprovalFilter = {
  /** How far they have come. @default all that are kept */
  readonly state?: ProposalState | undefined
  /** Who is to be paid, its port included where that isn't the protocol's own. @default anyone */
  readonly host?: string | undefined
}

/**
 * Decides about what clients of a ledger pay, and pays nothing: it has no key, no scheme and no network. Clients pay, and decide nothing here.
 *
 * Each decision is written down with who made it and why before it holds, and holds for every client of the ledger from then on.
 */
export type Desk = {
  /** Lists what was paid, newest first, with who approved each at a desk, if anyone did. */
  payments(filter?: PaymentFilter): Promise<PaymentList>
  /**
   * Tells what is spent, held and left of each limit that was set at a desk. The ledger doesn't know which limits a client was made with: pass
   * them to {@link openDesk}, and it tells those as long as none were set.
   */
  spending(of?: SpendingFilter): Promise<Spending[]>
  /**
   * Lists proposals, newest first: what waits for a decision, and what was decided. Of those that don't wait, the last 200 are kept; who
   * approved a payment stays with it in {@link Desk.payments}, and every decision in {@link Desk.decisions}.
   */
  approvals(filter?: ApprovalFilter): Promise<Proposal[]>
  /**
   * Approves what was proposed: the next call that asks for exactly this is paid, once, no matter which client makes it. Approving it twice changes nothing,
   * and neither does approving what was paid already.
   *
   * @param id - From {@link Desk.approvals}, or `error.facts.proposal` of `APPROVAL_PENDING`.
   * @param by - Who decides, and why.
   * @returns The proposal as it is now.
   * @throws {@link ConfigurationError} `NO_PROPOSAL`, `PROPOSAL_EXPIRED`, or `INVALID_OPTION` when it doesn't say who; nothing is decided.
   */
  approve(id: string, by: By): Promise<Proposal>
  /**
   * Denies what was proposed, also if it was approved and isn't paid yet: calls that ask for exactly this end with `NOT_APPROVED`, until a day
   * after it was proposed.
   *
   * @throws {@link LimitError} `PROPOSAL_USED` when it was paid already; {@link ConfigurationError} as {@link Desk.approve} does.
   */
  deny(id: string, by: By): Promise<Proposal>
  /** Stops every client of the ledger from signing and presenting anything, until {@link Desk.thaw}. What left before may still be taken. */
  freeze(by: By): Promise<void>
  /** Lets clients pay again. */
  thaw(by: By): Promise<void>
  /** Who froze the ledger, and why; `undefined` when it isn't frozen. */
  frozen(): Promise<(Partial<By> & { readonly atSeconds?: number | undefined }) | undefined>
  /**
   * Replaces the limits of every client of the ledger that no `restrict` made, while it lives, and of those to come. No payment that only the old
   * ones allow is reserved after this resolves. A client's own `approve` is asked as before, and what was made by `restrict` is held to
   * its own limits in addition.
   *
   * @param options - As those of a client, and with its defaults; all JSON, so `approve` can only be `'later'`.
   * @throws {@link ConfigurationError} naming the option that can't be read; nothing is decided.
   */
  limits(options: KeptLimits, by: By): Promise<void>
  /**
   * Lists what was decided at desks of this ledger, newest first. No decision is ever dropped.
   *
   * @param options - How many at most. @default 100
   */
  decisions(options?: { readonly limit?: number | undefined }): Promise<Decision[]>
}

/**
 * Opens a desk on a ledger, in any process that can have that ledger.
 *
 * @example
 * ```ts
 * import { openDesk } from 'pay402/desk'
 * import { createMemoryLedger } from 'pay402/ledger'
 *
 * const desk = openDesk(createMemoryLedger())
 * await desk.freeze({ by: 'ann@example.com', reason: 'an audit' })
 * const frozen = await desk.frozen()
 * frozen?.by //=> 'ann@example.com'
 * await desk.thaw({ by: 'ann@example.com' })
 * ```
 *
 * @param ledger - That of the clients.
 * @param options - See {@link openDesk.Options}.
 * @returns A desk. It holds nothing open; close the ledger itself, if it can be closed.
 * @throws {@link ConfigurationError} `INVALID_OPTION` or `UNKNOWN_OPTION`.
 */
export function openDesk(ledger: Ledger, options: openDesk.Options = {}): Desk {
  assertOptions(options, 'openDesk', ['limits', 'clock'])
  if (!isLedger(ledger)) throw invalidOption('ledger', 'a ledger, such as `await createFileLedger(path)`')
  const { limits: own, clock = systemClock } = options
  const ownLimits = own === undefined ? undefined : createLimits(own)
  const now = () => clock.nowSeconds()

  async function decide(id: string, state: 'approved' | 'denied', given: By): Promise<Proposal> {
    const by = readBy(given, state === 'approved' ? 'approve' : 'deny')
    const { kind, key } = placeOf(String(id))
    const found = toAsked(readProposal(await ledger.get(kind, key)), String(id))
    assertOpen(found, id, state, now())
    if (found.state === 'used' || found.state === state) return showProposal(found, now())
    const atSeconds = now()
    await writeDecision({ type: state, atSeconds, ...by, proposal: found.id }, ledger)
    const decided = await changeProposal(ledger, found.id, (proposal) => {
      const asked = toAsked(proposal, found.id)
      assertOpen(asked, id, state, now())
      const isDone = asked.state === 'used' || asked.state === state
      return isDone ? proposal : { ...asked, reason: undefined, ...by, state, decidedAtSeconds: atSeconds }
    })
    // The same may have been paid and proposed once more by now, and that waits.
    if (decided?.id === found.id) await leaveProposal(found.id, now(), ledger)
    return showProposal(toAsked(decided, found.id) ?? found, now())
  }

  return Object.freeze({
    payments: async (filter = {}) => listPayments({ ledger, schemes: NO_SCHEMES }, filter),
    async spending(of = {}) {
      const value = await ledger.get(LIMITS.kind, LIMITS.key)
      const limits = value === undefined ? ownLimits : readSet(value)
      return limits === undefined ? [] : readSpending(limits, ledger, of)
    },
    async approvals(filter = {}) {
      assertOptions(filter, 'approvals', ['state', 'host'])
      const { state, host } = filter
      if (state !== undefined && !STATES.includes(state)) {
        throw invalidOption('approvals.state', `one of ${STATES.join(', ')}`)
      }
      const all = (await listProposals(ledger)).map((proposal) => showProposal(proposal, now()))
      return all.filter((one) => (state ?? one.state) === one.state && (host === undefined || host === one.host))
    },
    approve: (id, by) => decide(id, 'approved', by),
    deny: (id, by) => decide(id, 'denied', by),
    async freeze(given) {
      const decision = { type: 'frozen', atSeconds: now(), ...readBy(given, 'freeze') } as const
      await writeDecision(decision, ledger)
      const { type: _, ...value } = decision
      // The first freeze names who froze it.
      await changeValue(ledger, FREEZE, (frozen) => frozen ?? toValue(value))
    },
    async thaw(given) {
      const by = readBy(given, 'thaw')
      if ((await ledger.get(FREEZE.kind, FREEZE.key)) === undefined) return
      await writeDecision({ type: 'thawed', atSeconds: now(), ...by }, ledger)
      await changeValue(ledger, FREEZE, () => undefined)
    },
    async frozen() {
      const value = await ledger.get(FREEZE.kind, FREEZE.key)
      return value === undefined ? undefined : toFrozen(value)
    },
    async limits(limits, given) {
      const by = readBy(given, 'limits')
      const decision = { atSeconds: now(), ...by, limits: readKeptLimits(limits) }
      const number = await writeDecision({ type: 'limits', ...decision }, ledger)
      // Of two at once the later decision holds.
      await changeValue(ledger, LIMITS, (value) =>
        numberOf(value) > number ? value : toValue({ ...decision, version: String(number) }),
      )
    },
    async decisions(filter = {}) {
      assertOptions(filter, 'decisions', ['limit'])
      const { limit = 100 } = filter
      if (typeof limit !== 'number' || !(limit >= 0)) throw invalidOption('decisions.limit', 'a number, 0 or more')
      return listDecisions(limit, ledger)
    },
  } satisfies Desk)
}

export declare namespace openDesk {
  /** What a desk is told besides its ledger. */
  type Options = {
    /**
     * The limits that its clients are made with, for `spending` alone: here they limit nothing.
     *
     * @default those that were set at a desk, if any
     * @example { limits: { perDay: '$5' } }
     */
    limits?: LimitsOptions | undefined
    /** What tells the time. @default the machine's clock */
    clock?: Clock | undefined
  }
}

const STATES: readonly ProposalState[] = ['pending', 'approved', 'denied', 'used', 'expired']

/** A desk has none: it tells no explorer's address. */
const NO_SCHEMES: Schemes = { find: () => undefined, payers: () => [] }

/** The register has the newest proposal of a purchase; the earlier ones were paid, and what was decided about those is in the list of payments. */
function toAsked(newest: KeptProposal | undefined, id: string): KeptProposal | undefined {
  if (newest === undefined || newest.id === id) return newest
  if (!isEarlier(id, newest.id)) return undefined
  const { by: _by, reason: _reason, decidedAtSeconds: _at, ...terms } = newest
  return { ...terms, id, state: 'used' }
}

function assertOpen(
  proposal: KeptProposal | undefined,
  id: string,
  state: 'approved' | 'denied',
  nowSeconds: number,
): asserts proposal is KeptProposal {
  const words = { proposal: String(id) }
  if (proposal === undefined) throw fail(NO_PROPOSAL, { words })
  if (proposal.state === 'used' && state === 'denied') throw fail(PROPOSAL_USED_AT_DESK, { words })
  if (proposal.state !== 'used' && !isLive(proposal, nowSeconds)) throw fail(PROPOSAL_EXPIRED, { words })
}

function toFrozen(value: Value): Awaited<ReturnType<Desk['frozen']>> {
  const { by, reason, atSeconds } = isJsonObject(value) ? value : NOTHING
  return Object.freeze({
    ...(typeof by === 'string' && { by }),
    ...(typeof reason === 'string' && { reason }),
    ...(typeof atSeconds === 'number' && { atSeconds }),
  })
}

const NOTHING: { readonly by?: unknown; readonly reason?: unknown; readonly atSeconds?: unknown } = {}

function readSet(value: Value): Limits {
  const limits = isJsonObject(value) ? value['limits'] : undefined
  if (!isJsonObject(limits)) throw fail(LIMITS_UNREADABLE_TO_TELL)
  try {
    return createLimits(limits as LimitsOptions) // untrusted: it says what is wrong
  } catch (cause) {
    throw fail(LIMITS_UNREADABLE_TO_TELL, { cause })
  }
}

const STEPS = ['get', 'put', 'list', 'spent'] as const

function isLedger(ledger: Ledger): boolean {
  return isJsonObject(ledger) && STEPS.every((step) => typeof ledger[step] === 'function')
}

function numberOf(value: Value | undefined): number {
  const version = Number(isJsonObject(value) ? value['version'] : undefined)
  return Number.isSafeInteger(version) ? version : -1
}
