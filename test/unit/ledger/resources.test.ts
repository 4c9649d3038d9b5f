import { describe, expect, it } from 'vitest'
import { createBook } from '../../../src/ledger/book/book.js'
import { createMemoryLedger } from '../../../src/ledger/book/memory-ledger.js'
import { createTraces } from '../../../src/ledger/book/traces.js'
import { createPackedArchive } from '../../../src/ledger/file/archive.js'
import { type Cap, isRefusal, type Ledger } from '../../../src/payment/ledger.js'
import type { Payment } from '../../../src/payment/payment.js'
import { createCounter } from '../../../src/testing/chance.js'
import { createCap } from '../../../src/testing/ledger/cap.js'
import { createDraft, named } from '../../../src/testing/ledger/draft.js'
import { delivered, released, sent, settled } from '../../../src/testing/ledger/events.js'
import { createManualClock } from '../../../src/testing/manual-clock.js'

/** One payment for a resource. */
function draftFor(resource: string, number: number, tags: readonly string[] = []) {
  return createDraft({ call: { ...named(`purchase ${number}`), resource, tags } })
}

function capOf(resource: string, change: Partial<Cap> = {}): Cap {
  return createCap(0, { unit: 'payments/all', amount: undefined, count: 2, scope: { resource }, ...change })
}

async function pay(ledger: Ledger, draft: ReturnType<typeof draftFor>): Promise<Payment> {
  const payment = await ledger.reserve(draft, [])
  if (isRefusal(payment)) throw new Error(`refused by ${payment.by}`)
  await ledger.note(payment.id, sent)
  return payment
}

describe('a limit for each resource', () => {
  it.each([Number.POSITIVE_INFINITY, 10, 0])(
    'counts exactly of 3000 resources, asked in turn while they are paid for, where %d payments are kept',
    async (keep) => {
      const clock = createManualClock()
      const ledger = createMemoryLedger({ keep, clock, random: createCounter() })
      const resources = Array.from({ length: 3000 }, (_, number) => `GET https://api.example.com/${number}`)
      // The payment of the second round never left.
      for (const [round, events] of [[settled, delivered], [released], [settled, delivered]].entries()) {
        for (const [number, resource] of resources.entries()) {
          const count = Math.ceil(round / 2)
          expect(await ledger.spent(capOf(resource))).toMatchObject({ count })
          expect(await ledger.spent(capOf(resource, { windowSeconds: 60 }))).toMatchObject({ count })
          const { id } = await pay(ledger, draftFor(resource, number * 10 + round))
          for (const event of events) await ledger.note(id, event)
        }
      }
      clock.advance(61)
      for (const resource of resources) {
        expect(await ledger.spent(capOf(resource))).toMatchObject({ count: 2 })
        expect(await ledger.spent(capOf(resource, { windowSeconds: 60 }))).toMatchObject({ count: 0 })
      }
    },
  )

  it.each([
    ['in memory', createTraces(0)],
    ['in a file', createPackedArchive(0)],
  ])('looks at the payments of one resource alone, once its ledger %s knows them', (_where, archive) => {
    let looks = 0
    const count = (place: number) => {
      looks += 1
      return archive.count(place)
    }
    const book = createBook(createManualClock(), createCounter(), { ...archive, count })
    for (let number = 0; number < 5000; number++) {
      const payment = book.reserve(draftFor(`GET /${number % 2500}`, number), [])
      if (isRefusal(payment)) throw new Error(`refused by ${payment.by}`)
      for (const event of [sent, settled, delivered]) book.note(payment.id, event)
    }
    for (let number = 0; number < 2500; number++) expect(book.spent(capOf(`GET /${number}`)).count).toBe(2)
    expect(looks).toBe(5000)
    expect(book.reserve(draftFor('GET /7', 6000), [capOf('GET /7')])).toMatchObject({ by: 'cap' })
    expect(isRefusal(book.reserve(draftFor('GET /new', 6001), [capOf('GET /new')]))).toBe(false)
    expect(looks).toBeLessThan(5010)
  })

  it('tells addresses apart by their labels, also where the payments are dropped', async () => {
    const ledger = createMemoryLedger({ keep: 0 })
    for (let number = 0; number < 20; number++) {
      const { id } = await pay(ledger, draftFor('GET /', number, ['client/x', `client/?${number % 5}`]))
      for (const event of [settled, delivered]) await ledger.note(id, event)
    }
    const countIn = async (tag: string) =>
      (await ledger.spent(capOf('GET /', { scope: { resource: 'GET /', tag } }))).count
    expect(await countIn('client/?3')).toBe(4)
    expect(await countIn('client/x')).toBe(20)
    expect(await countIn('client/?9')).toBe(0)
    expect((await ledger.spent(createCap(1, { scope: { tag: 'client/?4' } }))).count).toBe(4)
  })
})
