import { expect } from 'vitest'
import type { Clock } from '../../../src/payment/clock.js'
import type { ChainVerdict } from '../../../src/payment/scheme.js'

/** What the buyer of a world allows, in cents. */
export const ALLOWED = { perPayment: 5, perDay: 12, total: 30, perHourPayments: 4 }

/** Atomic units of the world's money. */
export const ATOMIC_PER_CENT = 10_000

const DAY_SECONDS = 86_400
const HOUR_SECONDS = 3_600

/** What a call wants, by the names under which the rules know it. */
export type Wanted = {
  /** Address, body and tenant: what the seller is asked for. */
  readonly request: string
  /** The key or the request, with the token where tokens tell buyers apart. */
  readonly exact: string
  /** The request without the token; `undefined` under a key, and where each token is a buyer's own. */
  readonly coarse: string | undefined
  readonly isKeyed: boolean
  readonly method: 'GET' | 'POST'
  /** When the call began, on the world's count of steps. */
  readonly beganAt: number
  /** How often the buyer's clock had been read when the call began. */
  readonly sinceReading: number
  /** Nonces of payments that may have been taken, and in place of which somebody allowed this call another. */
  readonly agreedTo: Set<string>
}

/** One signature, as the world knows it, whatever the buyer believes. */
export type Authorization = Pick<Wanted, 'request' | 'coarse' | 'isKeyed' | 'method'> & {
  /** The exact name that it is presented under. */
  exact: string
  readonly nonce: string
  readonly cents: number
  /** What is taken of it, if it is. */
  readonly takenCents: number
  readonly validUntilSeconds: number
  /** The buyer's time when it was asked for, never before that of the payments before it. */
  readonly atSeconds: number
  /** What the buyer's clock said then. */
  readonly readSeconds: number
  /** How often the clock had been read then, and how far its hands had come forward. */
  readonly readings: number
  readonly handSeconds: number
  hasLeft: boolean
  state: 'open' | 'spent' | 'canceled'
  /** Why the buyer may buy the same again: it was delivered, given up, bought again, or never left. */
  isOver: boolean
  /** It was bought again in place of this one, so that the ledger gave it up. */
  isReplaced: boolean
  /** What became of it when it was presented last. */
  delivery: 'none' | 'delivered' | 'answered' | 'lost'
  status: number | undefined
  /** When it was given up, on the world's count of steps. */
  forgottenAt: number | undefined
  /** When it was delivered, on the world's count of steps. */
  deliveredAt: number | undefined
}

/** What a signature is asked for. */
export type Asked = Pick<Authorization, 'cents' | 'takenCents' | 'validUntilSeconds'>

/**
 * Creates a world without payments, and a chain that may be asked about them.
 *
 * @param buysOver - Whether every purchase is over some time after its payment's end.
 * @param isAtOnce - Whether a call that begins to buy has signed before anybody else goes on.
 */
export function createTruth(clock: Clock, buysOver: boolean, isAtOnce: boolean) {
  const authorizations: Authorization[] = []
  /** What the buyer's clock said, each time that it was turned. */
  const readings = [clock.nowSeconds()]
  let chainSeconds = clock.nowSeconds()
  let latestSeconds = chainSeconds
  /** How far the hands of the buyer's clock have come forward, in all. */
  let handSeconds = 0

  const isDead = ({ state, validUntilSeconds }: Authorization) =>
    state === 'canceled' || (state === 'open' && chainSeconds > validUntilSeconds)
  const counts = (one: Authorization) => !isDead(one) && (one.hasLeft || !one.isOver)
  const find = (nonce: unknown) => authorizations.find((one) => one.nonce === nonce)
  const latestSince = ({ sinceReading }: Wanted) => Math.max(...readings.slice(sinceReading))
  const earliestSince = ({ sinceReading }: Wanted) => Math.min(...readings.slice(sinceReading))

  /** The buyer's time: a clock that is set back frees nothing of what was paid before. */
  const nowSeconds = () => Math.max(clock.nowSeconds(), authorizations.at(-1)?.atSeconds ?? 0)

  /** From when on the same may be bought again, though nothing arrived. `madeSeconds` is when it was made by some clock. */
  function overAt({ isKeyed, delivery, method, validUntilSeconds }: Authorization, madeSeconds: number): number {
    if (isKeyed && !buysOver) return Number.POSITIVE_INFINITY
    if (delivery === 'answered') return Math.max(validUntilSeconds + 60, madeSeconds + 180)
    const isRepeatable = method === 'GET' || buysOver
    return delivery === 'lost' && isRepeatable ? validUntilSeconds + 600 : Number.POSITIVE_INFINITY
  }

  /** Whether a payment was over at some moment since the call began, or somebody allowed the call another in its place. */
  function mayReplace(one: Authorization, wanted: Wanted): boolean {
    const latest = latestSince(wanted)
    if (wanted.agreedTo.has(one.nonce)) return latest >= one.validUntilSeconds
    // What it was when it was looked at isn't known where others went on since.
    const asItWas = isAtOnce ? [one.delivery] : (['answered', 'lost'] as const)
    return asItWas.some((delivery) => latest >= overAt({ ...one, delivery }, one.readSeconds))
  }

  /** Whether a payment forbade the call a new one at every moment since it began. */
  function forbids(one: Authorization, wanted: Wanted): boolean {
    if (one.isOver || isDead(one)) return false
    const latest = latestSince(wanted)
    if (isForeign(one, wanted)) return isOpen(one) && latest < one.validUntilSeconds
    if (one.exact !== wanted.exact) return false
    if (!isOpen(one)) return wanted.isKeyed
    return !mayReplace(one, wanted)
  }

  /** Whether a payment was given up while the call that had taken it waited for a yes, or ended and was bought again. */
  function wasGivenUpMeanwhile({ deliveredAt, forgottenAt = -1, isReplaced, ...one }: Authorization, wanted: Wanted) {
    if (deliveredAt !== undefined) return false
    return forgottenAt >= wanted.beganAt || (isReplaced && latestSince(wanted) >= one.validUntilSeconds)
  }

  /** The rules, at the moment in which a signature is asked for. */
  function assertMaySign(wanted: Wanted, { cents }: Asked): void {
    expect(authorizations.filter((one) => forbids(one, wanted))).toEqual([])
    const { exact, isKeyed, beganAt } = wanted
    // What arrived under a key since the call began is this call's, too.
    const arrived = authorizations.filter((one) => one.exact === exact && (one.deliveredAt ?? -1) > beganAt)
    if (isKeyed) expect(arrived).toEqual([])
    const counted = authorizations.filter(counts)
    const within = (seconds: number) => counted.filter((one) => isWithin(one, seconds))
    expect(cents).toBeLessThanOrEqual(ALLOWED.perPayment)
    expect(sumOf(counted) + cents).toBeLessThanOrEqual(ALLOWED.total)
    expect(sumOf(within(DAY_SECONDS)) + cents).toBeLessThanOrEqual(ALLOWED.perDay)
    expect(within(HOUR_SECONDS).length + 1).toBeLessThanOrEqual(ALLOWED.perHourPayments)
  }

  /**
   * Whether a payment counts against a limit of so many seconds, whatever was done to the clock: its hands haven't come forward by as much since; or
   * the clock never said an earlier time since, and is no later now.
   */
  function isWithin({ readSeconds, readings: read, handSeconds: hands }: Authorization, seconds: number): boolean {
    if (handSeconds - hands < seconds) return true
    return Math.min(...readings.slice(read)) >= readSeconds && clock.nowSeconds() - readSeconds < seconds
  }

  function seeClock(): void {
    handSeconds += Math.max(0, clock.nowSeconds() - (readings.at(-1) ?? 0))
    readings.push(clock.nowSeconds())
    latestSeconds = Math.max(latestSeconds, clock.nowSeconds())
  }

  return {
    find,
    /** How often the buyer's clock was read. */
    reading: () => readings.length - 1,
    /** Signs, if the rules allow it. */
    sign(wanted: Wanted, asked: Asked): Authorization {
      assertMaySign(wanted, asked)
      const { request, exact, coarse, isKeyed, method } = wanted
      // What it is bought in place of is given up, and told.
      const replaced = authorizations.filter((one) => one.exact === exact && !one.isOver && !isDead(one) && isOpen(one))
      if (isAtOnce) expect(replaced).toEqual([])
      const authorization: Authorization = {
        ...{ request, exact, coarse, isKeyed, method, ...asked },
        nonce: `nonce ${authorizations.length}`,
        atSeconds: nowSeconds(),
        readSeconds: clock.nowSeconds(),
        readings: readings.length,
        handSeconds,
        hasLeft: false,
        state: 'open',
        isOver: false,
        isReplaced: false,
        delivery: 'none',
        status: undefined,
        forgottenAt: undefined,
        deliveredAt: undefined,
      }
      authorizations.push(authorization)
      return authorization
    },
    /** The buyer says that this payment's purchase is over, and bought again. While somebody was asked, another may have presented it. */
    replace(one: Authorization, calls: readonly { readonly wanted: Wanted }[]): void {
      expect(calls.some(({ wanted }) => wanted.exact === one.exact && mayReplace(one, wanted))).toBe(true)
      one.isOver = true
      one.isReplaced = true
    },
    /** A payment that is presented is for this request, is its buyer's, and was neither delivered nor given up. */
    assertMayPresent(one: Authorization | undefined, wanted: Wanted): void {
      expect(one).toMatchObject({ request: wanted.request })
      expect(one?.isOver && !wasGivenUpMeanwhile(one, wanted)).not.toBe(true)
      expect(one?.state).not.toBe('canceled')
      if (one?.exact === wanted.exact) return
      // The credential was refused: the next one of the same request is the same buyer's, while the payment lives.
      expect(one).toMatchObject({ coarse: wanted.coarse, isKeyed: wanted.isKeyed, delivery: 'answered', status: 401 })
      expect(one?.validUntilSeconds).toBeGreaterThan(earliestSince(wanted))
    },
    /** Whether a call that paid nothing may be told of an earlier payment: whether one stood in its way at some moment since it began. */
    isInTheWay(wanted: Wanted): boolean {
      const earliest = earliestSince(wanted)
      return authorizations.some((one) => {
        if (one.isOver && !one.isReplaced && (one.deliveredAt ?? -1) < wanted.beganAt) return false
        if (isForeign(one, wanted)) return earliest < one.validUntilSeconds
        return one.exact === wanted.exact && earliest < overAt(one, one.atSeconds)
      })
    },
    /** What became of a payment that was presented. */
    note(one: Authorization, delivery: Authorization['delivery'], step: number): void {
      one.delivery = delivery
      if (delivery !== 'delivered') return
      one.isOver = true
      one.deliveredAt = step
    },
    /** The seller takes the money, if it still can. */
    take(one: Authorization): void {
      if (one.state === 'open' && chainSeconds < one.validUntilSeconds) one.state = 'spent'
    },
    /** All that left, whoever has it. */
    atLarge: () => authorizations.filter(({ hasLeft }) => hasLeft),
    /** Whether another request was ever paid for under the same key. */
    isReused: ({ exact, request }: Wanted) =>
      authorizations.some((one) => one.exact === exact && one.request !== request),
    /** What the chain says to whoever asks. */
    toVerdict(nonce: string): ChainVerdict {
      const one = find(nonce)
      if (one === undefined) return { verdict: 'unknown' }
      if (one.state === 'spent') return { verdict: 'spent', amount: BigInt(one.takenCents * ATOMIC_PER_CENT) }
      return { verdict: isDead(one) ? 'unspent-and-dead' : 'unspent' }
    },
    wait(seconds: number): void {
      chainSeconds += seconds
      seeClock()
    },
    /** The buyer's clock was turned. */
    seeClock,
    /** Whatever happened: what is in the world is in the ledger, and the chain took no more than was allowed. */
    assertSound(nonces: readonly unknown[], forgotten: readonly unknown[]): void {
      expect(sumOf(authorizations.filter(({ state }) => state === 'spent'))).toBeLessThanOrEqual(ALLOWED.total)
      const alive = authorizations.filter((one) => one.hasLeft && !isDead(one))
      expect(nonces).toEqual(expect.arrayContaining(alive.map(({ nonce }) => nonce)))
      const replaced = alive.filter(({ isReplaced }) => isReplaced)
      expect(forgotten).toEqual(expect.arrayContaining(replaced.map(({ nonce }) => nonce)))
    },
  }
}

/** It left and brought nothing, and no response to it is waited for. */
function isOpen({ delivery }: Authorization): boolean {
  return delivery === 'answered' || delivery === 'lost'
}

/** The same request with another token, so that it may be somebody else's. */
function isForeign({ isKeyed, coarse, exact }: Authorization, wanted: Wanted): boolean {
  return !isKeyed && !wanted.isKeyed && coarse !== undefined && coarse === wanted.coarse && exact !== wanted.exact
}

/** What is at stake: what was taken, and of what wasn't yet, all of it. */
function sumOf(some: readonly Authorization[]): number {
  return some.reduce((cents, one) => cents + (one.state === 'spent' ? one.takenCents : one.cents), 0)
}
