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
  tuple,
} from 'fast-check'
import { it } from 'vitest'
import { createWorld, REACTIONS, type Reaction } from './create-world.js'

type World = ReturnType<typeof createWorld>
type Step = { readonly name: string; take(world: World): Promise<void> | void; toString(): string }

function step(name: string, take: Step['take']): Step {
  return { name, take, toString: () => name }
}

const purchase = nat(3)
const nth = nat(5)
const reaction = constantFrom(...(Object.keys(REACTIONS) as Reaction[]))
const seconds = constantFrom(1, 61, 1_800, 3_601, 43_200, 86_401)

/** Each with how often it is taken. */
const steps: readonly (readonly [number, Arbitrary<Step>])[] = [
  // The price seldom changes, since a payment is presented again only under the same terms.
  [6, purchase.map((p) => step(`call ${p}`, (world) => world.call(p, 1 + p)))],
  [
    1,
    tuple(purchase, integer({ min: 1, max: 6 })).map(([p, cents]) =>
      step(`call ${p} at ${cents}`, (world) => world.call(p, cents)),
    ),
  ],
  [8, purchase.map((p) => step(`sign ${p}`, (world) => world.sign(p, true)))],
  [1, purchase.map((p) => step(`fail to sign ${p}`, (world) => world.sign(p, false)))],
  [1, purchase.map((p) => step(`abort ${p}`, (world) => world.abort(p)))],
  [12, tuple(purchase, reaction).map(([p, how]) => step(`${how} ${p}`, (world) => world.answer(p, how)))],
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

async function holdsInAnyOrder(asksInFlight: boolean): Promise<void> {
  const story = array(oneof(...steps.map(([weight, arbitrary]) => ({ weight, arbitrary }))), {
    minLength: 40,
    maxLength: 150,
    size: 'max',
  })
  const property = asyncProperty(story, boolean(), async (story, resign) => {
    const world = createWorld({ resign, asksInFlight })
    try {
      for (const { take } of story) await take(world)
      await world.assertSound()
    } finally {
      await world.end()
    }
  })
  await holds(property, { numRuns: Number(process.env['FC_RUNS'] ?? 300) })
}

it('any interleaving: no limit is passed, no purchase is signed twice, and all that left is counted', async () => {
  await holdsInAnyOrder(false)
}, 120_000)

it('any interleaving: holds also while the chain is asked about payments whose answers are under way', async () => {
  await holdsInAnyOrder(true)
}, 120_000)
