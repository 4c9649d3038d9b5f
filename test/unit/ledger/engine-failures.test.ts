import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createWarnings } from '../../../src/ledger/book/warnings.js'
import { createEngineLedger } from '../../../src/ledger/engine/ledger.js'
import type { Store } from '../../../src/ledger/engine/store.js'
import { isRefusal } from '../../../src/payment/ledger.js'
import { systemRandomBytes } from '../../../src/payment/random.js'
import { readAll } from '../../../src/testing/ledger/bench.js'
import { createCap } from '../../../src/testing/ledger/cap.js'
import { createClaimant } from '../../../src/testing/ledger/claimant.js'
import { createDraft, named } from '../../../src/testing/ledger/draft.js'
import { delivered, lost, sent } from '../../../src/testing/ledger/events.js'
import { createMemoryEngine, type MemoryEngine } from '../../support/engines/memory-engine.js'

/** Longer than a beat takes to come. */
const BEAT_MS = 4001

// Patience and beats go by the platform's timers.
beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const createEngine = () => createMemoryEngine(() => Date.now())

async function open(engine: MemoryEngine = createEngine()) {
  const { store: own, line } = engine.connect()
  const parts = { name: 'memory', patienceSeconds: 5, clock: undefined, random: systemRandomBytes }
  /** Until when the engine may reserve what it was asked for. */
  const deadlines: (number | undefined)[] = []
  const store: Store = {
    ...own,
    reserve(request, ask) {
      deadlines.push(ask.deadlineMs)
      return own.reserve(request, ask)
    },
  }
  const ledger = await createEngineLedger(store, { ...parts, warnings: createWarnings(undefined) })
  const reserve = async () => {
    const reserved = await ledger.reserve(createDraft(), [])
    if (isRefusal(reserved)) throw new Error('It was refused.')
    return reserved.id
  }
  const fail = async (work: () => Promise<unknown>) => {
    const failed = work().then(
      () => 'done',
      (error: unknown) => error,
    )
    await vi.advanceTimersByTimeAsync(5500)
    return failed
  }
  /** The step that writes next is carried out, and nothing after it gets through. */
  const loseAll = (work: () => Promise<unknown>) => {
    const push = line.asked.push.bind(line.asked)
    line.asked.push = (name) => {
      if (['reserve', 'write'].includes(name)) line.losing = line.losing === 0 ? 1 : line.losing
      if (line.asked.some((one) => one === 'lost')) line.cut = Number.POSITIVE_INFINITY
      return push(...(['reserve', 'write'].includes(name) ? [name, 'lost'] : [name]))
    }
    line.asked.length = 0
    return fail(work).finally(() => {
      line.asked.push = push
      line.asked.length = 0
      line.cut = 0
      line.losing = 0
    })
  }
  const beat = () => vi.advanceTimersByTimeAsync(BEAT_MS)
  return { engine, ledger, line, deadlines, reserve, fail, loseAll, beat }
}

const held = { held: 0n, spent: 0n, count: 0 }

describe('createEngineLedger: while the engine fails', () => {
  it('asks again until a connection is back, and does each step once', async () => {
    const { ledger, line, reserve } = await open()
    for (const fault of ['cut', 'losing'] as const) {
      line[fault] = 3
      const reserving = reserve()
      await vi.advanceTimersByTimeAsync(1000)
      const id = await reserving
      line[fault] = 1
      const noting = ledger.note(id, sent)
      await vi.advanceTimersByTimeAsync(1000)
      expect(await noting).toMatchObject({ id, state: 'sent' })
    }
    expect((await ledger.spent(createCap(9))).count).toBe(2)
  })

  it('gives each step a deadline by the clock of an engine that says nothing, however long that lasts', async () => {
    const { ledger, line, fail, deadlines } = await open()
    line.isSilent = true
    for (let index = 0; index < 3; index++) await fail(() => ledger.reserve(createDraft(), []))
    expect(deadlines).not.toContain(undefined)
  })

  it('takes for its own the claim whose reply was lost', async () => {
    const { ledger, line, reserve } = await open()
    const id = await reserve()
    await ledger.note(id, sent)
    await ledger.note(id, lost)
    const push = line.asked.push.bind(line.asked)
    line.asked.push = (name) => {
      if (name === 'write') {
        line.losing = 1
        line.asked.push = push
      }
      return push(name)
    }
    const claiming = ledger.claim(createClaimant())
    await vi.advanceTimersByTimeAsync(1000)
    expect(await claiming).toMatchObject({ is: 'yours', payment: { id } })
  })

  it('error: LEDGER_UNAVAILABLE when it says nothing, and the steps after that wait no longer', async () => {
    const { ledger, line, reserve, fail } = await open()
    const id = await reserve()
    line.isSilent = true
    const unavailable = (money: string) => ({ code: 'LEDGER_UNAVAILABLE', money })
    expect(await fail(() => ledger.note(id, sent))).toMatchObject(unavailable('signed'))
    const next = ledger.note(id, { type: 'released', because: 'unsent' }).catch((error: unknown) => error)
    await vi.advanceTimersByTimeAsync(500)
    expect(await next).toMatchObject(unavailable('untouched'))
  })

  it('error: LEDGER_UNAVAILABLE when it refuses a step, which is not asked again, and whose command is not told', async () => {
    const { ledger, line, reserve, fail } = await open()
    const id = await reserve()
    line.refusal = Object.assign(new Error('ERR a bug in a script'), { code: 'ERR', command: { args: ['0xsigned'] } })
    line.asked.length = 0
    const error = await fail(() => ledger.note(id, sent))
    expect(error).toMatchObject({
      code: 'LEDGER_UNAVAILABLE',
      money: 'signed',
      cause: { message: 'ERR a bug in a script', code: 'ERR' },
    })
    expect(inspect(error, { depth: 9 })).not.toContain('0xsigned')
    expect(line.asked.filter((name) => name === 'write')).toHaveLength(1)
  })
})

describe('createEngineLedger: once the engine is back', () => {
  it('releases a payment that was reserved although its caller was told that it was not', async () => {
    const { ledger, loseAll, beat } = await open()
    expect(await loseAll(() => ledger.reserve(createDraft(), []))).toMatchObject({ money: 'untouched' })
    expect((await ledger.spent(createCap(9))).count).toBe(1)
    await beat()
    expect(await ledger.spent(createCap(9))).toEqual(held)
  })

  it('releases a payment that was noted as sent although its caller was told that it was not', async () => {
    const { ledger, reserve, loseAll, beat } = await open()
    const id = await reserve()
    expect(await loseAll(() => ledger.note(id, sent))).toMatchObject({ money: 'signed' })
    expect(await readAll(ledger)).toMatchObject([{ id, state: 'sent' }])
    await beat()
    expect(await readAll(ledger)).toMatchObject([{ id, state: 'released' }])
  })

  it('leaves it alone where its caller has noted it once more', async () => {
    const { ledger, reserve, loseAll, beat } = await open()
    const id = await reserve()
    await loseAll(() => ledger.note(id, sent))
    await ledger.note(id, sent)
    await beat()
    expect(await readAll(ledger)).toMatchObject([{ id, state: 'sent', delivery: 'none' }])
  })

  it('tells what came of a payment, by itself or with what is told next', async () => {
    const { ledger, line, reserve, fail, beat } = await open()
    for (const isNext of [false, true]) {
      const id = await reserve()
      await ledger.note(id, sent)
      line.cut = Number.POSITIVE_INFINITY
      expect(await fail(() => ledger.note(id, delivered))).toMatchObject({
        code: 'LEDGER_UNAVAILABLE',
        money: 'in-doubt',
      })
      line.cut = 0
      if (isNext) await ledger.note(id, { type: 'settled' })
      else await beat()
      const [payment] = await readAll(ledger)
      expect(payment).toMatchObject({ id, state: isNext ? 'settled' : 'sent', delivery: 'delivered' })
    }
  })

  it('frees a claim that its caller was not told of', async () => {
    const { ledger, reserve, loseAll, beat } = await open()
    const id = await reserve()
    await ledger.note(id, sent)
    await ledger.note(id, lost)
    await loseAll(() => ledger.claim(createClaimant()))
    expect(await ledger.claim(createClaimant())).toMatchObject({ is: 'claimed' })
    await beat()
    expect(await ledger.claim(createClaimant())).toMatchObject({ is: 'yours', payment: { id } })
  })

  it.each(['when it is released', 'when the engine is back'])(
    'counts what was noted as sent although its caller was told that it was not, and another process presented: %s',
    async (when) => {
      const { engine, ledger, line, reserve, loseAll, fail, beat } = await open()
      const id = await reserve()
      const unsent = { type: 'released', because: 'unsent' } as const
      await loseAll(() => ledger.note(id, sent))
      line.cut = Number.POSITIVE_INFINITY
      if (when === 'when the engine is back') await fail(() => ledger.note(id, unsent))
      engine.expire(line.owner)
      const other = await open(engine)
      expect(await other.ledger.claim(createClaimant())).toMatchObject({ is: 'yours', payment: { id } })
      await other.ledger.note(id, { type: 'sent' })
      line.cut = 0
      if (when === 'when the engine is back') await beat()
      else await expect(ledger.note(id, unsent)).rejects.toMatchObject({ code: 'LEDGER_CONFLICT', money: 'in-doubt' })
      await other.ledger.note(id, delivered)
      expect(await readAll(ledger)).toMatchObject([{ id, state: 'sent', delivery: 'delivered' }])
      expect((await ledger.spent(createCap(9))).count).toBe(1)
    },
  )

  it('releases what it reserved before an engine was down, however many calls failed meanwhile, and nothing that a call has', async () => {
    const { engine, ledger, line, reserve, loseAll, beat } = await open()
    const first = await reserve()
    const purchase = { call: { ...named('job'), isKeyed: true } }
    await loseAll(() => ledger.reserve(createDraft(purchase), []))
    line.refusal = new Error('OOM command not allowed')
    for (let index = 0; index < 1100; index++) await ledger.reserve(createDraft(), []).catch(() => undefined)
    line.refusal = undefined
    await beat()
    expect(await readAll(ledger)).toMatchObject([{ state: 'released' }, { id: first, state: 'reserved' }])
    const other = await open(engine)
    expect(isRefusal(await other.ledger.reserve(createDraft(purchase), []))).toBe(false)
  })

  it('keeps a claim that it gave up, and has made since', async () => {
    const { engine, ledger, line, reserve, fail, beat } = await open()
    const id = await reserve()
    await ledger.note(id, sent)
    await ledger.note(id, lost)
    const push = line.asked.push.bind(line.asked)
    line.asked.push = (name) => {
      if (name === 'write') line.cut = Number.POSITIVE_INFINITY
      return push(name)
    }
    expect(await fail(() => ledger.claim(createClaimant()))).toMatchObject({ code: 'LEDGER_UNAVAILABLE' })
    line.asked.push = push
    line.cut = 0
    expect(await ledger.claim(createClaimant())).toMatchObject({ is: 'yours' })
    await beat()
    const other = await open(engine)
    expect(await other.ledger.claim(createClaimant())).toMatchObject({ is: 'claimed', payment: { id } })
  })

  it('goes on under its own name though its lease was over, and another process has ended what it had', async () => {
    const { engine, ledger, line, reserve, beat } = await open()
    const id = await reserve()
    engine.expire(line.owner)
    const other = await open(engine)
    expect(await readAll(other.ledger)).toMatchObject([{ id, state: 'released' }])
    await expect(ledger.note(id, sent)).rejects.toMatchObject({ code: 'LEDGER_CONFLICT', money: 'signed' })
    const next = await reserve()
    await beat()
    await ledger.note(next, sent)
    expect((await readAll(other.ledger))[0]).toMatchObject({ id: next, state: 'sent', delivery: 'none' })
  })
})

describe('createEngineLedger: while it buys nothing', () => {
  it('asks for its lease alone, once what it wrote last was still there after a minute', async () => {
    const { ledger, line, reserve, beat } = await open()
    const askedPerBeat = async () => {
      line.asked.length = 0
      await beat()
      return [...line.asked]
    }
    expect(await askedPerBeat()).toEqual(['beat'])
    await reserve()
    expect(await askedPerBeat()).toEqual(['beat', 'rows'])
    for (let beats = 0; beats < 16; beats++) await beat()
    expect(await askedPerBeat()).toEqual(['beat'])
    await ledger.close()
  })
})

describe('createEngineLedger: while it ends what another process had', () => {
  it('goes on saying that it lives, though that takes longer than a lease', async () => {
    const engine = createEngine()
    const gone = await open(engine)
    for (let index = 0; index < 200; index++) await gone.ledger.reserve(createDraft({ call: named(String(index)) }), [])
    gone.line.cut = Number.POSITIVE_INFINITY
    engine.expire(gone.line.owner)
    const { store, line } = engine.connect()
    const far: Store = {
      ...store,
      async write(request, ask) {
        await new Promise((resolve) => setTimeout(resolve, 100))
        return store.write(request, ask)
      },
    }
    const parts = { name: 'memory', patienceSeconds: 5, clock: undefined, random: systemRandomBytes }
    const opening = createEngineLedger(far, { ...parts, warnings: createWarnings(undefined) })
    await vi.advanceTimersByTimeAsync(19_000)
    const asker = { owner: '0'.repeat(32), leaseMs: 15_000, deadlineMs: undefined, nowSeconds: undefined }
    expect((await engine.connect().store.beat(asker)).told).not.toContain(line.owner)
    await vi.advanceTimersByTimeAsync(5000)
    expect((await readAll(await opening)).filter(({ state }) => state === 'reserved')).toEqual([])
  })
})
