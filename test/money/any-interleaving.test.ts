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
import { afterAll, beforeAll, it, vi } from 'vitest'
import { createWorld, hashAtOnce, type Nature } from './create-world.js'
import { REACTIONS, type Reaction } from './reactions.js'

/** Stories that are told; `npm run test:long` tells 10,000. */
const RUNS = Number(process.env['FC_RUNS'] ?? 600)

type World = ReturnType<typeof createWorld>
type Step = { readonly name: string; take(world: World): Promise<void> | void; toString(): string }

function step(name: string, take: Step['take']): Step {
  return { name, take, toString: () => name }
}

const purchase = nat(3)
const buyer = nat(1)
const nth = nat(5)
const reaction = constantFrom(...(Object.keys(REACTIONS) as Reaction[]))
/** Mostly the same: it is refreshed from time to time. */
const token = constantFrom(0, 0, 0, 1)
const seconds = constantFrom(1, 61, 200, 601, 1_800, 3_601, 43_200, 86_401)

/** Each with how often it is taken. */
const steps: readonly (readonly [number, Arbitrary<Step>])[] = [
  // The price seldom changes, since a payment is presented again only under the same terms.
  [
    8,
    tuple(purchase, buyer, token).map(([p, b, t]) =>
      step(`call ${p} by ${b} with token ${t}`, (world) => world.call(p, 1 + p, b, t)),
    ),
  ],
  [
    1,
    tuple(purchase, integer({ min: 1, max: 6 }), buyer).map(([p, cents, b]) =>
      step(`call ${p} by ${b} at ${cents}`, (world) => world.call(p, cents, b, 0)),
    ),
  ],
  [8, nth.map((n) => step(`ask ${n}`, (world) => world.ask(n)))],
  [8, nth.map((n) => step(`sign ${n}`, (world) => world.sign(n, true)))],
  [1, nth.map((n) => step(`fail to sign ${n}`, (world) => world.sign(n, false)))],
  [1, nth.map((n) => step(`abort ${n}`, (world) => world.abort(n)))],
  [12, tuple(nth, reaction).map(([n, how]) => step(`${how} ${n}`, (world) => world.answer(n, how)))],
  [1, constant(step('crash', (world) => world.crash()))],
  [1, nth.map((n) => step(`settle ${n}`, (world) => world.settle(n)))],
  [1, nth.map((n) => step(`forget ${n}`, (world) => world.forget(n)))],
  [1, nth.map((n) => step(`cancel ${n}`, (world) => world.cancel(n)))],
  [1, constant(step('reconcile', (world) => world.reconcile()))],
  [1, boolean().map((isUp) => step(`chain ${isUp ? 'up' : 'down'}`, (world) => world.setChain(isUp)))],
  [1, seconds.map((by) => step(`wait ${by}`, (world) => world.wait(by)))],
  [
    1,
    tuple(seconds, constantFrom(1, -1)).map(([by, way]) =>
      step(`turn ${way * by}`, (world) => world.turnClock(way * by)),
    ),
  ],
]

const nature: Arbitrary<Nature> = record({
  resign: boolean(),
  asksInFlight: boolean(),
  scheme: constantFrom('exact', 'upto'),
  second: constantFrom('sibling', 'child'),
})

const story = array(oneof(...steps.map(([weight, arbitrary]) => ({ weight, arbitrary }))), {
  minLength: 40,
  maxLength: 120,
  size: 'max',
})

beforeAll(hashAtOnce)
afterAll(() => vi.restoreAllMocks())

it(`any interleaving: ${RUNS} of them pass no limit, sign no purchase twice, and count all that left`, {
  timeout: 120_000 + RUNS * 100,
}, async () => {
  const property = asyncProperty(nature, story, async (nature, story) => {
    const world = createWorld(nature)
    try {
      for (const { take } of story) await take(world)
      await world.assertSound()
    } finally {
      await world.end()
    }
  })
  await holds(property, { numRuns: RUNS })
})
