import {
  type Arbitrary,
  array,
  asyncProperty,
  boolean,
  constant,
  constantFrom,
  assert as holds,
  integer,
  nat,
  oneof,
  record,
  tuple,
} from 'fast-check'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { SIGHTS, type Sight } from '../../support/money/create-judge.js'
import type { Order } from '../../support/money/create-live-call.js'
import type { Nature } from '../../support/money/create-process.js'
import { createWorld, waitForNothing } from '../../support/money/create-world.js'
import { REACTIONS, type Reaction } from '../../support/money/reactions.js'

/** Stories that are told; `npm run test:long` tells 10,000. */
const RUNS = Number(process.env['FC_RUNS'] ?? 600)

type World = ReturnType<typeof createWorld>
type Step = { readonly name: string; take(world: World): Promise<void> | void; toString(): string }

function step(name: string, take: Step['take']): Step {
  return { name, take, toString: () => name }
}

const purchase = constantFrom(0, 0, 1, 1, 2, 3)
const buyer = nat(1)
const nth = nat(5)
/** More often what leaves a payment open. */
const reaction = constantFrom<Reaction>(
  ...(Object.keys(REACTIONS) as Reaction[]),
  ...(['say 401', 'say 401', 'say 401', 'say 409', 'take and drop', 'say 500'] as const),
)
const seconds = constantFrom(1, 61, 200, 601, 1_800, 3_601, 43_200, 86_401)
/** How far somebody turns the clock: by a little, or as a clock that lost its battery, or was set by the wrong year. */
const jump = constantFrom(1, 61, 200, 601, 1_800, 3_601, 14_400, 43_200, 86_401, 31_536_000)

/** Mostly the same: a token is refreshed from time to time, and a key is seldom used for another request. */
const order: Arbitrary<Order> = record({
  purchase,
  buyer,
  token: nat(1),
  tenant: constantFrom(0, 0, 0, 0, 1),
  body: constantFrom(0, 0, 0, 0, 0, 1),
  isRedirected: constantFrom(false, false, false, true),
  isFree: nat(9).map((side) => side === 9),
}).map((one) => ({ ...one, cents: 1 + one.purchase }))

function toText({ purchase, buyer, cents, token, tenant, body, isRedirected, isFree }: Order): string {
  const more = `${isRedirected ? ', redirected' : ''}${isFree ? ', for nothing' : ''}`
  return `call ${purchase} by ${buyer} at ${cents} with token ${token} for tenant ${tenant} with body ${body}${more}`
}

/** Each with how often it is taken. */
const steps: readonly (readonly [number, Arbitrary<Step>])[] = [
  [9, order.map((one) => step(toText(one), (world) => world.call(one)))],
  [
    8,
    tuple(constantFrom(undefined, undefined, 0, 1), nat(1)).map(([token, buyer]) =>
      step(`call again by ${buyer} with ${token === undefined ? 'the same token' : `token ${token}`}`, (world) =>
        world.callAgain({ buyer, ...(token !== undefined && { token }) }),
      ),
    ),
  ],
  // The price seldom changes, since a payment is presented again only under the same terms.
  [
    1,
    tuple(order, integer({ min: 1, max: 6 })).map(([one, cents]) =>
      step(toText({ ...one, cents }), (world) => world.call({ ...one, cents })),
    ),
  ],
  [8, nth.map((n) => step(`ask ${n}`, (world) => world.ask(n)))],
  [8, nth.map((n) => step(`answer whoever asks ${n}`, (world) => world.answerBuyer(n)))],
  [8, nth.map((n) => step(`sign ${n}`, (world) => world.sign(n, true)))],
  [1, nth.map((n) => step(`fail to sign ${n}`, (world) => world.sign(n, false)))],
  [1, nth.map((n) => step(`abort ${n}`, (world) => world.abort(n)))],
  [12, tuple(nth, reaction).map(([n, how]) => step(`${how} ${n}`, (world) => world.answer(n, how)))],
  [
    1,
    constantFrom(false, false, false, false, true).map((isPoor) =>
      step(`crash${isPoor ? ', and begin with nothing' : ''}`, (world) => world.crash(isPoor)),
    ),
  ],
  [
    1,
    tuple(buyer, constantFrom(true, true, false)).map(([b, isAllowed]) =>
      step(`${isAllowed ? 'allow' : 'forbid'} ${b}`, (world) => world.allow(b, isAllowed)),
    ),
  ],
  [1, nth.map((n) => step(`settle ${n}`, (world) => world.settle(n)))],
  [1, nth.map((n) => step(`forget ${n}`, (world) => world.forget(n)))],
  [1, nth.map((n) => step(`cancel ${n}`, (world) => world.cancel(n)))],
  [1, constant(step('reconcile', (world) => world.reconcile()))],
  [1, boolean().map((isUp) => step(`chain ${isUp ? 'up' : 'down'}`, (world) => world.setChain(isUp)))],
  [1, seconds.map((by) => step(`wait ${by}`, (world) => world.wait(by)))],
  [
    1,
    tuple(jump, constantFrom(1, -1)).map(([by, way]) => step(`turn ${way * by}`, (world) => world.turnClock(way * by))),
  ],
  // It is put right, or set wrong again by as much.
  [1, constant(step('turn back', (world) => world.turnClockBack()))],
]

const nature: Arbitrary<Nature> = record({
  resign: constantFrom('never', 'when-proven-unspent', 'when-over'),
  buyers: constantFrom(undefined, undefined, 'one', 'many'),
  buys410: boolean(),
  asks: boolean(),
  ponders: boolean(),
  agrees: boolean(),
  asksInFlight: boolean(),
  scheme: constantFrom('exact', 'upto'),
  second: constantFrom('sibling', 'child', 'child', 'poor child', 'barred child', 'namesake', 'stranger'),
})

const story = array(oneof(...steps.map(([weight, arbitrary]) => ({ weight, arbitrary }))), {
  minLength: 60,
  maxLength: 160,
  size: 'max',
})

beforeAll(waitForNothing)
afterAll(() => vi.restoreAllMocks())

it(`any interleaving: ${RUNS} of them pass no limit, sign no purchase twice, and count all that left`, {
  timeout: 60_000 + RUNS * 200,
}, async () => {
  const seen = new Map<Sight, number>()
  const property = asyncProperty(nature, story, async (nature, story) => {
    const world = createWorld(nature)
    try {
      for (const { take } of story) await take(world)
      await world.assertSound()
      for (const sight of world.seen) seen.set(sight, (seen.get(sight) ?? 0) + 1)
    } finally {
      world.end()
    }
  })
  await holds(property, { numRuns: RUNS })
  // The stories came to each of these, and so each rule was tried.
  for (const sight of SIGHTS) expect(seen.get(sight), sight).toBeGreaterThan(0)
})
