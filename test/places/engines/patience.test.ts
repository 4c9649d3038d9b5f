import { expect, it, onTestFinished } from 'vitest'
import { createPatience, type Patience } from '../../../src/ledger/engine/patience.js'
import type { Ask, Store, Told } from '../../../src/ledger/engine/store.js'
import { systemClock } from '../../../src/payment/clock.js'
import { openRedisStore, toMark } from '../../support/engines/open-redis-store.js'
import { startRedis } from '../../support/engines/start-redis.js'

type Beat = (store: Store, ask: Ask) => Promise<Told<readonly string[]>>

/** The patience of a process on a real Redis, and what holds that process still for a while: all clocks go on. */
async function open(): Promise<{ readonly patience: Patience; readonly beat: Beat; freeze(ms: number): void }> {
  const server = await startRedis()
  const { store, close } = await openRedisStore(server)
  onTestFinished(async () => {
    close()
    await server.stop()
  })
  let frozenMs = 0
  const clock = { ...systemClock, monotonicMs: () => systemClock.monotonicMs() + frozenMs }
  return {
    patience: createPatience({ store, ledger: 'shop', owner: toMark(1, 32), patienceMs: 400, clock }),
    async beat(store, { deadlineMs, ...ask }) {
      const known = deadlineMs === undefined ? undefined : deadlineMs - frozenMs
      const { atMs, told } = await store.beat({ ...ask, deadlineMs: known })
      return { atMs: atMs + frozenMs, told }
    },
    freeze(ms) {
      frozenMs += ms
    },
  }
}

it('createPatience: asks in time again, after its process was frozen and read a reply late', async () => {
  const { patience, beat, freeze } = await open()
  await patience.ask(beat)
  await patience.ask(async (store, ask) => {
    const told = await beat(store, ask)
    freeze(20_000)
    return told
  })
  expect(await patience.ask(beat)).toEqual([])
})

it('createPatience: learns the time of an engine that finds all steps too late, since it took over with a clock that is ahead', async () => {
  const { patience, beat } = await open()
  await patience.ask(async (store, ask) => {
    const { atMs, told } = await beat(store, ask)
    return { atMs: atMs - 20_000, told }
  })
  expect(await patience.ask(beat)).toEqual([])
})

it('createPatience: gives a step no more time than one that waits already, after a reply to what was asked before both; but one that no call waits for', async () => {
  const { patience, beat } = await open()
  await patience.ask(beat)
  const given: number[] = []
  const silent = (_: Store, { deadlineMs = Number.NaN }: Ask) => {
    given.push(deadlineMs - patience.engineMs())
    return new Promise<never>(() => undefined)
  }
  const before = patience.ask(beat)
  const waiting = patience.ask(silent)
  await before
  await expect(waiting).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE' })
  await expect(patience.ask(silent)).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE' })
  await expect(patience.ask(silent, undefined, false)).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE' })
  // A silence of its own would give it the whole patience, 400.
  expect(given[1]).toBeLessThan(300)
  expect(given[2]).toBeGreaterThan(300)
})

it('createPatience: is patient again once a reply came, however late', async () => {
  const { patience, beat } = await open()
  await patience.ask(beat)
  let answer = (): void => undefined
  const held = async (store: Store, ask: Ask) => {
    const told = await beat(store, ask)
    await new Promise<void>((resolve) => {
      answer = resolve
    })
    return told
  }
  await expect(patience.ask(held)).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE' })
  const given: number[] = []
  const asked = async (store: Store, ask: Ask) => {
    given.push(Number(ask.deadlineMs) - patience.engineMs())
    return await beat(store, ask)
  }
  answer()
  await new Promise((resolve) => setImmediate(resolve))
  await patience.ask(asked)
  expect(given[0]).toBeGreaterThan(200)
})
