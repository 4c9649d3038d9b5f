import { sha256 } from '@noble/hashes/sha2.js'
import { vi } from 'vitest'
import { BEGIN, PAY } from '../../../src/client/payer.js'
import type { CallOptions } from '../../../src/payment/exchange.js'
import type { ApprovalRequest } from '../../../src/payment/limits.js'
import type { ClientEvent } from '../../../src/payment/stream.js'
import { createOffer, createRequired } from '../offers.js'
import { createBriskClock } from './create-brisk-clock.js'
import { createJudge } from './create-judge.js'
import {
  createLiveCall,
  createLocalExchange,
  type LiveCall,
  letGo,
  nameKey,
  nameOrder,
  type Order,
  type Phase,
  reach,
} from './create-live-call.js'
import { createLocalScheme } from './create-local-scheme.js'
import { createProcess, type Nature } from './create-process.js'
import { ATOMIC_PER_CENT, type Authorization, createTruth } from './create-truth.js'
import { type LocalAnswer, REACTIONS, type Reaction } from './reactions.js'

/** Calls that are under way at once, at most. */
const MAX_CALLS = 6

/**
 * Two buyers on one ledger, a seller and a chain in this process, of which a test moves every part, one step at a time.
 *
 * Nothing in it waits for the machine, so that after each step all that can happen has happened, in the same order in every run.
 */
export function createWorld(nature: Nature) {
  const clock = createBriskClock()
  const truth = createTruth(clock, nature.resign === 'when-over', !(nature.asks && nature.ponders))
  const judge = createJudge(nature, truth)
  const prices = new Map<number, number>()
  /** Whether whoever is asked for one of the buyers says yes. */
  const allows = [true, true]
  /** Nonces by the names that the ledger gave the payments that left. */
  const nonces = new Map<string, string>()
  let buying = createProcess(nature, clock, { createScheme, hear })
  let calls: LiveCall[] = []
  let steps = 0
  let isChainUp = true
  /** By how much the clock was turned last. */
  let turned = 0
  let last: Order | undefined
  /** A rule that was broken inside a client, which takes it for a failure of somebody else's. */
  let failure: unknown

  const isAnyInFlight = () => calls.some(({ phase }) => phase === 'sent')
  const mayAsk = () => isChainUp && (nature.asksInFlight || !isAnyInFlight())
  const findById = (id: string | undefined) => buying.findRecord((record) => record.id === id)

  function hold<T>(work: () => T): T {
    try {
      return work()
    } catch (error) {
      failure ??= error
      throw error
    }
  }

  function hear(event: ClientEvent): void {
    if (event.type !== 'bought-again') return
    const one = truth.find(nonces.get(event.payment))
    hold(() => truth.replace(one ?? fail(), calls))
    judge.see('bought again')
  }

  function createScheme() {
    return createLocalScheme(nature.scheme, {
      sign,
      nowSeconds: clock.nowSeconds,
      askChain: (nonce) => (mayAsk() ? truth.toVerdict(nonce) : { verdict: 'unknown' }),
      cancel(nonce) {
        const one = truth.find(nonce)
        if (one === undefined || one.state === 'spent') throw new Error('it was spent')
        one.state = 'canceled'
      },
    })
  }

  /** What a dead process asks for is never answered. */
  async function sign(id: unknown, amount: bigint, validUntilSeconds: number): Promise<Authorization> {
    const call = calls.find((one) => one.id === id)
    if (call === undefined) return new Promise(() => undefined)
    const cents = Number(amount) / ATOMIC_PER_CENT
    const takenCents = nature.scheme === 'upto' ? Math.min(cents, call.order.purchase) : cents
    const own = hold(() => {
      judge.assertMaySign(call)
      return truth.sign(call.wanted, { cents, takenCents, validUntilSeconds })
    })
    call.own = own
    call.authorization = own
    await reach(call, 'signing')
    return own
  }

  /** Somebody is asked whether a call may pay, or present what was paid. */
  async function approve(call: LiveCall, { resumed, payment, perhapsPaid }: ApprovalRequest): Promise<boolean> {
    if (nature.ponders) await reach(call, 'approving')
    const perhaps = perhapsPaid === undefined ? undefined : await findById(perhapsPaid)
    const yes = allows[call.order.buyer] === true && (perhaps === undefined || nature.agrees)
    if (yes && perhaps?.nonce !== undefined) call.wanted.agreedTo.add(perhaps.nonce)
    call.said.push({ yes, resumed: resumed ? payment : undefined })
    return yes
  }

  async function receive(call: LiveCall, payment: string): Promise<LocalAnswer> {
    if (!calls.includes(call)) return new Promise(() => undefined)
    const { payload } = JSON.parse(Buffer.from(payment, 'base64').toString())
    const one = truth.find(payload.nonce)
    const record = await buying.findRecord(({ nonce }) => nonce === payload.nonce)
    // A redirect of the seller's takes the same request further.
    const isOnItsWay = call.authorization === one && one?.hasLeft && one.delivery === 'none'
    hold(() => {
      if (!isOnItsWay) judge.assertMayPresent(call, one, record, calls)
    })
    if (one === undefined) return fail()
    if (record !== undefined) nonces.set(record.id, one.nonce)
    one.hasLeft = true
    // Whoever gave up meanwhile waits for no response.
    one.delivery = calls.includes(call) ? 'none' : 'lost'
    // After a 401 it belongs to the credential that it was presented for.
    one.exact = call.wanted.exact
    call.authorization = one
    call.sends += 1
    call.abort.signal.addEventListener('abort', () => call.reject(call.abort.signal.reason))
    return reach(call, 'sent')
  }

  async function run(call: LiveCall): Promise<void> {
    const { order, wanted } = call
    const payer = buying.payers[order.buyer] ?? buying.first
    const begun = wanted.isKeyed ? payer[BEGIN]?.(nameKey(order.purchase)) : undefined
    try {
      await reach(call, 'asking')
      const extra = { purchase: order.purchase }
      const amount = String((prices.get(order.purchase) ?? 0) * ATOMIC_PER_CENT)
      const offer = createOffer({ scheme: nature.scheme, amount, extra })
      const required = createRequired([offer], { extensions: { call: { id: call.id } } })
      const exchange = createLocalExchange(call, required, toOptions(call), begun, (payment) => receive(call, payment))
      const shown = await payer[PAY](exchange)
      hold(() => judge.assertMayBeShown(call, shown))
    } catch (error) {
      if (calls.includes(call)) hold(() => judge.assertMayBeTold(call, error, calls))
    } finally {
      begun?.end()
      letGo(call)
      calls = calls.filter((one) => one !== call)
    }
  }

  function toOptions(call: LiveCall): CallOptions {
    const { order, wanted } = call
    return {
      purchase: wanted.isKeyed ? nameKey(order.purchase) : undefined,
      max: order.isFree ? '$0' : undefined,
      approve: nature.asks ? (request) => approve(call, request) : undefined,
    }
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
    /** What happened in this world. */
    seen: judge.seen,
    /** Begins a call, which then waits to be asked to pay. */
    async call(order: Order): Promise<void> {
      last = order
      if (calls.length >= MAX_CALLS) return
      prices.set(order.purchase, order.cents)
      const isPoor = order.isFree || buying.isPoor(order.buyer)
      const wanted = {
        ...nameOrder(order, nature),
        beganAt: steps,
        sinceReading: truth.reading(),
        agreedTo: new Set<string>(),
      }
      const call = createLiveCall({ id: steps, order, wanted, isPoor })
      calls.push(call)
      void run(call)
      await rest()
    },
    /** Begins the call once more that was begun last, or one that is like it. */
    async callAgain(change: Partial<Order>): Promise<void> {
      if (last !== undefined) await this.call({ ...last, ...change })
    },
    ask: (nth: number) => move('asking', nth, (call) => call.resolve(undefined)),
    /** Whoever was asked says what they say. */
    answerBuyer: (nth: number) => move('approving', nth, (call) => call.resolve(undefined)),
    sign: (nth: number, works: boolean) =>
      move('signing', nth, (call) =>
        works ? call.resolve(undefined) : call.reject(new Error('the wallet is locked')),
      ),
    answer: (nth: number, reaction: Reaction) =>
      move('sent', nth, (call) => {
        const { takes, answer, means } = REACTIONS[reaction]
        const { authorization } = call
        if (authorization === undefined) return
        if (takes) truth.take(authorization)
        authorization.status = answer?.status ?? authorization.status
        truth.note(authorization, answer?.status === 410 && nature.buys410 ? 'delivered' : means, steps)
        if (answer === undefined) call.reject(new TypeError('fetch failed'))
        else call.resolve(answer)
      }),
    async abort(nth: number): Promise<void> {
      calls[nth % calls.length]?.abort.abort()
      await rest()
    },
    /** The process is killed, and another one begins with the ledger that it left, and with limits of its own. */
    async crash(leavesNothing: boolean): Promise<void> {
      const dead = calls
      calls = []
      buying = buying.crash(leavesNothing)
      for (const call of dead) {
        letGo(call)
        call.abort.abort()
      }
      await rest()
    },
    /** Whoever is asked for one of the buyers says yes or no from now on. */
    allow(buyer: number, isAllowed: boolean): void {
      allows[buyer] = isAllowed
    },
    /** The seller settles what it kept. */
    settle(nth: number): void {
      const kept = truth.atLarge()
      const one = kept[nth % kept.length]
      if (one !== undefined) truth.take(one)
    },
    async forget(nth: number): Promise<void> {
      const listed = await buying.first.payments()
      const open = listed.filter(({ delivery, forgotten }) => ['lost', 'answered'].includes(delivery) && !forgotten)
      const id = open[nth % open.length]?.id
      const record = await findById(id)
      if (id === undefined || record === undefined || !['sent', 'settled'].includes(record.state)) return
      await buying.first.forget(id)
      const one = truth.find(record.nonce)
      if (one !== undefined) Object.assign(one, { isOver: true, forgottenAt: steps })
    },
    async cancel(nth: number): Promise<void> {
      const inDoubt = await buying.first.inDoubt()
      const id = inDoubt[nth % inDoubt.length]?.id
      const record = await findById(id)
      if (id === undefined || truth.find(record?.nonce)?.state === 'spent') return
      if (isAnyInFlight() && !nature.asksInFlight) return
      await buying.first.cancel(id)
    },
    reconcile: () => buying.first.reconcile().then(() => undefined),
    setChain(isUp: boolean): void {
      isChainUp = isUp
    },
    /** Time passes for everybody. */
    wait(seconds: number): void {
      clock.advance(seconds)
      truth.wait(seconds)
    },
    /** Somebody turns the buyers' clock. */
    turnClock(seconds: number): void {
      turned = seconds
      clock.advance(seconds)
      truth.seeClock()
    },
    /** Somebody undoes what was done to the clock last. */
    turnClockBack(): void {
      this.turnClock(-turned)
    },
    async assertSound(): Promise<void> {
      const kept: unknown[] = []
      const forgotten: unknown[] = []
      for await (const record of buying.ledger.list({ states: ['sent', 'settled'] })) {
        kept.push(record.nonce)
        if (record.forgotten) forgotten.push(record.nonce)
      }
      truth.assertSound(kept, forgotten)
    },
    end(): void {
      for (const { abort } of calls) abort.abort()
    },
  }
}

function fail(): never {
  throw new Error('a payment that nobody signed')
}

/** Takes out what waits for the machine: what is answered stays the same, and when is not by chance. Ends with `vi.restoreAllMocks()`. */
export async function waitForNothing(): Promise<void> {
  const digest = async (_name: string, bytes: Uint8Array<ArrayBuffer>) => Uint8Array.from(sha256(bytes)).buffer
  vi.spyOn(globalThis.crypto.subtle, 'digest').mockImplementation(digest as typeof globalThis.crypto.subtle.digest)
  // A call that waited for one of these to be loaded stood still while stories went on, and was told afterwards what no longer held.
  await Promise.all([
    import('../../../src/flow/earlier/resume-found.js'),
    import('../../../src/flow/earlier/earlier-errors.js'),
    import('../../../src/flow/approval.js'),
    import('../../../src/desk/payments.js'),
    import('../../../src/desk/reconciliation.js'),
    import('../../../src/desk/cancellation.js'),
    import('../../../src/desk/found-payment.js'),
    import('../../../schemes/published-schemes.js'),
  ])
}
