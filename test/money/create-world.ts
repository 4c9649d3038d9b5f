import { expect } from 'vitest'
import { x402Client } from '../../src/client/x402-client.js'
import { wrapFetchWithPayment } from '../../src/fetch/wrap-fetch-with-payment.js'
import { createMemoryLedger } from '../../src/ledger/create-memory-ledger.js'
import type { ChainVerdict, Described, SchemeNetworkClient } from '../../src/scheme.js'
import { createOffer, createRequired, NETWORK, PAY_TO, USDC } from '../support/offers.js'
import { createBriskClock } from './create-brisk-clock.js'
import { createGate, type Gate } from './create-gate.js'
import { createLocalFetch, type LocalRequest, localDelivery, localTerms } from './create-local-fetch.js'

/** What the buyer of a world allows, in cents. */
const ALLOWED = { perPayment: 5, perDay: 12, total: 30, perHourPayments: 4 }

const DAY_SECONDS = 86_400
const HOUR_SECONDS = 3_600
const ATOMIC_PER_CENT = 10_000

/** What a seller does with a payment that it is shown: whether it takes the money, and what it answers. */
export const REACTIONS = {
  deliver: { takes: true, answer: () => localDelivery() },
  'deliver for nothing': { takes: false, answer: () => new Response('bought') },
  'take and say 404': { takes: true, answer: () => new Response('', { status: 404 }) },
  'take and drop': { takes: true, answer: () => undefined },
  'take and say 402': { takes: true, answer: () => localTerms() },
  'take and say 503': { takes: true, answer: () => new Response('', { status: 503 }) },
  'take and say pending': { takes: true, answer: () => refuse('settlement_pending') },
  drop: { takes: false, answer: () => undefined },
  'say 402': { takes: false, answer: () => localTerms() },
  'say used': { takes: false, answer: () => refuse('invalid_exact_evm_nonce_already_used') },
  'say 500': { takes: false, answer: () => new Response('', { status: 500 }) },
} as const

/** The name of a {@link REACTIONS | reaction}. */
export type Reaction = keyof typeof REACTIONS

const ANSWERED: readonly Reaction[] = ['deliver', 'deliver for nothing', 'take and say 404']

/** One signature, as the world knows it, whatever the buyer believes. */
type Authorization = {
  readonly nonce: string
  readonly purchase: number
  readonly cents: number
  readonly validUntilSeconds: number
  /** The buyer's time, never set back, when it was asked for. */
  readonly atSeconds: number
  hasLeft: boolean
  state: 'open' | 'spent' | 'canceled'
  /** Why the buyer may buy the same anew: it was answered, given up, or never left. */
  isOver: boolean
}

type LiveCall = {
  readonly abort: AbortController
  phase: 'working' | 'signing' | 'sent' | 'done'
  changed: Gate
  authorization: Authorization | undefined
  sign(works: boolean): void
  answer(reaction: Reaction): void
}

/** A buyer, a seller and a chain in this process, of which a test moves every part, one step at a time. */
export function createWorld({ resign, asksInFlight }: { resign: boolean; asksInFlight: boolean }) {
  const clock = createBriskClock()
  const ledger = createMemoryLedger({ clock })
  const authorizations: Authorization[] = []
  const calls = new Map<number, LiveCall>()
  const prices = new Map<number, number>()
  let chainSeconds = clock.nowSeconds()
  let latestSeconds = chainSeconds
  let isChainUp = true

  const isDead = ({ state, validUntilSeconds }: Authorization) =>
    state === 'canceled' || (state === 'open' && chainSeconds > validUntilSeconds)
  const counts = (one: Authorization) => !isDead(one) && (one.hasLeft || !one.isOver)
  const sum = (some: readonly Authorization[]) => some.reduce((cents, one) => cents + one.cents, 0)
  const find = (nonce: unknown) => authorizations.find((one) => one.nonce === nonce)
  const isAnyInFlight = () => [...calls.values()].some(({ phase }) => phase === 'sent')

  function take(one: Authorization): void {
    if (one.state === 'open' && chainSeconds < one.validUntilSeconds) one.state = 'spent'
  }

  function toVerdict({ nonce }: Described): ChainVerdict['verdict'] {
    const one = find(nonce)
    if (one === undefined || !isChainUp || (isAnyInFlight() && !asksInFlight)) return 'unknown'
    if (one.state === 'spent') return 'spent'
    return isDead(one) ? 'unspent-and-dead' : 'unspent'
  }

  /** The rules, at the moment in which a signature is asked for. */
  function assertMaySign(asked: Authorization): void {
    const earlier = authorizations.filter(({ purchase }) => purchase === asked.purchase)
    expect(earlier.filter((one) => !one.isOver && !isDead(one))).toEqual([])
    const counted = [...authorizations.filter(counts), asked]
    const within = (seconds: number) => counted.filter(({ atSeconds }) => atSeconds > latestSeconds - seconds)
    expect(asked.cents).toBeLessThanOrEqual(ALLOWED.perPayment)
    expect(sum(counted)).toBeLessThanOrEqual(ALLOWED.total)
    expect(sum(within(DAY_SECONDS))).toBeLessThanOrEqual(ALLOWED.perDay)
    expect(within(HOUR_SECONDS).length).toBeLessThanOrEqual(ALLOWED.perHourPayments)
  }

  const scheme: SchemeNetworkClient = {
    scheme: 'exact',
    payer: 'buyer',
    findDefaultAsset: (asset) => ({ asset, decimals: 6, symbol: 'USDC' }),
    async createPaymentPayload(x402Version, { amount, extra, maxTimeoutSeconds }) {
      latestSeconds = Math.max(latestSeconds, clock.nowSeconds())
      const purchase = Number(extra['purchase'])
      const authorization: Authorization = {
        nonce: `nonce ${authorizations.length}`,
        purchase,
        cents: Number(amount) / ATOMIC_PER_CENT,
        validUntilSeconds: clock.nowSeconds() + maxTimeoutSeconds,
        atSeconds: latestSeconds,
        hasLeft: false,
        state: 'open',
        isOver: false,
      }
      assertMaySign(authorization)
      authorizations.push(authorization)
      await reach(purchase, 'signing', (call, resolve, reject) => {
        call.authorization = authorization
        call.sign = (works) => (works ? resolve(undefined) : reject(new Error('the wallet is locked')))
      })
      const { nonce, validUntilSeconds } = authorization
      return { x402Version, payload: { nonce, amount, validUntilSeconds } }
    },
    describe(payload) {
      const { nonce, amount, validUntilSeconds } = payload as {
        nonce: string
        amount: string
        validUntilSeconds: number
      }
      return { payer: 'buyer', payee: PAY_TO, asset: USDC, amount: BigInt(amount), validUntilSeconds, nonce }
    },
    canReconcile: () => true,
    reconcile: async (described) => ({ verdict: toVerdict(described) }),
    async cancel({ nonce }) {
      const one = find(nonce)
      if (one === undefined || one.state === 'spent') throw new Error('it was spent')
      one.state = 'canceled'
      return { transaction: 'canceled' }
    },
  }

  const client = new x402Client({
    clock,
    ledger,
    circuit: false,
    resign: resign ? 'when-proven-unspent' : 'never',
    limits: {
      perPayment: `$0.0${ALLOWED.perPayment}`,
      perDay: `$0.${ALLOWED.perDay}`,
      total: `$0.${ALLOWED.total}`,
      perHour: { payments: ALLOWED.perHourPayments },
    },
  }).register(NETWORK, scheme)

  /** Stops a call where it is, until the test moves it on. */
  function reach<T>(
    purchase: number,
    phase: 'signing' | 'sent',
    arm: (call: LiveCall, resolve: (value: T) => void, reject: (error: unknown) => void) => void,
  ): Promise<T> {
    const call = calls.get(purchase)
    if (call === undefined) throw new Error('nobody called')
    return new Promise((resolve, reject) => {
      arm(call, resolve, reject)
      call.phase = phase
      call.changed.open()
    })
  }

  function receive({ url, payment = '', signal }: LocalRequest): Promise<Response> {
    const purchase = Number(new URL(url).pathname.slice(1))
    const { payload } = JSON.parse(Buffer.from(payment, 'base64').toString())
    const authorization = find(payload.nonce)
    if (authorization?.purchase !== purchase) throw new Error('a payment for something else')
    authorization.hasLeft = true
    return reach<Response>(purchase, 'sent', (call, resolve, reject) => {
      signal?.addEventListener('abort', () => reject(signal.reason))
      call.authorization = authorization
      call.answer = (reaction) => {
        const { takes, answer } = REACTIONS[reaction]
        if (takes) take(authorization)
        authorization.isOver ||= ANSWERED.includes(reaction)
        const response = answer()
        if (response === undefined) reject(new TypeError('fetch failed'))
        else resolve(response)
      }
    })
  }

  const paidFetch = wrapFetchWithPayment(
    createLocalFetch((request) => {
      if (request.payment !== undefined) return receive(request)
      const purchase = Number(new URL(request.url).pathname.slice(1))
      const amount = String((prices.get(purchase) ?? 0) * ATOMIC_PER_CENT)
      return localTerms(createRequired([createOffer({ amount, extra: { purchase } })]))
    }),
    client,
  )

  async function finish(call: LiveCall, answer: Promise<unknown>): Promise<void> {
    await answer.catch((error: unknown) => {
      if (error instanceof Error && error.cause instanceof Error && error.cause.name === 'AssertionError')
        failure = error.cause
    })
    if (call.authorization?.hasLeft === false) call.authorization.isOver = true
    call.phase = 'done'
    call.changed.open()
  }

  /** A rule that was broken inside the client, which takes it for a wallet that failed. */
  let failure: Error | undefined

  /** Moves a call on that waits in one of these phases, until it waits again or is done. */
  async function move(purchase: number, phases: readonly LiveCall['phase'][], on: (call: LiveCall) => void) {
    const call = calls.get(purchase)
    if (call === undefined || !phases.includes(call.phase)) return
    call.phase = 'working'
    call.changed = createGate()
    on(call)
    await call.changed.passed
    if (failure !== undefined) throw failure
  }

  return {
    /** Calls, unless the same purchase is under way: at once it would be two purchases. */
    async call(purchase: number, cents: number): Promise<void> {
      if ((calls.get(purchase)?.phase ?? 'done') !== 'done') return
      prices.set(purchase, cents)
      const abort = new AbortController()
      const nothing = () => undefined
      const changed = createGate()
      calls.set(purchase, { abort, phase: 'done', changed, authorization: undefined, sign: nothing, answer: nothing })
      await move(purchase, ['done'], (call) => {
        const answer = paidFetch(`https://seller.example/${purchase}`, { signal: abort.signal })
        void finish(call, answer)
      })
    },
    sign: (purchase: number, works: boolean) => move(purchase, ['signing'], (call) => call.sign(works)),
    answer: (purchase: number, reaction: Reaction) => move(purchase, ['sent'], (call) => call.answer(reaction)),
    abort: (purchase: number) => move(purchase, ['signing', 'sent'], (call) => call.abort.abort()),
    /** The seller settles what it kept. */
    settle(nth: number): void {
      const kept = authorizations.filter(({ hasLeft }) => hasLeft)
      const one = kept[nth % kept.length]
      if (one !== undefined) take(one)
    },
    async forget(nth: number): Promise<void> {
      const lost = await client.payments({ delivery: 'lost' })
      const id = lost[nth % lost.length]?.id
      const record = await findRecord(id)
      if (id === undefined || record === undefined || !['sent', 'settled'].includes(record.state)) return
      await client.forget(id)
      const one = find(record.nonce)
      if (one !== undefined) one.isOver = true
    },
    async cancel(nth: number): Promise<void> {
      const inDoubt = await client.inDoubt()
      const id = inDoubt[nth % inDoubt.length]?.id
      const record = await findRecord(id)
      if (id === undefined || find(record?.nonce)?.state === 'spent') return
      if (isAnyInFlight() && !asksInFlight) return
      await client.cancel(id)
    },
    reconcile: () => client.reconcile().then(() => undefined),
    setChain(isUp: boolean): void {
      isChainUp = isUp
    },
    /** Time passes for everybody. */
    wait(seconds: number): void {
      clock.advance(seconds)
      chainSeconds += seconds
    },
    /** Somebody turns the buyer's clock. */
    turnClock: clock.advance,
    /** Whatever happened: what is in the world is in the ledger, and the chain took no more than was allowed. */
    async assertSound(): Promise<void> {
      expect(sum(authorizations.filter(({ state }) => state === 'spent'))).toBeLessThanOrEqual(ALLOWED.total)
      const records: unknown[] = []
      for await (const record of ledger.list({ states: ['sent', 'settled'] })) records.push(record.nonce)
      const atLarge = authorizations.filter((one) => one.hasLeft && !isDead(one))
      expect(records).toEqual(expect.arrayContaining(atLarge.map(({ nonce }) => nonce)))
    },
    async end(): Promise<void> {
      for (const [purchase] of calls) await this.abort(purchase)
    },
  }

  async function findRecord(id: string | undefined) {
    for await (const record of ledger.list({})) if (record.id === id) return record
    return undefined
  }
}

function refuse(error: string): Response {
  return localTerms(createRequired(undefined, { error }))
}
