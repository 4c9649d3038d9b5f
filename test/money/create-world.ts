import { sha256 } from '@noble/hashes/sha2.js'
import { vi } from 'vitest'
import { BEGIN, PAY, type Payer } from '../../src/client/payer.js'
import { x402Client } from '../../src/client/x402-client.js'
import type { SchemeNetworkClient } from '../../src/scheme.js'
import { createOffer, createRequired, NETWORK, PAY_TO, USDC } from '../support/offers.js'
import { createBriskClock } from './create-brisk-clock.js'
import { createLiveCall, createLocalExchange, type LiveCall, type Phase, reach } from './create-live-call.js'
import { createMortalLedger } from './create-mortal-ledger.js'
import { ALLOWED, ATOMIC_PER_CENT, type Authorization, createTruth } from './create-truth.js'
import { ANSWERED, DELIVERED, type LocalAnswer, REACTIONS, type Reaction } from './reactions.js'

/** Purchases from this one on are made under a key, by either buyer and several at once; the others by the first, one at a time. */
const FIRST_KEYED = 2

/** Calls that are under way at once, at most. */
const MAX_CALLS = 6

/** What a world is like. */
export type Nature = {
  /** Whether the buyers sign anew once the chain proves that an old payment is dead. */
  readonly resign: boolean
  /** Whether the chain answers while payments are under way. */
  readonly asksInFlight: boolean
  /** `upto` takes less than was signed, as the chain says; receipts lie. */
  readonly scheme: 'exact' | 'upto'
  /** Who else buys on the same ledger: another client, or a restricted child. */
  readonly second: 'sibling' | 'child'
}

/**
 * Two buyers on one ledger, a seller and a chain in this process, of which a test moves every part, one step at a time.
 *
 * Nothing in it waits for the machine, so that after each step all that can happen has happened, in the same order in every run.
 */
export function createWorld({ resign, asksInFlight, scheme, second }: Nature) {
  const clock = createBriskClock()
  const truth = createTruth(clock)
  const prices = new Map<number, number>()
  let mortal = createMortalLedger(clock)
  let calls: LiveCall[] = []
  let steps = 0
  let isChainUp = true
  let buyers = openBuyers()
  /** A rule that was broken inside a client, which takes it for a wallet that failed. */
  let failure: unknown

  const isAnyInFlight = () => calls.some(({ phase }) => phase === 'sent')
  const mayAsk = () => isChainUp && (asksInFlight || !isAnyInFlight())

  function openBuyers(): { first: x402Client; payers: readonly Payer[] } {
    const first = openClient()
    return { first, payers: [first, second === 'child' ? first.restrict({}) : openClient()] }
  }

  function openClient(): x402Client {
    return new x402Client({
      clock,
      ledger: mortal.ledger,
      circuit: false,
      resign: resign ? 'when-proven-unspent' : 'never',
      limits: {
        perPayment: `$0.0${ALLOWED.perPayment}`,
        perDay: `$0.${ALLOWED.perDay}`,
        total: `$0.${ALLOWED.total}`,
        perHour: { payments: ALLOWED.perHourPayments },
      },
    }).register(NETWORK, createScheme())
  }

  function createScheme(): SchemeNetworkClient {
    return {
      scheme,
      payer: 'buyer',
      findDefaultAsset: (asset) => ({ asset, decimals: 6, symbol: 'USDC' }),
      async createPaymentPayload(x402Version, { amount, maxTimeoutSeconds }, context) {
        const call = await findCall(context?.extensions)
        const cents = Number(amount) / ATOMIC_PER_CENT
        call.authorization = ask(call, cents, clock.nowSeconds() + maxTimeoutSeconds)
        await reach(call, 'signing')
        const { nonce, validUntilSeconds } = call.authorization
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
      reconcile: async ({ nonce }) => (mayAsk() ? truth.toVerdict(nonce) : { verdict: 'unknown' }),
      async cancel({ nonce }) {
        const one = truth.find(nonce)
        if (one === undefined || one.state === 'spent') throw new Error('it was spent')
        one.state = 'canceled'
        return { transaction: 'canceled' }
      },
    }
  }

  /** The call that a signature is for; what a dead process asks for is never answered. */
  function findCall(extensions: Readonly<Record<string, unknown>> | undefined): Promise<LiveCall> {
    const id: unknown = Reflect.get(new Object(extensions?.['call']), 'id')
    const call = calls.find((one) => one.id === id)
    return call === undefined ? new Promise(() => undefined) : Promise.resolve(call)
  }

  function ask({ purchase, key, token, beganAt }: LiveCall, cents: number, validUntilSeconds: number): Authorization {
    const takenCents = scheme === 'upto' ? Math.min(cents, purchase) : cents
    try {
      return truth.sign({
        purchase,
        cents,
        takenCents,
        validUntilSeconds,
        beganAt: key === undefined ? undefined : beganAt,
        token: key === undefined ? token : undefined,
      })
    } catch (error) {
      failure ??= error
      throw error
    }
  }

  function receive(call: LiveCall, payment: string): Promise<LocalAnswer> {
    if (!calls.includes(call)) return new Promise(() => undefined)
    const { payload } = JSON.parse(Buffer.from(payment, 'base64').toString())
    const authorization = truth.find(payload.nonce)
    if (authorization?.purchase !== call.purchase) throw new Error('a payment for something else')
    authorization.hasLeft = true
    authorization.answered = false
    call.authorization = authorization
    call.abort.signal.addEventListener('abort', () => call.reject(call.abort.signal.reason))
    return reach(call, 'sent')
  }

  async function run(call: LiveCall, payer: Payer): Promise<void> {
    const begun = call.key === undefined ? undefined : payer[BEGIN]?.(call.key)
    try {
      await reach(call, 'asking')
      const extra = { purchase: call.purchase }
      const amount = String((prices.get(call.purchase) ?? 0) * ATOMIC_PER_CENT)
      const required = createRequired([createOffer({ scheme, amount, extra })], {
        extensions: { call: { id: call.id } },
      })
      await payer[PAY](createLocalExchange(call, required, begun, (payment) => receive(call, payment)))
    } catch {
      // What a call is told is judged elsewhere; here counts what it did.
    } finally {
      begun?.end()
      dropUnsent(call)
      calls = calls.filter((one) => one !== call)
    }
  }

  function dropUnsent({ authorization }: LiveCall): void {
    if (authorization?.hasLeft === false) authorization.isOver = true
  }

  /** Waits until nothing more happens by itself, and tells of a rule that was broken meanwhile. */
  async function rest(): Promise<void> {
    steps += 1
    await new Promise((resolve) => setImmediate(resolve))
    if (failure !== undefined) throw failure
  }

  /** Moves on one of the calls that wait in some phase. */
  async function move(phase: Phase, nth: number, on: (call: LiveCall) => void): Promise<void> {
    const waiting = calls.filter((call) => call.phase === phase)
    const call = waiting[nth % waiting.length]
    if (call === undefined) return
    call.phase = 'working'
    on(call)
    await rest()
  }

  return {
    /** Begins a call, which then waits to be asked to pay. */
    async call(purchase: number, cents: number, buyer: number, token: number): Promise<void> {
      const key = purchase >= FIRST_KEYED ? `order ${purchase}` : undefined
      // At once, the same without a key would be two purchases.
      if (calls.length >= MAX_CALLS || (key === undefined && calls.some((one) => one.purchase === purchase))) return
      prices.set(purchase, cents)
      const call = createLiveCall({ id: steps, purchase, key, token, beganAt: steps })
      calls.push(call)
      const payer = buyers.payers[key === undefined ? 0 : buyer]
      if (payer !== undefined) void run(call, payer)
      await rest()
    },
    ask: (nth: number) => move('asking', nth, (call) => call.resolve(undefined)),
    sign: (nth: number, works: boolean) =>
      move('signing', nth, (call) =>
        works ? call.resolve(undefined) : call.reject(new Error('the wallet is locked')),
      ),
    answer: (nth: number, reaction: Reaction) =>
      move('sent', nth, (call) => {
        const { takes, answer } = REACTIONS[reaction]
        const { authorization } = call
        if (authorization !== undefined && takes) truth.take(authorization)
        if (authorization !== undefined && DELIVERED.includes(reaction)) {
          authorization.isOver = true
          authorization.answeredAt = steps
        }
        if (authorization !== undefined) authorization.answered = ANSWERED.includes(reaction)
        if (answer === undefined) call.reject(new TypeError('fetch failed'))
        else call.resolve(answer)
      }),
    async abort(nth: number): Promise<void> {
      calls[nth % calls.length]?.abort.abort()
      await rest()
    },
    /** The process is killed, and another one begins with the ledger that it left. */
    async crash(): Promise<void> {
      const dead = calls
      calls = []
      mortal = mortal.crash()
      buyers = openBuyers()
      for (const call of dead) {
        dropUnsent(call)
        call.abort.abort()
      }
      await rest()
    },
    /** The seller settles what it kept. */
    settle(nth: number): void {
      const kept = truth.atLarge()
      const one = kept[nth % kept.length]
      if (one !== undefined) truth.take(one)
    },
    async forget(nth: number): Promise<void> {
      const lost = await buyers.first.payments({ delivery: 'lost' })
      const open = lost.filter(({ forgotten }) => !forgotten)
      const id = open[nth % open.length]?.id
      const record = await findRecord(id)
      if (id === undefined || record === undefined || !['sent', 'settled'].includes(record.state)) return
      await buyers.first.forget(id)
      const one = truth.find(record.nonce)
      if (one !== undefined) one.isOver = true
    },
    async cancel(nth: number): Promise<void> {
      const inDoubt = await buyers.first.inDoubt()
      const id = inDoubt[nth % inDoubt.length]?.id
      const record = await findRecord(id)
      if (id === undefined || truth.find(record?.nonce)?.state === 'spent') return
      if (isAnyInFlight() && !asksInFlight) return
      await buyers.first.cancel(id)
    },
    reconcile: () => buyers.first.reconcile().then(() => undefined),
    setChain(isUp: boolean): void {
      isChainUp = isUp
    },
    /** Time passes for everybody. */
    wait(seconds: number): void {
      clock.advance(seconds)
      truth.wait(seconds)
      truth.seeClock()
    },
    /** Somebody turns the buyers' clock. */
    turnClock(seconds: number): void {
      clock.advance(seconds)
      truth.seeClock()
    },
    async assertSound(): Promise<void> {
      const nonces: unknown[] = []
      for await (const { nonce } of mortal.ledger.list({ states: ['sent', 'settled'] })) nonces.push(nonce)
      truth.assertSound(nonces)
    },
    async end(): Promise<void> {
      for (const { abort } of calls) abort.abort()
      await new Promise((resolve) => setImmediate(resolve))
    },
  }

  async function findRecord(id: string | undefined) {
    for await (const record of mortal.ledger.list({})) if (record.id === id) return record
    return undefined
  }
}

/** Takes the platform's hash out of its threads until the test is over: what it answers is the same, and when is not by chance. */
export function hashAtOnce(): void {
  const digest = async (_name: string, bytes: Uint8Array<ArrayBuffer>) => Uint8Array.from(sha256(bytes)).buffer
  vi.spyOn(globalThis.crypto.subtle, 'digest').mockImplementation(digest as typeof globalThis.crypto.subtle.digest)
}
