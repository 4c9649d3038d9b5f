import { AsyncLocalStorage } from 'node:async_hooks'
import { x402Client } from '../../../../src/client/x402-client.js'
import { isX402Error } from '../../../../src/errors/x402-error.js'
import type { PaidRequestInit } from '../../../../src/fetch/exchange.js'
import { wrapFetchWithPayment } from '../../../../src/fetch/wrap-fetch-with-payment.js'
import { createMemoryLedger } from '../../../../src/ledger/book/memory-ledger.js'
import type { Clock } from '../../../../src/payment/clock.js'
import type { PaymentEvent } from '../../../../src/payment/event.js'
import type { Ledger } from '../../../../src/payment/ledger.js'
import type { SchemeNetworkClient } from '../../../../src/payment/scheme.js'
import { paymentOf } from '../../../../src/payment/summary.js'
import { readAll } from '../../../../src/testing/ledger/bench.js'
import { createSlowLedger } from '../../../../src/testing/slow-ledger.js'
import { createLocalScheme } from '../../money/create-local-scheme.js'
import { NETWORK } from '../../offers.js'
import { ELSEWHERE, openAskers, spaceOf } from './askers.js'
import type { Books, CallFacts, Chronicle, Ending, Entry, Happening } from './chronicle.js'
import { ATOMIC_PER_CENT, askToPay, reply, toPrepay } from './terms.js'
import { type Nature, priceOf, type TimedCall, type TimedStory } from './timed-story.js'
import { createTimeline, type Timeline } from './timeline.js'

/** What is wrong with the buyers, to see that a rule finds it. */
export type Broken = {
  readonly ledger?: (ledger: Ledger, timeline: Timeline) => Ledger
  readonly fetch?: (send: typeof fetch) => typeof fetch
  readonly door?: (paidFetch: typeof fetch) => typeof fetch
}

const START_SECONDS = 1_700_000_000
/** Units of a dollar's sum in the ledger for one cent. */
const CENT = 10n ** 16n

/** Whose call it is that something happens for. One for all stories: each one more makes every promise slower. */
const whose = new AsyncLocalStorage<number>()

/** Has a story happen, and writes down what can be seen of it from outside. */
export async function tellStory(nature: Nature, story: TimedStory, broken: Broken = {}): Promise<Chronicle> {
  const timeline = createTimeline()
  const entries: Entry[] = []
  const calls: CallFacts[] = []
  const told: TimedCall[] = []
  let turnedBy = nature.isOffBy
  let turnedForward = 0
  let raisedBy = 0
  let ended = 0
  let isTold = false

  const passedSeconds = () => Math.floor(timeline.nowMs() / 1000)
  const clock: Clock = {
    nowSeconds: () => START_SECONDS + passedSeconds() + turnedBy,
    monotonicMs: () => timeline.nowMs(),
    wait: (milliseconds, signal) => timeline.wait(milliseconds, signal),
  }
  function note(happening: Happening): number {
    const [nowSeconds, handSeconds] = [clock.nowSeconds(), passedSeconds() + turnedForward]
    return entries.push({ ...happening, call: whose.getStore() ?? -1, nowSeconds, handSeconds }) - 1
  }
  const current = () => told[whose.getStore() ?? -1] ?? fail()

  const memory = createMemoryLedger({ clock })
  const shared = paced(broken.ledger?.(memory, timeline) ?? memory, nature, timeline)
  const readBooks = async (): Promise<Books> => {
    const rows = (await readAll(memory)).map(({ id, state, nonce }) => ({ id, state, nonce }))
    const { held, spent } = await memory.spent({ name: 'all', unit: 'usd', scope: {}, windowSeconds: undefined })
    return { rows, cents: Number((held + spent) / CENT) }
  }

  let nonces = 0
  const createScheme = (): SchemeNetworkClient =>
    createLocalScheme(nature.scheme, {
      nowSeconds: clock.nowSeconds,
      askChain: () => ({ verdict: 'unknown' }),
      cancel: fail,
      async sign(_call, amount, validUntilSeconds) {
        const nonce = `nonce ${nonces++}`
        const cents = Number(amount) / ATOMIC_PER_CENT
        note({ is: 'signed', nonce, cents, endSeconds: validUntilSeconds, books: await readBooks() })
        await timeline.wait(current().signedAfter)
        return { nonce, validUntilSeconds }
      },
    })

  let moves = 0
  const sends = new Map<number, number>()
  const sell: typeof fetch = async (input, init) => {
    const url = String(input instanceof Request ? input.url : input)
    const payment = new Headers(init?.headers).get('payment-signature')
    const { isMoved, askedAfter, answers } = current()
    const signal = init?.signal ?? undefined
    if (payment === null) {
      await timeline.wait(askedAfter, signal)
      signal?.throwIfAborted()
      const asks = isMoved === 'no' ? url : move(url, isMoved, moves++)
      const cents = priceOf(asks, raisedBy)
      note({ is: 'asked', url: asks, cents })
      return askToPay({ url: asks, cents, scheme: nature.scheme })
    }
    const { payload, accepted } = JSON.parse(Buffer.from(payment, 'base64').toString())
    const call = whose.getStore() ?? -1
    const sent = sends.get(call) ?? 0
    sends.set(call, sent + 1)
    note({ is: 'sent', nonce: payload.nonce, url, request: writeRequest(init) })
    const next = answers[Math.min(sent, answers.length - 1)] ?? fail()
    await timeline.wait(next.after, signal)
    signal?.throwIfAborted()
    const asked = { url, cents: priceOf(url, raisedBy), scheme: nature.scheme }
    const { told, isChanged, response } = reply(next.told, accepted, sent === 0, asked)
    note({ is: 'answered', nonce: payload.nonce, told, isChanged })
    return response()
  }

  /** The name that each payment has in the ledger. */
  const names = new Map<string, string>()
  const { buyers, resign, purchaseFor, inFlight, allowRedirectedOrigin } = nature
  const prepay = toPrepay(nature)
  const options = {
    clock,
    prepay,
    resign,
    buyers,
    purchaseFor,
    inFlight,
    allowRedirectedOrigin,
    circuit: false,
  } as const
  // Each client has the ledger from another side, as two processes have.
  const payers = openAskers((limits) =>
    new x402Client({ ...options, ledger: watchLedger(shared, names, note), limits }).register(NETWORK, createScheme()),
  )
  const seller = broken.fetch?.(sell) ?? sell
  const doors = payers.map((payer) => {
    const door = wrapFetchWithPayment(seller, payer) as typeof fetch // takes what a fetch takes, and `x402`
    return broken.door?.(door) ?? door
  })

  async function call(one: TimedCall): Promise<void> {
    const { abortsAfter, asker, redeliver } = one
    const written = { ...one.written, space: spaceOf(asker) }
    const abort = new AbortController()
    told.push(one)
    const place = calls.push({ asker, written, isAborted: abortsAfter !== undefined }) - 1
    await whose.run(place, async () => {
      note({ is: 'begun' })
      if (abortsAfter !== undefined) {
        void timeline.wait(abortsAfter).then(() => {
          note({ is: 'aborted' })
          abort.abort()
        })
      }
      const { method, url, headers, body, key, tags, delivers } = written
      const x402 = { tags, delivers, redeliver, purchase: key, purchaseFor: written.purchaseFor }
      const init: PaidRequestInit = { method, headers, x402, signal: abort.signal, ...(body !== undefined && { body }) }
      const ending = await (doors[asker] ?? fail())(url, init).then(toEnding, toFailure)
      note({ is: 'ended', ending })
      ended += 1
    })
  }

  async function tell(): Promise<void> {
    for (const one of story) {
      await timeline.wait(one.after)
      if ('written' in one) void call(one)
      else if ('raisesBy' in one) raisedBy = Math.max(-1, Math.min(2, raisedBy + one.raisesBy))
      else {
        note({ is: 'turned' })
        turnedBy += one.turnsBy
        turnedForward += Math.max(0, one.turnsBy)
        note({ is: 'turned' })
      }
    }
    isTold = true
  }

  void tell()
  await timeline.run(() => isTold && ended === calls.length)
  // It makes every promise slower, also those of other tests.
  whose.disable()
  return { calls, entries, books: await readBooks(), leftCents: await readLeft(memory) }
}

/** Loads what calls load on their way: one that waits for the disk stands still while the time of a story passes. */
export async function loadParts(): Promise<void> {
  await Promise.all([
    import('../../../../src/flow/approval.js'),
    import('../../../../src/flow/prepay/prepay.js'),
    import('../../../../src/prices/prices.js'),
    import('../../../../src/flow/limit-errors.js'),
    import('../../../../src/flow/rank.js'),
    import('../../../../src/flow/earlier/resume-found.js'),
    import('../../../../src/flow/flight/joined-limits.js'),
    import('../../../../src/desk/reconciliation.js'),
    import('../../../../src/desk/spending.js'),
    import('../../../../src/flow/job/job.js'),
    import('../../../../src/fetch/job.js'),
    import('../../../../src/fetch/watched-response.js'),
    import('../../../../schemes/published-schemes.js'),
  ])
}

/** A seller's own redirect: to an address that is another one each time. */
function move(url: string, where: 'within' | 'elsewhere', times: number): string {
  const moved = new URL(url)
  if (where === 'elsewhere') moved.host = ELSEWHERE
  moved.searchParams.set('moved', String(times))
  moved.hash = ''
  return moved.href
}

/** What a request says, but for its address and its payment. */
export function writeRequest({ method = 'GET', headers, body }: RequestInit = {}): string {
  const said = [...new Headers(headers)].filter(([name]) => !['payment-signature', 'x-payment'].includes(name))
  // Who is handed a text sends its kind along with it.
  return JSON.stringify([method, said.filter(([name]) => name !== 'content-type'), body ?? null])
}

function paced(ledger: Ledger, { pace }: Nature, { wait }: Timeline): Ledger {
  if (pace === 'fast') return ledger
  if (pace === 'slow') return createSlowLedger(ledger, { milliseconds: 8, wait })
  let steps = 0
  return createSlowLedger(ledger, { wait: () => wait(pace[steps++ % pace.length] ?? 0) })
}

/** The same ledger, whose steps are written down. */
function watchLedger(ledger: Ledger, names: Map<string, string>, note: (happening: Happening) => number): Ledger {
  return new Proxy<Ledger>(ledger, {
    get(target, name) {
      if (name === 'reserve') {
        return async (...given: Parameters<Ledger['reserve']>) => {
          note({ is: 'reserving', cents: Number(given[0].terms.amount) / ATOMIC_PER_CENT })
          const reserved = await target.reserve(...given)
          note({ is: 'reserved', id: 'by' in reserved ? undefined : reserved.id })
          if (!('by' in reserved)) names.set(reserved.id, given[0].call.purchase)
          return reserved
        }
      }
      if (name === 'note') {
        return async (...[id, event]: Parameters<Ledger['note']>) => {
          const nonce = 'nonce' in event ? event.nonce : undefined
          const isRenamed = rename(id, event, names)
          const status = 'status' in event ? event.status : undefined
          const noting = note({ is: 'noting', id, event: event.type, nonce, isRenamed, status })
          const done = (isDone: boolean) => note({ is: 'noted', noting, isDone })
          return target.note(id, event).then(
            (payment) => {
              done(true)
              return payment
            },
            (error: unknown) => {
              done(false)
              throw error
            },
          )
        }
      }
      const member: unknown = Reflect.get(target, name)
      return typeof member === 'function' ? member.bind(target) : member
    },
  })
}

/** Whether an event gives a payment another name; keeps that. */
function rename(id: string, event: PaymentEvent, names: Map<string, string>): boolean {
  const before = names.get(id)
  const named = 'purchase' in event ? (event.purchase ?? before) : before
  if (named === undefined || named === before) return false
  names.set(id, named)
  return true
}

function toEnding(response: Response): Ending {
  return { status: response.status, money: paymentOf(response)?.money }
}

function toFailure(error: unknown): Ending {
  if (isX402Error(error)) return { code: error.code, money: error.money, isOurs: true }
  return { code: String(error), money: 'none', isOurs: false }
}

/** What is left of a large sum on the same ledger, as a client tells it. */
async function readLeft(ledger: Ledger): Promise<number> {
  const spending = await new x402Client({ ledger, limits: { total: '$9' } }).spending()
  const total = spending.find(({ limit }) => limit === 'total') ?? fail()
  return Math.round(Number(total.left.slice(1)) * 100)
}

function fail(): never {
  throw new Error('a story without its call')
}
