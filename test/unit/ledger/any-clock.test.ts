import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createMemoryLedger } from '../../../src/ledger/book/memory-ledger.js'
import { createFileLedger } from '../../../src/ledger/file/index.js'
import { isRefusal, type Ledger } from '../../../src/payment/ledger.js'
import { createCounter } from '../../../src/testing/chance.js'
import { createCap } from '../../../src/testing/ledger/cap.js'
import { createDraft, DOLLAR, named } from '../../../src/testing/ledger/draft.js'
import { createManualClock } from '../../../src/testing/manual-clock.js'
import { createTable, createTableLedger } from '../../support/ledger/table-ledger.js'

/** Stories that are told of each ledger. */
const RUNS = Number(process.env['FC_RUNS'] ?? 150)

const HOUR = 3600
const WINDOWS = [HOUR, 24 * HOUR, 7 * 24 * HOUR]
const LIMIT = 5

/** What happens: time goes by, somebody pays, somebody sets the clock, or undoes the last time that it was set. */
type Move =
  | { readonly do: 'wait'; readonly seconds: number }
  | { readonly do: 'pay' }
  | { readonly do: 'set'; readonly seconds: number }
  | { readonly do: 'undo' }
  | { readonly do: 'open again' }

const seconds = fc.constantFrom(
  1,
  59,
  600,
  HOUR - 1,
  HOUR,
  5000,
  4 * HOUR,
  86_399,
  86_400,
  90_000,
  40 * 86_400,
  31_536_000,
)

const move: fc.Arbitrary<Move> = fc.oneof(
  { weight: 3, arbitrary: seconds.map((by): Move => ({ do: 'wait', seconds: by })) },
  { weight: 6, arbitrary: fc.constant<Move>({ do: 'pay' }) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(seconds, fc.constantFrom(1, -1, -1))
      .map(([by, way]): Move => ({ do: 'set', seconds: by * way })),
  },
  { weight: 3, arbitrary: fc.constant<Move>({ do: 'undo' }) },
  { weight: 1, arbitrary: fc.constant<Move>({ do: 'open again' }) },
)

/** A payment as it truly was: when it was made, what the clock had been set by then, and how far its hands had come forward. */
type Made = { readonly realSeconds: number; readonly settings: readonly number[]; readonly hands: number }

type Shelf = { ledger: Ledger; openAgain?: () => Promise<void>; close?: () => Promise<void> }

/**
 * What must count in a window, whatever is done to the clock:
 *
 * 1. a payment since which the hands of the clock have come forward by less than the window in all; setting it back takes nothing off;
 * 2. a payment that was really made within the window, if the clock is as it was set then: whatever was done to it meanwhile was undone.
 */
function mustCount({ realSeconds, settings, hands }: Made, now: Made, windowSeconds: number): boolean {
  if (now.hands - hands < windowSeconds) return true
  const isUndone = settings.length === now.settings.length && settings.every((by, index) => by === now.settings[index])
  return isUndone && now.realSeconds - realSeconds < windowSeconds
}

async function follow(
  moves: readonly Move[],
  shelf: Shelf,
  clock: ReturnType<typeof createManualClock>,
): Promise<void> {
  const made: Made[] = []
  let now: Made = { realSeconds: 0, settings: [], hands: 0 }
  /** Whether a step has seen the clock since it was set last: what none has seen can't be told from time. */
  let isSeen = true

  const turn = (by: number) => {
    clock.advance(by)
    now = { ...now, hands: now.hands + Math.max(0, by) }
  }
  const wait = (by: number) => {
    turn(by)
    now = { ...now, realSeconds: now.realSeconds + by }
    isSeen = false
  }
  const pay = async () => {
    const caps = WINDOWS.map((windowSeconds) => createCap(LIMIT, { windowSeconds }))
    const reserved = await shelf.ledger.reserve(createDraft({ call: named(String(made.length)) }), caps)
    for (const windowSeconds of WINDOWS) {
      const count = made.filter((one) => mustCount(one, now, windowSeconds)).length
      if (count >= LIMIT) expect(isRefusal(reserved)).toBe(true)
    }
    if (!isRefusal(reserved)) {
      await shelf.ledger.note(reserved.id, {
        type: 'sent',
        presentation: { payload: { x402Version: 2, payload: {} }, entry: {} },
      })
      made.push(now)
    }
    isSeen = true
  }

  /** Somebody sets the clock, which a step sees before and after. */
  const set = async (by: number, settings: readonly number[]) => {
    if (!isSeen) await pay()
    turn(by)
    now = { ...now, settings }
    await pay()
  }
  const take = async (one: Move) => {
    const last = now.settings.at(-1)
    if (one.do === 'pay') await pay()
    else if (one.do === 'open again') await shelf.openAgain?.()
    else if (one.do === 'set') await set(one.seconds, [...now.settings, one.seconds])
    else if (one.do === 'wait') wait(one.seconds)
    else if (last !== undefined) await set(-last, now.settings.slice(0, -1))
  }

  for (const one of moves) {
    await take(one)
    for (const windowSeconds of WINDOWS) {
      const least = made.filter((paid) => mustCount(paid, now, windowSeconds)).length
      const { held } = await shelf.ledger.spent(createCap(LIMIT, { windowSeconds }))
      expect(held / DOLLAR).toBeGreaterThanOrEqual(least)
    }
  }
  // Nothing is held for ever: whatever was done, all has aged out after two of the longest windows and what the clock was off.
  const off = now.settings.reduce((sum, by) => sum + Math.abs(by), 0)
  turn(off + 2 * (WINDOWS.at(-1) ?? 0))
  expect((await shelf.ledger.spent(createCap(LIMIT, { windowSeconds: WINDOWS.at(-1) }))).held).toBe(0n)
}

const folder = async () => mkdtemp(join(await realpath(tmpdir()), 'pay402-clock-'))

it.each(['memory', 'table', 'file'] as const)(
  'a ledger in a %s: whatever is done to its clock, a window never counts less than was paid in it',
  { timeout: 60_000 + RUNS * 400 },
  async (kind) => {
    const path = await folder()
    let files = 0
    async function open(clock: ReturnType<typeof createManualClock>): Promise<Shelf> {
      if (kind === 'memory') return { ledger: createMemoryLedger({ clock, keep: 3, random: createCounter() }) }
      if (kind === 'table') return { ledger: createTableLedger(createTable(), { clock, random: createCounter() }) }
      const file = join(path, `${files++}.ledger`)
      let opened = 0
      const openFile = () => createFileLedger(file, { clock, random: createCounter(opened++), compactAfterLines: 10 })
      let ledger = await openFile()
      const shelf: Shelf = {
        ledger,
        async openAgain() {
          await ledger.close()
          ledger = await openFile()
          shelf.ledger = ledger
        },
        close: () => ledger.close(),
      }
      return shelf
    }
    try {
      await fc.assert(
        fc.asyncProperty(fc.array(move, { minLength: 10, maxLength: 50, size: 'max' }), async (moves) => {
          const clock = createManualClock()
          const shelf = await open(clock)
          try {
            await follow(moves, shelf, clock)
          } finally {
            await shelf.close?.()
          }
        }),
        { numRuns: kind === 'file' ? Math.ceil(RUNS / 5) : RUNS },
      )
    } finally {
      await rm(path, { recursive: true, force: true })
    }
  },
)
