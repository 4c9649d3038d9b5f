import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { PaymentEvent } from '../../../src/payment/event.js'
import type { Claim } from '../../../src/payment/purchase.js'
import type { Parts } from '../../support/ledger/table-ledger.js'
import type { Fault } from '../../support/schedule/gates.js'
import { type Mishap, type Story, type Told, tellStory } from '../../support/schedule/tell-story.js'

const FAULTS: readonly Fault[] = ['crash before', 'crash after', 'lose the reply']

/** Tells a story in every order of its steps: each time the last choice that has another way takes it. */
async function* tellInEveryOrder(story: Omit<Story, 'turns'>): AsyncGenerator<Told> {
  let turns: readonly number[] | undefined = []
  while (turns !== undefined) {
    const told: Told = await tellStory({ ...story, turns })
    yield told
    turns = findNext(told.choices, turns)
  }
}

function findNext(choices: readonly number[], turns: readonly number[]): readonly number[] | undefined {
  for (let at = choices.length - 1; at >= 0; at--) {
    const turn = (turns[at] ?? 0) + 1
    if (turn < (choices[at] ?? 0)) return [...choices.slice(0, at).map((_, index) => turns[index] ?? 0), turn]
  }
  return undefined
}

/** Tells one story in every order, and asserts that each kept the promise. */
async function holdInEveryOrder(story: Omit<Story, 'turns'>): Promise<{ stories: number; steps: number }> {
  let stories = 0
  let steps = 0
  for await (const told of tellInEveryOrder(story)) {
    expectKept(told, story)
    stories += 1
    steps = Math.max(steps, told.steps.length)
  }
  return { stories, steps }
}

function expectKept({ broken, steps }: Told, story: Omit<Story, 'turns'>): void {
  if (broken.length > 0) expect.fail(`${broken.join('; ')}\n${steps.join('\n')}\n${JSON.stringify(story)}`)
}

const KEYS = [
  ['without a key', undefined],
  ['under one key', 'order-1'],
] as const

/** Each so many of the pairs of mishaps is tried; every one in `npm run test:long`. */
const STRIDE = process.env['FC_RUNS'] === undefined ? 30 : 1

describe.each(KEYS)('every schedule: two equal calls of two processes at once, %s', (_name, key) => {
  const pair = { processes: [0, 1], key } as const

  it('keep every rule in every order of their steps', async () => {
    const { stories } = await holdInEveryOrder({ ...pair, mishaps: [] })
    expect(stories).toBeGreaterThan(10)
  })

  it.each(FAULTS)(
    'keep every rule in every order, whichever step comes to: %s',
    { timeout: 600_000 },
    async (fault) => {
      const { steps } = await holdInEveryOrder({ ...pair, mishaps: [] })
      for (let at = 0; at < steps; at++) await holdInEveryOrder({ ...pair, mishaps: [{ at, fault }] })
    },
  )

  it('keep every rule in every order with a crash and a lost reply', { timeout: 3_600_000 }, async () => {
    const { steps } = await holdInEveryOrder({ ...pair, mishaps: [] })
    const some = pairsOf(steps).filter((_, index) => index % STRIDE === 0)
    for (const mishaps of some) await holdInEveryOrder({ ...pair, mishaps })
  })
})

/** A crash at one step and a lost reply at another one. */
function pairsOf(steps: number): readonly (readonly Mishap[])[] {
  const places = Array.from({ length: steps }, (_, at) => at)
  return places.flatMap((at) =>
    places.flatMap((other): Mishap[][] =>
      at === other
        ? []
        : FAULTS.slice(0, 2).map((fault) => [
            { at, fault },
            { at: other, fault: 'lose the reply' },
          ]),
    ),
  )
}

describe.each(KEYS)('every schedule: three equal calls of two processes at once, %s', (_name, key) => {
  const place = fc.nat(14)
  const story = fc.record({
    processes: fc.constantFrom<Story['processes']>([0, 1, 0], [0, 0, 1], [1, 0, 1]),
    turns: fc.array(fc.nat(5), { minLength: 15, maxLength: 20 }),
    crash: fc.option(fc.record({ at: place, fault: fc.constantFrom<Fault>('crash before', 'crash after') })),
    loss: fc.option(place),
  })

  it('keep every rule in orders that were drawn, with a crash and a lost reply', { timeout: 3_600_000 }, async () => {
    const property = fc.asyncProperty(story, async ({ processes, turns, crash, loss }) => {
      const lost: Mishap[] = loss === null ? [] : [{ at: loss, fault: 'lose the reply' }]
      const drawn = { processes, key, turns, mishaps: crash === null ? lost : [crash, ...lost] }
      expectKept(await tellStory(drawn), drawn)
    })
    await fc.assert(property, { numRuns: Number(process.env['FC_RUNS'] ?? 300) })
  })
})

describe('every schedule: a ledger that breaks a rule is found:', () => {
  const wrong: readonly (readonly [string, Partial<Parts>, Pick<Story, 'processes' | 'key'>, string])[] = [
    ['it overlooks what is open', { findOpen: () => undefined }, { processes: [0, 1], key: 'order-1' }, 'in its way'],
    ['it overlooks limits', { findFull: () => undefined }, { processes: [0, 1, 0], key: undefined }, '3 payments were'],
    [
      'a crash gives back what left',
      { toCrashEvent: () => RELEASED },
      { processes: [0, 1], key: undefined },
      "don't count",
    ],
    ['it never finds what waits', { toClaim: () => NOTHING }, { processes: [0, 1], key: undefined }, 'not delivered'],
  ]
  it.each(wrong)('%s', async (_name, broken, story, finding) => {
    const findings: string[] = []
    for (const fault of FAULTS) {
      for (let at = 0; at < 8; at++) {
        const told = await tellStory({ ...story, mishaps: [{ at, fault }], turns: [0, 1, 0, 1, 0, 1], broken })
        findings.push(...told.broken)
      }
      findings.push(...(await tellStory({ ...story, mishaps: [], turns: [0, 1, 2, 0, 1, 2], broken })).broken)
    }
    expect(findings.join('\n')).toContain(finding)
  })
})

const RELEASED: PaymentEvent = { type: 'released', because: 'dead' }
const NOTHING: Claim = { is: 'nothing', over: [] }
