import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { ClientOptions } from '../../../src/client/options.js'
import { isX402Error } from '../../../src/errors/x402-error.js'
import { wrapFetchWithPayment } from '../../../src/fetch/wrap-fetch-with-payment.js'
import { beginToPrepay, readCounted } from '../../support/begin-to-prepay.js'
import { ORIGIN } from '../../support/fuzz/any-story.js'
import {
  type Lie,
  lie,
  openLyingSeller,
  PATHS,
  type Path,
  raise,
  type Seen,
  type Sent,
  TERMS_TOLD,
  TOLD,
} from '../../support/fuzz/lying-seller.js'
import { runs } from '../../support/fuzz/runs.js'
import { createBriskBuyer } from '../../support/money/create-brisk-buyer.js'
import { askToPay, createOffer, createRequired, deliver, PAY_TO } from '../../support/offers.js'

/** Equal calls at once, and what their seller says to each request that comes of them. */
type Step = {
  readonly path: Path
  readonly calls: number
  readonly key: 'order' | undefined
  readonly inFlight: 'join' | undefined
  readonly lies: readonly Lie[]
  /** At which of their requests or questions the first of them is aborted. */
  readonly abortsAt: number | undefined
  readonly pause: number
}

const step: fc.Arbitrary<Step> = fc.record({
  path: fc.constantFrom('/star/a', '/star/a', ...PATHS),
  calls: fc.constantFrom(1, 1, 1, 2, 3),
  key: fc.constantFrom(undefined, undefined, undefined, 'order'),
  inFlight: fc.constantFrom(undefined, 'join'),
  lies: fc.oneof(
    { arbitrary: fc.array(lie, { minLength: 1, maxLength: 5 }), weight: 3 },
    { arbitrary: raise, weight: 1 },
  ),
  abortsAt: fc.constantFrom(undefined, undefined, undefined, 1, 2, 3, 4),
  pause: fc.constantFrom(0, 0, 0, 1, 61, 599, 700),
})

/** Most that one payment may cost, and two payments of one call together; and all. */
const PER_PAYMENT = 25_000n
const TOTAL = 100_000n

const SIGHTS = [
  ...['prepaid', 'prepaid as told', 'paid anew', 'ABORTED', 'PRICE_CHANGED', 'TERMS_CHANGED_WHILE_PAID', 'LIMIT_TOTAL'],
  ...['presented again', 'REDIRECTED_ELSEWHERE', 'ANSWER_LOST', 'PAYMENT_REJECTED', 'TERMS_FROM_CACHE'],
]

it('whatever a seller lets a buyer remember, it gets nothing that it never asked for or sold for, once a call, and all of it counts', async () => {
  const sights = new Set<string>()
  const onChange = fc.constantFrom<'refuse' | 'pay-new'>('refuse', 'pay-new')
  const property = fc.asyncProperty(
    onChange,
    fc.array(step, { minLength: 2, maxLength: 9 }),
    async (onChange, steps) => {
      const world = openWorld(onChange)
      for (const one of steps) for (const sight of await world.take(one)) sights.add(sight)
    },
  )
  await fc.assert(property, runs(90))
  expect(SIGHTS.filter((sight) => !sights.has(sight))).toEqual([])
}, 600_000)

it('pays no new terms that a cache has held, which may be asked of someone else', async () => {
  const { seller, buy, buyer } = await beginToPrepay({}, { onChange: 'pay-new' })
  seller.answer((_, response) => {
    response.setHeader('age', '5')
    askToPay(response, createRequired([createOffer({ amount: '20000' })]))
  })
  await expect(buy()).rejects.toMatchObject({ code: 'PAYMENT_REJECTED', money: 'in-doubt' })
  expect(buyer.signatures()).toBe(2)
  expect(await readCounted(buyer)).toEqual(['sent 10000', 'settled 10000'])
})

it('pays twice for no call but the first, where the price is another each time that it is paid', async () => {
  const { seller, buyer } = await beginToPrepay({ circuit: false }, { onChange: 'pay-new' })
  let cents = 1
  seller.answer((request, response) => {
    const amount = String(++cents * 10_000)
    const isPaid = Number(Reflect.get(request.payment?.accepted ?? {}, 'amount')) === cents * 10_000
    if (isPaid) deliver(response, request)
    else askToPay(response, createRequired([createOffer({ amount })]))
  })
  const signed: number[] = []
  for (let call = 0; call < 4; call++) {
    const before = buyer.signatures()
    await buyer.paidFetch(`${seller.url}?call=${call}`).catch((error: unknown) => expect(isX402Error(error)).toBe(true))
    signed.push(buyer.signatures() - before)
  }
  expect(signed).toEqual([2, 1, 1, 1])
  expect((await readCounted(buyer)).length).toBe(6)
})

function openWorld(onChange: 'refuse' | 'pay-new') {
  const { seller, say } = openLyingSeller((one) => {
    seen.push(one)
    tick()
  })
  let seen: Seen[] = []
  let tick: () => unknown = () => undefined
  const prepay = [
    { route: `${ORIGIN}/star/*`, onChange },
    { route: `${ORIGIN}/told`, onChange, terms: TERMS_TOLD },
    { route: ORIGIN, onChange },
  ] as ClientOptions['prepay'] // what a 402 says fits
  const approve = () => {
    tick()
    return true
  }
  const limits = { perPayment: '$0.025', total: '$0.10', approve } as const
  const buyer = createBriskBuyer({ prepay, limits, circuit: false })
  const paidFetch = wrapFetchWithPayment(seller, buyer.client)
  const memory = createMemory()
  const all = new Map<string, Sent>()
  let calls = 0

  /** One call pays once; twice where the seller answered what it asked no one for with other terms, which are paid then, too. */
  function judgeCall(own: readonly Seen[], path: Path, nowSeconds: number): readonly string[] {
    const fresh = listFresh(own, all)
    const isPrepaid = own[0]?.sent !== undefined
    expect(fresh.length).toBeLessThanOrEqual(onChange === 'pay-new' && isPrepaid ? 2 : 1)
    expect(isPrepaid || countSent(own) <= 1).toBe(true)
    expect(sumOf(fresh.map(({ sent }) => sent))).toBeLessThanOrEqual(PER_PAYMENT)
    const isResumed = own.some(({ sent }) => sent !== undefined && all.has(sent.nonce))
    return [
      ...(isResumed ? ['presented again'] : []),
      ...fresh.map(({ sent, before }) => {
        const isAhead = before.length === 0
        // Whatever is sent was asked for a moment ago, or was sold for before.
        const isRight = isAhead
          ? memory.mayPrepay(path, sent, nowSeconds)
          : before.some(({ asked }) => asked.includes(toTuple(sent)))
        expect(isRight, `${toTuple(sent)} for ${path}`).toBe(true)
        if (!isAhead) return before.some((one) => one.sent !== undefined) ? 'paid anew' : 'paid'
        return path === '/told' ? 'prepaid as told' : 'prepaid'
      }),
    ]
  }

  /** All that was ever sent counts, and comes to no more than is allowed. */
  async function judgeBooks(): Promise<void> {
    const sum = sumOf([...all.values()])
    expect(sum).toBeLessThanOrEqual(TOTAL)
    const counted = (await buyer.records()).filter(({ state }) => state === 'sent' || state === 'settled')
    expect(counted.map(({ nonce }) => nonce).toSorted()).toEqual([...all.keys()].toSorted())
    const [total] = (await buyer.client.spending()).filter(({ limit }) => limit === 'total')
    expect(Math.round(Number(total?.left.slice(1)) * 1e6)).toBe(Number(TOTAL - sum))
  }

  async function judge({ path }: Step, nowSeconds: number): Promise<readonly string[]> {
    const makers = new Set(seen.map(({ call }) => call))
    const sights = [...makers].flatMap((maker) =>
      judgeCall(
        seen.filter(({ call }) => call === maker),
        path,
        nowSeconds,
      ),
    )
    for (const { sent } of seen) if (sent !== undefined) all.set(sent.nonce, sent)
    await judgeBooks()
    return sights
  }

  return {
    async take(one: Step): Promise<readonly string[]> {
      buyer.clock.advance(one.pause)
      const nowSeconds = buyer.clock.nowSeconds()
      seen = []
      say(one.lies)
      const abort = new AbortController()
      let ticks = 0
      tick = () => ++ticks === one.abortsAt && abort.abort()
      const calling = Array.from({ length: one.calls }, (_, place) => {
        const signal = place === 0 ? abort.signal : null
        const x402 = { purchase: one.key && `${one.key} of ${one.path}`, inFlight: one.inFlight }
        return paidFetch(`${ORIGIN}${one.path}`, { headers: { 'x-call': String(calls++) }, signal, x402 })
      })
      const ended = await Promise.allSettled(calling)
      const sights = await judge(one, nowSeconds)
      memory.learn(one.path, seen, nowSeconds)
      const codes = ended.flatMap((call) => (call.status === 'rejected' ? toCode(call.reason) : []))
      return [...sights, ...codes]
    },
  }
}

/** Payments that a call sent, and none before it, each with the requests before. */
function listFresh(own: readonly Seen[], all: ReadonlyMap<string, Sent>) {
  const firsts = own.flatMap(({ sent }, place) =>
    sent === undefined || own.slice(0, place).some((one) => one.sent?.nonce === sent.nonce)
      ? []
      : [{ sent, before: own.slice(0, place) }],
  )
  return firsts.filter(({ sent }) => !all.has(sent.nonce))
}

function countSent(own: readonly Seen[]): number {
  return new Set(own.flatMap(({ sent }) => sent?.nonce ?? [])).size
}

/** Says what may be remembered, at most: for what something was delivered last, and not long ago. */
function createMemory() {
  const known = new Map<string, { readonly tuples: readonly string[]; readonly atSeconds: number }>()
  const nameOf = (path: string) => (path.startsWith('/star/') ? '/star/*' : path)
  return {
    mayPrepay(path: string, sent: Sent, nowSeconds: number): boolean {
      const { tuples, atSeconds } = known.get(nameOf(path)) ?? { tuples: [], atSeconds: 0 }
      const isKnown = tuples.includes(toTuple(sent)) && nowSeconds - atSeconds < 600
      if (path !== '/told') return isKnown
      const isWithin = sent.to === PAY_TO && sent.value <= TOLD
      return isWithin && (isKnown || sent.value === TOLD)
    },
    learn(path: string, seen: readonly Seen[], atSeconds: number): void {
      // What is paid somewhere else says nothing of this address.
      const moved = new Set(seen.flatMap(({ isMoved, call }) => (isMoved ? call : [])))
      const paid = seen.filter(({ sent, call }) => sent !== undefined && !moved.has(call))
      if (paid.length === 0) return
      // Of equal calls that end in another order, either may have been the last.
      const tuples = paid.flatMap(({ sent, isDelivered }) => (sent && isDelivered ? toTuple(sent) : []))
      known.set(nameOf(path), { tuples, atSeconds })
    },
  }
}

function toTuple({ to, value }: Sent): string {
  return `${to} ${value}`
}

function sumOf(some: readonly Sent[]): bigint {
  return some.reduce((sum, { value }) => sum + value, 0n)
}

function toCode(error: unknown): string {
  if (isX402Error(error)) return error.code
  if (error instanceof DOMException && error.name === 'AbortError') return 'ABORTED'
  throw error
}
