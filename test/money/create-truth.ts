import { expect } from 'vitest'
import type { Clock } from '../../src/clock.js'
import type { ChainVerdict } from '../../src/scheme.js'

/** What the buyer of a world allows, in cents. */
export const ALLOWED = { perPayment: 5, perDay: 12, total: 30, perHourPayments: 4 }

/** Atomic units of the world's money. */
export const ATOMIC_PER_CENT = 10_000

const DAY_SECONDS = 86_400
const HOUR_SECONDS = 3_600

/** One signature, as the world knows it, whatever the buyer believes. */
export type Authorization = {
  readonly nonce: string
  readonly purchase: number
  readonly cents: number
  /** What is taken of it, if it is. */
  readonly takenCents: number
  readonly validUntilSeconds: number
  readonly token: number | undefined
  /** The buyer's time, never set back, when it was asked for. */
  readonly atSeconds: number
  hasLeft: boolean
  state: 'open' | 'spent' | 'canceled'
  /** Why the buyer may buy the same again: it was delivered, given up, or never left. */
  isOver: boolean
  /** The last response to it was a 4xx that was handed over. */
  answered: boolean
  /** When it was answered, on the world's count of steps. */
  answeredAt: number | undefined
}

/** What a signature is asked for. */
export type Asked = {
  readonly purchase: number
  readonly cents: number
  readonly takenCents: number
  readonly validUntilSeconds: number
  /** When the call under a key began, on the world's count of steps; `undefined` for one without a key. */
  readonly beganAt: number | undefined
  /** Which of its tokens the buyer asked with; a key names a purchase without it. */
  readonly token: number | undefined
}

/** Creates a world without payments, and a chain that may be asked about them. */
export function createTruth(clock: Clock) {
  const authorizations: Authorization[] = []
  let chainSeconds = clock.nowSeconds()
  let latestSeconds = chainSeconds

  const isDead = ({ state, validUntilSeconds }: Authorization) =>
    state === 'canceled' || (state === 'open' && chainSeconds > validUntilSeconds)
  const counts = (one: Authorization) => !isDead(one) && (one.hasLeft || !one.isOver)
  const find = (nonce: unknown) => authorizations.find((one) => one.nonce === nonce)

  /** When the buyer may buy the same again by its own clock, though nothing arrived. */
  function endOf({ token, validUntilSeconds, atSeconds, answered }: Authorization, asked: Asked): number {
    if (asked.token === undefined) return Number.POSITIVE_INFINITY
    if (token !== asked.token) return validUntilSeconds
    return answered ? Math.max(validUntilSeconds + 60, atSeconds + 180) : validUntilSeconds + 600
  }

  /** The rules, at the moment in which a signature is asked for. */
  function assertMaySign(asked: Asked, atSeconds: number): void {
    const earlier = authorizations.filter(({ purchase }) => purchase === asked.purchase)
    expect(earlier.filter((one) => !one.isOver && !isDead(one) && latestSeconds < endOf(one, asked))).toEqual([])
    const { beganAt = Number.POSITIVE_INFINITY } = asked
    expect(earlier.filter(({ answeredAt = Number.NEGATIVE_INFINITY }) => answeredAt > beganAt)).toEqual([])
    const counted = authorizations.filter(counts)
    const within = (seconds: number) => counted.filter((one) => one.atSeconds > atSeconds - seconds)
    expect(asked.cents).toBeLessThanOrEqual(ALLOWED.perPayment)
    expect(sumOf(counted) + asked.cents).toBeLessThanOrEqual(ALLOWED.total)
    expect(sumOf(within(DAY_SECONDS)) + asked.cents).toBeLessThanOrEqual(ALLOWED.perDay)
    expect(within(HOUR_SECONDS).length + 1).toBeLessThanOrEqual(ALLOWED.perHourPayments)
  }

  return {
    find,
    /** Signs, if the rules allow it. */
    sign({ beganAt, ...asked }: Asked): Authorization {
      latestSeconds = Math.max(latestSeconds, clock.nowSeconds())
      assertMaySign({ beganAt, ...asked }, latestSeconds)
      const authorization: Authorization = {
        ...asked,
        nonce: `nonce ${authorizations.length}`,
        atSeconds: latestSeconds,
        hasLeft: false,
        state: 'open',
        isOver: false,
        answered: false,
        answeredAt: undefined,
      }
      authorizations.push(authorization)
      return authorization
    },
    /** The seller takes the money, if it still can. */
    take(one: Authorization): void {
      if (one.state === 'open' && chainSeconds < one.validUntilSeconds) one.state = 'spent'
    },
    /** All that left, whoever has it. */
    atLarge: () => authorizations.filter(({ hasLeft }) => hasLeft),
    /** What the chain says to whoever asks. */
    toVerdict(nonce: string): ChainVerdict {
      const one = find(nonce)
      if (one === undefined) return { verdict: 'unknown' }
      if (one.state === 'spent') return { verdict: 'spent', amount: BigInt(one.takenCents * ATOMIC_PER_CENT) }
      return { verdict: isDead(one) ? 'unspent-and-dead' : 'unspent' }
    },
    wait(seconds: number): void {
      chainSeconds += seconds
    },
    /** The buyer's clock was turned. */
    seeClock(): void {
      latestSeconds = Math.max(latestSeconds, clock.nowSeconds())
    },
    /** Whatever happened: what is in the world is in the ledger, and the chain took no more than was allowed. */
    assertSound(nonces: readonly unknown[]): void {
      expect(sumOf(authorizations.filter(({ state }) => state === 'spent'))).toBeLessThanOrEqual(ALLOWED.total)
      const alive = authorizations.filter((one) => one.hasLeft && !isDead(one))
      expect(nonces).toEqual(expect.arrayContaining(alive.map(({ nonce }) => nonce)))
    },
  }
}

/** What is at stake: what was taken, and of what wasn't yet, all of it. */
function sumOf(some: readonly Authorization[]): number {
  return some.reduce((cents, one) => cents + (one.state === 'spent' ? one.takenCents : one.cents), 0)
}
