import { describe, expect, it } from 'vitest'
import type { PaymentEvent } from '../../../src/payment/event.js'
import { type Claim, findOpen } from '../../../src/payment/purchase.js'
import { type Parts, soundParts } from '../../support/ledger/table-ledger.js'
import { type Cast, castAlone, castTogether, type Part } from '../../support/schedule/cast.js'
import { type Explored, explore } from '../../support/schedule/explore.js'
import type { Scene } from '../../support/schedule/stage.js'
import { createMemoryStore, createTableStore } from '../../support/schedule/store.js'

/*
 * Two and three calls of two processes at once, in every order of their steps, with a crash of either process and one lost reply at any of them.
 *
 * A step is what a call waits for: each step of the ledger, each request, each pause. On the ledger whose steps take 8 ms the reply to a step is a step of
 * its own, so that a process may die, and others go on, after a step was done and before its reply was seen. No time passes but by a step.
 *
 * Why not every order has to be told is said where it's done: stories that come to the same state go on alike (`explore`), and a step that nothing of others depends
 * on is taken first (`Stage.moves`). For two calls that is tried: every order is told one by one, and there are as many of them, with the same ends,
 * as were counted without telling them.
 *
 * A referee watches each step, and names the rule in what it finds:
 *
 * - R1: one call signs one payment; none is reserved while one of its purchase is in the way, nor under a key that was paid and brought nothing; no two
 *   calls present one payment at once, nor one buyer that of another. What is open at the end is delivered without another signature.
 * - R2: what left counts, in every state from then on, and after everything was started again.
 * - R3: the signer is asked after the payment was reserved. R4: no limit is passed, also that of a name. R5: the paid request is the call.
 * - R6: `untouched` only where nothing was signed, `released` only where nothing left. R7: who was answered gets the response, and every call ends.
 * - R8: payments go to the origin that asked. R9: what others can take was reserved and is counted.
 */

/** Stories of each scene that `npm test` tells where all would be too many; `npm run test:long` tells all. */
const SOME = 30
const isLong = process.env['FC_RUNS'] !== undefined
const most = isLong ? {} : { most: SOME }
const patience = { timeout: 7_200_000 }

const NOTHING_WRONG = { crashes: 0, lostReplies: 0 } as const
const A_CRASH_AND_A_LOST_REPLY = { crashes: 1, lostReplies: 1 } as const

const onMemory = { createStore: createMemoryStore, isSlow: false, isReduced: true }
const onSlowMemory = { ...onMemory, isSlow: true }

const LEDGERS = [
  { where: 'on the memory ledger', ledger: onMemory },
  { where: 'on one whose steps take 8 ms', ledger: onSlowMemory },
]

const key = { key: 'order-1' }
const join = { inFlight: 'join' } as const
const safe = { redeliver: 'safe' } as const
const [ann, bob] = [{ credential: 'Bearer ann' }, { credential: 'Bearer bob' }]
const team = { name: 'team' }
const refuse = { prepay: 'refuse' } as const
const payNew = { prepay: 'pay-new' } as const
const dearer = (cast: Cast): Cast => ({ ...cast, isDearer: true })

const TWO: readonly (readonly [string, Cast])[] = [
  ['equal calls', castAlone({}, {})],
  ['calls under one key', castAlone(key, key)],
]

/** They have more steps than two that ask, so that only `npm run test:long` tells all of their orders. */
const TWO_THAT_PREPAY: readonly (readonly [string, Cast, string])[] = [
  ['prepaid calls', castAlone(refuse, refuse), 'ANSWER_LOST, in-doubt'],
  ['calls that are prepaid too little', dearer(castAlone(refuse, refuse)), 'PRICE_CHANGED, in-doubt'],
  ['calls that are prepaid too little and pay what is asked', dearer(castAlone(payNew, payNew)), '0: 200'],
]

/** Each with how some of its calls have to end, so that a scene is of what it is meant to be of. */
const THREE: readonly (readonly [string, Cast, string])[] = [
  ['equal calls', castAlone({}, {}, {}), 'LIMIT_COUNT, untouched'],
  ['equal calls that present again by themselves', castAlone(safe, safe, safe), 'LIMIT_COUNT, untouched'],
  ['calls under one key', castAlone(key, key, key), 'PURCHASE_UNDER_WAY, in-doubt'],
  ['calls of which two may join', castTogether({}, join, join, join), 'ANSWER_LOST, in-doubt'],
  ['calls under one key of which two may join', castTogether({}, key, key, key), 'PURCHASE_UNDER_WAY, in-doubt'],
  ['calls of which the last has another credential', castAlone(ann, ann, bob), 'PAID_PERHAPS, untouched'],
  ['calls of which the second has another credential', castAlone(ann, bob, ann), 'PAID_PERHAPS, untouched'],
  ['calls of two clients of one name and their parent', castAlone(team, team, {}), 'LIMIT_COUNT, untouched'],
  ['calls of a client of a name, its parent, and its namesake', castAlone(team, {}, team), 'LIMIT_COUNT, untouched'],
  ['calls of which all but one are prepaid', castAlone(refuse, {}, refuse), 'LIMIT_COUNT, untouched'],
  ['calls that are prepaid too little', dearer(castAlone(refuse, {}, refuse)), 'PRICE_CHANGED, in-doubt'],
  ['calls that are prepaid too little and pay what is asked', dearer(castAlone(payNew, {}, payNew)), '0: 200'],
  [
    'calls of one key that are prepaid too little and pay what is asked',
    dearer(castAlone({ ...payNew, ...key }, key, { ...payNew, ...key })),
    'PURCHASE_UNDER_WAY, in-doubt',
  ],
  ['prepaid calls of which two may join', dearer(castTogether(payNew, join, join, join)), 'PRICE_CHANGED, in-doubt'],
]

function expectKept({ broken }: Explored): void {
  if (broken !== undefined) expect.fail(`${broken.findings.join('; ')}\n${broken.path.join('\n')}`)
}

/** One story goes on from each state, and each other move that leads from it begins another one. */
function expectAllTold({ told, states, moves, ends, schedules }: Explored): void {
  expect(told).toBe(1 + moves - (states - ends.size))
  expect(schedules).toBeGreaterThan(told)
}

function describeStories({ schedules, told, states, moves, ends }: Explored): string {
  return `${schedules ?? 'some'} orders: ${told} stories, ${states} states, ${moves} moves, ${ends.size} ends`
}

const ALL_OF_TWO: readonly (readonly [string, Cast])[] = isLong
  ? [...TWO, ...TWO_THAT_PREPAY.map(([name, cast]) => [name, cast] as const)]
  : TWO

describe.each(ALL_OF_TWO)('every schedule: two %s of two processes', (_name, cast) => {
  const quiet: Scene = { ...onMemory, ...NOTHING_WRONG, cast }

  it('are as many as are counted, and end as those do that were told for them', patience, async () => {
    const all = await explore({ ...quiet, isReduced: false }, { isWhole: true })
    const counted = await explore({ ...quiet, isReduced: false })
    const reduced = await explore(quiet)
    expect(counted.schedules).toBe(BigInt(all.told))
    expect(counted.told).toBeLessThan(all.told)
    expect(reduced.told).toBeLessThan(counted.told)
    for (const { ends, endings } of [counted, reduced]) {
      expect(ends).toEqual(all.ends)
      expect(endings).toEqual(all.endings)
    }
    for (const explored of [all, counted, reduced]) expectKept(explored)
  })

  it.for(LEDGERS)(
    'keep every rule, with a crash and a lost reply, $where',
    patience,
    async ({ ledger }, { annotate }) => {
      const isAll = isLong || (!ledger.isSlow && cast.calls.every(({ key: one }) => one === undefined))
      const explored = await explore({ ...ledger, ...A_CRASH_AND_A_LOST_REPLY, cast }, isAll ? {} : most)
      expectKept(explored)
      if (isAll) expectAllTold(explored)
      await annotate(describeStories(explored))
    },
  )
})

describe.each(TWO_THAT_PREPAY)('every schedule: two %s of two processes', (_name, cast, ending) => {
  it.for(LEDGERS)(
    'keep every rule, with a crash and a lost reply, in many of their orders, $where',
    async ({ ledger }) => {
      const explored = await explore({ ...ledger, ...A_CRASH_AND_A_LOST_REPLY, cast }, { most: 100 })
      expectKept(explored)
      expect([...explored.endings].join('; ')).toContain(ending)
    },
  )
})

describe.each(THREE)('every schedule: three %s', (_name, cast, ending) => {
  it.for(LEDGERS)(
    'keep every rule, with a crash and a lost reply, $where',
    patience,
    async ({ ledger }, { annotate }) => {
      const explored = await explore({ ...ledger, ...A_CRASH_AND_A_LOST_REPLY, cast }, most)
      expectKept(explored)
      if (isLong) {
        expectAllTold(explored)
        expect([...explored.endings].join('; ')).toContain(ending)
      } else expect(explored.told).toBe(SOME)
      await annotate(describeStories(explored))
    },
  )
})

describe('every schedule: a ledger that breaks a rule is found by two calls:', () => {
  const wrong: readonly (readonly [string, Partial<Parts>, Part, string])[] = [
    ['it overlooks what is open', { findOpen: () => undefined }, key, 'R1'],
    ['a crash gives back what left', { toCrashEvent: () => RELEASED }, {}, 'R2'],
    ['it never finds what waits', { toClaim: () => NOTHING }, {}, 'R7'],
  ]
  it.each(wrong)('%s', patience, async (_name, broken, role, rule) => {
    const { broken: found } = await exploreBroken(broken, A_CRASH_AND_A_LOST_REPLY, castAlone(role, role))
    expect(found?.findings.join('; ')).toContain(rule)
  })
})

describe('every schedule: a ledger that breaks a rule is found by three calls, and not by two:', () => {
  const wrong: readonly (readonly [string, Partial<Parts>, Part, string, 0 | 1])[] = [
    ['it overlooks limits', { findFull: () => undefined }, {}, 'R4', 0],
    ['it counts what was sent, and not what is reserved', { countAgainst: countSent }, {}, 'R4', 0],
    ['it looks at the first payment of a purchase only', { findOpen: findFirst }, key, 'R1', 1],
    ['two may take one payment at once', { toClaimed: (payment) => ({ ...payment, claimed: false }) }, {}, 'R1', 1],
  ]
  it.each(wrong)('%s', patience, async (_name, broken, role, rule, lostReplies) => {
    const faults = { crashes: 0, lostReplies } as const
    expectKept(await exploreBroken(broken, faults, castAlone(role, role)))
    const { broken: found } = await exploreBroken(broken, faults, castAlone(role, role, role), ENOUGH)
    expect(found?.findings.join('; ')).toContain(rule)
  })
})

function exploreBroken(
  broken: Partial<Parts>,
  faults: Pick<Scene, 'crashes' | 'lostReplies'>,
  cast: Cast,
  options?: explore.Options,
): Promise<Explored> {
  return explore({ ...onMemory, ...faults, cast, createStore: (clock) => createTableStore(clock, broken) }, options)
}

/** Stories from everywhere find what is broken sooner than those that differ in the last moves only. */
const ENOUGH = { most: 1000 }

const RELEASED: PaymentEvent = { type: 'released', because: 'dead' }
const NOTHING: Claim = { is: 'nothing', over: [] }

const findFirst: Parts['findOpen'] = (payments, claimant) => findOpen([...payments].slice(0, 1), claimant)

const countSent: Parts['countAgainst'] = (cap, payments, nowSeconds) =>
  soundParts.countAgainst(
    cap,
    [...payments].filter(({ state }) => state !== 'reserved'),
    nowSeconds,
  )
