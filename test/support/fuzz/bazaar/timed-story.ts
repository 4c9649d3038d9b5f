import fc from 'fast-check'
import { ORIGIN, type Told, told, withToken, written } from '../any-story.js'
import type { Rules, Written } from '../purchase-oracle.js'
import { ASKERS } from './askers.js'

/** What the buyers of a story are like. */
export type Nature = Pick<Rules, 'buyers' | 'resign' | 'purchaseFor'> & {
  readonly inFlight: 'separate' | 'join' | 'refuse' | undefined
  /** Of what may be more than is taken, others can take all the same. */
  readonly scheme: 'exact' | 'upto'
  readonly allowRedirectedOrigin: boolean
  /** Whether they pay with the first request, and what they do where another price is asked for then. */
  readonly prepay: 'refuse' | 'pay-new' | undefined
  /** How long each step of the ledger takes, in milliseconds: no time, eight, or one of these after the other. */
  readonly pace: 'fast' | 'slow' | readonly number[]
  /** By how much the buyers' clock is wrong from the start, in seconds. */
  readonly isOffBy: number
}

/** One call, and all that comes in its way. */
export type TimedCall = {
  readonly asker: number
  readonly written: Written
  /** How long after the step before it, in milliseconds. */
  readonly after: number
  /** Whether the seller moves it to another address of its own, or to another seller, before it asks to be paid. */
  readonly isMoved: 'no' | 'within' | 'elsewhere'
  readonly askedAfter: number
  readonly signedAfter: number
  readonly answers: readonly { readonly told: Told; readonly after: number }[]
  /** When it is aborted, in milliseconds after its beginning. */
  readonly abortsAfter: number | undefined
  readonly redeliver: 'safe' | 'always' | 'never' | undefined
}

/** Somebody turns the buyers' clock. */
export type Turn = { readonly after: number; readonly turnsBy: number }

/** The seller asks for more from now on, or for less. */
export type Raise = { readonly after: number; readonly raisesBy: number }

/** What happens, one after the other. */
export type TimedStory = readonly (TimedCall | Turn | Raise)[]

/** How long something takes, in milliseconds: mostly next to nothing, so that what is under way meets. */
const delay = fc.constantFrom(0, 0, 1, 2, 5, 9, 20, 90)
/** How long after the one before: at once, a moment later, when that is done, or when its payment is over. */
const gap = fc.constantFrom(0, 0, 0, 0, 3, 10, 40, 400, 2_000, 8_000, 30_000, 61_000, 190_000, 700_000, 3_700_000)
const turn = fc.constantFrom(1, 61, 200, 700, 3_601, 14_400, 86_400, 31_536_000)

/** How a paid request is answered, more often by what leaves its payment open. */
const REFUSES_TOKEN: Told = { status: 401, headers: {}, receipt: 'none' }
const answers = fc.array(
  fc.record({
    told: fc.oneof({ arbitrary: told, weight: 5 }, { arbitrary: fc.constant(REFUSES_TOKEN), weight: 1 }),
    after: delay,
  }),
  { minLength: 1, maxLength: 4 },
)

type Change = { readonly asker?: number; readonly token?: string } & Partial<Written>

/** Who asks in a story, and for what, where only some of it matters. */
export type Focus = {
  readonly askers?: readonly number[]
  readonly key?: string
  /** By how much the clock is turned, and then more often: in seconds. */
  readonly turnsBy?: readonly number[]
}

/** In what a call differs from the one that all of a story are like: that is how tries, tenants and copies look. */
const changeOf = (askers: readonly number[]): fc.Arbitrary<Change> =>
  fc.oneof(
    { arbitrary: fc.constant<Change>({}), weight: 6 },
    { arbitrary: fc.constantFrom('Bearer 1', 'Bearer 2').map((token) => ({ token })), weight: 3 },
    { arbitrary: fc.constantFrom(...askers).map((asker) => ({ asker })), weight: 3 },
    {
      arbitrary: fc
        .constantFrom('method', 'url', 'headers', 'headers', 'key', 'tags', 'purchaseFor')
        .chain((name) => written.map((one) => ({ [name]: one[name as keyof Written] }))), // one of the names above
      weight: 4,
    },
  )

const timedCall = (first: Written, asker: number, change: fc.Arbitrary<Change>): fc.Arbitrary<TimedCall> =>
  fc
    .record({
      change,
      after: gap,
      isMoved: fc.constantFrom('no', 'no', 'no', 'no', 'no', 'within', 'elsewhere'),
      askedAfter: delay,
      signedAfter: delay,
      answers,
      abortsAfter: fc.oneof(
        { arbitrary: fc.constant(undefined), weight: 5 },
        { arbitrary: fc.constantFrom(0, 1, 4, 10, 25, 60, 300, 2_000), weight: 1 },
      ),
      redeliver: fc.constantFrom(undefined, undefined, 'safe', 'always', 'never'),
    })
    .map(({ change: { asker: other = asker, token, ...changed }, ...rest }) => {
      const one = { ...first, ...changed, ...(token !== undefined && { headers: withToken(first.headers, token) }) }
      return { ...rest, asker: other, written: { ...one, body: one.method === 'POST' ? 'one' : undefined } }
    })

/** Draws calls that are mostly alike, at all times, and somebody who turns the clock. */
export function drawStory({ askers = [...ASKERS.keys()], key, turnsBy }: Focus = {}): fc.Arbitrary<TimedStory> {
  const change = changeOf(askers)
  const turned =
    turnsBy === undefined
      ? fc.tuple(turn, fc.constantFrom(1, -1)).map(([by, way]) => way * by)
      : fc.constantFrom(...turnsBy)
  return fc.tuple(written, fc.constantFrom(...askers)).chain(([drawn, asker]) => {
    const first = key === undefined ? drawn : { ...drawn, key }
    const step = fc.oneof(
      { arbitrary: timedCall(first, asker, change), weight: 12 },
      { arbitrary: fc.record({ after: gap, turnsBy: turned }), weight: turnsBy === undefined ? 1 : 3 },
      { arbitrary: fc.record({ after: gap, raisesBy: fc.constantFrom(1, 1, -1) }), weight: 1 },
    )
    return fc.array(step, { minLength: 2, maxLength: 12 })
  })
}

/** What buyers are told of themselves, and how fast their ledger is. */
export const nature: fc.Arbitrary<Nature> = fc.record({
  buyers: fc.constantFrom(undefined, undefined, 'one', 'many'),
  resign: fc.constantFrom('never', 'never', 'when-over'),
  purchaseFor: fc.constantFrom(undefined, undefined, 100, 86_400),
  inFlight: fc.constantFrom(undefined, undefined, 'separate', 'join', 'refuse'),
  scheme: fc.constantFrom('exact', 'upto'),
  allowRedirectedOrigin: fc.boolean(),
  prepay: fc.constantFrom(undefined, undefined, 'refuse', 'pay-new'),
  pace: fc.oneof(
    fc.constant<Nature['pace']>('fast'),
    fc.constant<Nature['pace']>('slow'),
    fc.array(delay, { minLength: 1, maxLength: 12 }),
  ),
  isOffBy: fc.constantFrom(0, 0, 0, -3600, 86_400),
})

/** What each address costs, in cents; one of them is more than some may pay. */
export function priceOf(url: string, raisedBy = 0): number {
  const { pathname } = new URL(url, ORIGIN)
  return Math.max(1, (pathname.startsWith('/b') ? 2 : 1) + raisedBy)
}
