import { paymentOf } from 'pay402/fetch'
import { createManualClock, createSeller } from 'pay402/testing'
import { describe, expect, it } from 'vitest'
import { createBuyer } from './seller/buyers.js'

const START = 1_700_000_000

describe('createManualClock', () => {
  it('moves only when it is turned, and never back by `monotonicMs`', () => {
    const clock = createManualClock()
    clock.advance(90)
    clock.advance(-30)
    expect([clock.nowSeconds(), clock.monotonicMs()]).toEqual([START + 60, 90_000])
  })

  it('tells whole seconds, and loses nothing of their parts', () => {
    const clock = createManualClock(10)
    const told = Array.from({ length: 10 }, () => {
      clock.advance(0.1)
      return clock.nowSeconds()
    })
    expect(told).toEqual([10, 10, 10, 10, 10, 10, 10, 10, 10, 11])
  })

  it('leaves pauses to the platform, unless it is told to turn', () => {
    expect(createManualClock().wait).toBeUndefined()
    expect(createManualClock(START, { pauses: 'wait' }).wait).toBeUndefined()
  })

  it('passes the hours of a job at once, and turns by what the seller asked for', async () => {
    const clock = createManualClock(START, { pauses: 'turn' })
    const notYet = () => new Response(null, { status: 202, headers: { location: '/job', 'retry-after': '3600' } })
    const asks: number[] = []
    const seller = createSeller({
      clock,
      routes: {
        '/film': { answer: notYet },
        '/job': { price: 'free', answer: () => (asks.push(clock.nowSeconds()) < 3 ? notYet() : 'a film') },
      },
    })
    const { paidFetch } = createBuyer(seller, undefined, { clock })
    const accepted = await paidFetch(`${seller.url}/film`, { method: 'POST' })
    const film = await paymentOf(accepted)?.job?.wait()
    expect(await film?.text()).toBe('a film')
    expect(asks).toEqual([START + 3600, START + 7200, START + 10_800])
    expect(seller.payments).toMatchObject([{ presented: 1, state: 'settled' }])
  })

  it('passes the pause before a payment is presented again', async () => {
    const clock = createManualClock(START, { pauses: 'turn' })
    const seller = createSeller({ clock, whenPaid: ['loses-response'], redelivers: true })
    const { paidFetch } = createBuyer(seller, undefined, { clock })
    expect(await paidFetch(`${seller.url}/story`)).toMatchObject({ status: 200 })
    expect(clock.monotonicMs()).not.toBe(0)
    expect(seller.payments).toMatchObject([{ presented: 2 }])
  })

  it('turns for no pause that its caller gave up', async () => {
    const clock = createManualClock(START, { pauses: 'turn' })
    await clock.wait?.(5_000, AbortSignal.abort())
    expect(clock.nowSeconds()).toBe(START)
  })

  it.each([
    [{ pauses: 'skip' }, 'INVALID_OPTION'],
    [{ pause: 'turn' }, 'UNKNOWN_OPTION'],
    ['turn', 'INVALID_OPTION'],
  ])('error: %j is refused as %s', (options, code) => {
    expect(() => createManualClock(START, options as never)).toThrow(expect.objectContaining({ code }))
  })
})
