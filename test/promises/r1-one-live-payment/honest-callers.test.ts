import { describe, expect, it } from 'vitest'
import { isX402Error } from '../../../src/errors/x402-error.js'
import { wrapFetchWithPayment } from '../../../src/fetch/wrap-fetch-with-payment.js'
import { createBriskBuyer } from '../../support/money/create-brisk-buyer.js'
import { createLocalFetch, localDelivery, localTerms } from '../../support/money/create-local-fetch.js'
import { createOffer, createRequired } from '../../support/offers.js'

type Day = {
  /** How long a payment lives, in seconds, as the seller has it. */
  readonly life: number
  /** How the seller answers a payment, so many seconds after the first call. */
  answer(seconds: number): Response
}

const says = (status: number) => new Response('not now', { status })

function reset(): never {
  throw new TypeError('fetch failed')
}

/** A caller that asks every ten seconds and never does anything else, whatever it is told. */
function createPoller({ life, answer }: Day) {
  const buyer = createBriskBuyer()
  const begun = buyer.clock.nowSeconds()
  const seconds = () => buyer.clock.nowSeconds() - begun
  const terms = createRequired([createOffer({ maxTimeoutSeconds: life })])
  const presented = new Set<string>()
  const localFetch = createLocalFetch(({ payment }) => {
    if (payment === undefined) return localTerms(terms)
    presented.add(payment)
    return answer(seconds())
  })
  const paidFetch = wrapFetchWithPayment(localFetch, buyer.client)
  /** Authorizations that the seller holds and can still take. */
  const countLive = () => [...presented].filter((payment) => readEnd(payment) > buyer.clock.nowSeconds()).length
  const call = () => paidFetch('https://seller.example/job')
  return {
    ...buyer,
    call,
    seconds,
    presented,
    /** What the call came to: a status, or the code of an error. */
    async poll(): Promise<number | string> {
      try {
        return (await call()).status
      } catch (error) {
        if (!isX402Error(error)) throw error
        return error.code
      } finally {
        expect(countLive()).toBeLessThanOrEqual(1)
        buyer.clock.advance(10)
      }
    },
  }
}

function readEnd(payment: string): number {
  const { payload } = JSON.parse(Buffer.from(payment, 'base64').toString())
  return Number(payload.authorization.validBefore)
}

const lives = [30, 60, 300, 600]

describe('a poller without an RPC', () => {
  it.each(lives)('survives a reset, a 404 and two minutes of 500, where payments live %i seconds', async (life) => {
    const { poll, seconds, presented, signatures } = createPoller({
      life,
      answer: (now) => (now < 10 ? reset() : now < 20 ? says(404) : now < 140 ? says(500) : localDelivery()),
    })
    const outcomes: (number | string)[] = []
    while (outcomes.at(-1) !== 200 && seconds() < 3_600) outcomes.push(await poll())
    expect(outcomes.slice(0, 3)).toEqual(['ANSWER_LOST', 404, 500])
    expect(outcomes.at(-1)).toBe(200)
    // Where the payment outlives the trouble it is the one that buys, else a second one once the first is over.
    const needed = life > 140 ? 1 : 2
    expect(seconds()).toBe(needed === 1 ? 150 : life + 600 + 10)
    expect([presented.size, signatures()]).toEqual([needed, needed])
  })

  it('is told meanwhile when it can buy again, and then does', async () => {
    const { poll, call, clock } = createPoller({ life: 60, answer: (now) => (now < 140 ? says(500) : localDelivery()) })
    expect(await poll()).toBe(500)
    clock.advance(50)
    const refuse = async () => {
      const error: unknown = await call().catch((thrown: unknown) => thrown)
      if (isX402Error(error)) return error
      throw new Error('the call was not refused')
    }
    const error = await refuse()
    expect(error).toMatchObject({ code: 'PAID_PERHAPS', money: 'in-doubt' })
    const againAt = Date.parse(error.facts['again at'] ?? '') / 1000
    clock.advance(againAt - clock.nowSeconds() - 1)
    expect(await refuse()).toMatchObject({ code: 'PAID_PERHAPS', money: 'in-doubt' })
    clock.advance(1)
    expect(await poll()).toBe(200)
  })

  it.each([
    ['breaks the connection', reset],
    ['answers 500', () => says(500)],
    ['answers 402', () => localTerms()],
  ])('pays a seller that always %s at most once in a life and ten minutes', async (_what, answer) => {
    const { poll, seconds, presented, signatures } = createPoller({ life: 60, answer })
    while (seconds() < 3_600) await poll()
    expect(signatures()).toBeGreaterThan(1)
    expect(presented.size).toBeLessThanOrEqual(Math.ceil(3_600 / (60 + 600)))
  })
})

describe('a job that is polled over 409 for an hour', () => {
  it.each(lives)('is paid at most once a life, where payments live %i seconds', async (life) => {
    const { poll, seconds, presented, signatures } = createPoller({ life, answer: () => says(409) })
    const outcomes = new Set<number | string>()
    while (seconds() < 3_600) outcomes.add(await poll())
    expect(outcomes).toEqual(new Set([409, 'PAID_PERHAPS']))
    // The next payment is made a minute after the end of the last one, and three minutes after it was made.
    const payments = Math.ceil(3_600 / Math.max(life + 60, 180))
    expect([presented.size, signatures()]).toEqual([payments, payments])
  })

  it('is delivered to the payment that it was polled with', async () => {
    const { poll, presented, signatures } = createPoller({
      life: 300,
      answer: (now) => (now < 200 ? says(409) : localDelivery()),
    })
    const outcomes: (number | string)[] = []
    while (outcomes.at(-1) !== 200) outcomes.push(await poll())
    expect(outcomes.filter((outcome) => outcome === 409)).toHaveLength(20)
    expect([presented.size, signatures()]).toEqual([1, 1])
  })
})
