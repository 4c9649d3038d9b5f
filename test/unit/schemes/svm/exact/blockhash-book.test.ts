import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createBlockhashBook, FRESH_MS } from '../../../../../schemes/svm/exact/blockhash-book.js'
import type { Life } from '../../../../../schemes/svm/exact/life.js'
import { createManualClock } from '../../../../../src/testing/manual-clock.js'
import { DEVNET } from './terms.js'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
})
afterEach(() => {
  vi.useRealTimers()
})

const life = { lastValidBlockHeight: 150n, fromSlot: 1n }

/** A source whose answers a test gives, in any order. */
function createSource() {
  const clock = createManualClock()
  const answers: ((life: Life) => void)[] = []
  const ask = () => new Promise<Life>((resolve) => answers.push(resolve))
  return {
    source: { network: DEVNET, ask, clock } as const,
    asked: () => answers.length,
    pass(seconds: number) {
      clock.advance(seconds)
      vi.advanceTimersByTime(seconds * 1_000)
    },
    async answer(index: number, blockhash: string) {
      answers[index]?.({ blockhash, life })
      await new Promise((resolve) => setImmediate(resolve))
    },
  }
}

test('blockhash book: never takes an older one for a newer one that a payment asked for itself', async () => {
  const { source, asked, answer, pass } = createSource()
  const book = createBlockhashBook()
  const first = book.read(source, FRESH_MS)
  book.keepFresh(source)
  await answer(0, 'first')
  expect(await first).toMatchObject({ blockhash: 'first' })
  pass(10)
  pass(5)
  const own = book.read(source, FRESH_MS)
  await answer(2, 'own')
  await answer(1, 'ahead')
  expect(await own).toMatchObject({ blockhash: 'own' })
  expect(await book.read(source, FRESH_MS)).toMatchObject({ blockhash: 'own' })
  expect(asked()).toBe(3)
})

test('blockhash book: has payments fetch the next one, too, since timers may not run', async () => {
  const { source, asked, answer } = createSource()
  const book = createBlockhashBook()
  const first = book.read(source, FRESH_MS)
  book.keepFresh(source)
  await answer(0, 'first')
  await first
  source.clock.advance(4)
  book.keepFresh(source)
  expect(asked()).toBe(1)
  source.clock.advance(1)
  book.keepFresh(source)
  book.keepFresh(source)
  expect(asked()).toBe(2)
  source.clock.advance(5)
  book.keepFresh(source)
  expect(asked()).toBe(3)
})

test('blockhash book: keeps no process alive', async () => {
  vi.useRealTimers()
  const { source, answer } = createSource()
  const book = createBlockhashBook()
  const first = book.read(source, FRESH_MS)
  await answer(0, 'first')
  await first
  const countTimers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
  const before = countTimers()
  book.keepFresh(source)
  expect(countTimers()).toBe(before)
  const other = setInterval(() => undefined, 10_000)
  expect(countTimers()).toBe(before + 1)
  clearInterval(other)
  source.clock.advance(600) // ends it
})
