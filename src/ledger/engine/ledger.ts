import { bytesToHex } from '@noble/hashes/utils.js'
import { isX402Error, type MoneyState } from '../../errors/x402-error.js'
import { type Clock, startTimer, systemClock } from '../../payment/clock.js'
import { apply, isUnsent, type PaymentEvent } from '../../payment/event.js'
import type { Cap, Filter, Ledger, Sums, Value } from '../../payment/ledger.js'
import { freezePayment, type Payment } from '../../payment/payment.js'
import { type Claim, type Claimant, isUnderWay, toClaim } from '../../payment/purchase.js'
import type { RandomBytes } from '../../payment/random.js'
import { isSameJson } from '../../wire/json.js'
import { isListed } from '../book/book.js'
import type { Warnings } from '../book/warnings.js'
import { createConflict, createUnknownPayment, toMoney } from '../error.js'
import { createAbandonedSteps } from './abandoned-steps.js'
import { toCapRequest } from './caps.js'
import { createClosed, createUnavailable } from './error.js'
import { markPurchase, toRegisterName } from './marks.js'
import { createPatience } from './patience.js'
import { createProcesses } from './processes.js'
import { createReserve } from './reservation.js'
import { createRows } from './rows.js'
import type { Store } from './store.js'
import { createTimes } from './times.js'
import { createUpdater, type DecideChange } from './updater.js'
import { readValue } from './values.js'

/** A ledger in a database, shared by many processes. */
export type EngineLedger = Ledger &
  Required<Pick<Ledger, 'listen'>> & {
    /** All processes that open it, on any machine, share one budget. */
    readonly guarantee: 'fleet'
    /**
     * Waits for steps that are under way, and gives up what this process has in flight, as if the process had ended. The ledger refuses everything
     * from then on. If the database can't be reached now, the other processes end what this one had, some seconds later.
     */
    close(): Promise<void>
  }

/** What a ledger is put together from, besides its store. */
export type EngineLedgerParts = {
  /** What errors call it. It holds no password. */
  readonly name: string
  readonly patienceSeconds: number
  /** Only of a suite: windows go by it instead of the engine's clock. */
  readonly clock: Clock | undefined
  readonly random: RandomBytes
  readonly warnings: Warnings
}

/** How often a process says that it lives, in milliseconds: three beats may be lost within a lease. */
const BEAT_MS = 4000

/** How many payments a list reads at once. */
const PAGE = 200

/**
 * Creates a ledger on a store, and ends what processes had under way that are gone.
 *
 * It decides by what it has seen and writes only if that is still so. So the usual payment costs four round trips, and one that is
 * refused two. A step that fails with its connection is asked again until the patience is over; what was given up is put right once the engine can
 * be asked again.
 */
export async function createEngineLedger(store: Store, parts: EngineLedgerParts): Promise<EngineLedger> {
  const { name, clock, random, warnings } = parts
  const self = bytesToHex(random(16))
  const patienceMs = parts.patienceSeconds * 1000
  const patience = createPatience({ store, ledger: name, owner: self, patienceMs, injected: clock, clock: systemClock })
  const { ask } = patience
  const nowSeconds = () => clock?.nowSeconds() ?? Math.floor(patience.engineMs() / 1000)
  const rows = createRows(name, (keys) => ask((engine, given) => engine.deals(keys, given)), nowSeconds)
  const updater = createUpdater(patience, rows)
  const processes = createProcesses(self, patience, rows, updater)
  const abandoned = createAbandonedSteps(updater, self)
  const times = createTimes(nowSeconds)
  const drawToken = () => bytesToHex(random(8))
  const reserveParts = { name, self, patience, rows, updater, processes, times, nowSeconds, drawToken, warnings }
  const reserve = createReserve(reserveParts)
  const running = new Set<Promise<unknown>>()
  let closing: Promise<void> | undefined

  /** Does a step, unless the ledger was closed; `money` is where it is while the step isn't done. */
  async function run<T>(step: () => Promise<T>, money?: MoneyState): Promise<T> {
    if (closing !== undefined) throw createClosed(name, money)
    const own = step()
    running.add(own)
    try {
      return await own
    } finally {
      running.delete(own)
    }
  }

  /** Remembers a step that may have been carried out, although its caller is told that it wasn't. */
  async function keep<T>(giveUp: () => void, work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      if (isX402Error(error) && error.code === 'LEDGER_UNAVAILABLE') giveUp()
      throw error
    }
  }

  /**
   * What was noted as sent and then taken from this process may have been presented by another one: whoever first sent it can't say anymore that it
   * never left.
   */
  function applyAs(owner: string, payment: Payment, event: PaymentEvent): ReturnType<typeof apply> {
    const isTaken = isUnsent(event) && payment.state === 'sent' && owner !== self
    return isTaken ? { conflict: payment.state, event: event.type } : apply(payment, event)
  }

  async function note(id: string, event: PaymentEvent, money: MoneyState): Promise<Payment> {
    const isFirst = event.type === 'sent' && event.presentation !== undefined
    const decide: DecideChange = ({ payment, row }) => {
      const after = applyAs(row.owner, event.type === 'sent' ? payment : abandoned.catchUp(id, payment), event)
      if ('conflict' in after) throw createConflict(id, after)
      const isTaken = event.type === 'sent' || row.owner === ''
      const owner = isUnderWay(after) || after.claimed ? (isTaken ? self : row.owner) : ''
      return { payment: after, owner, isDurable: isFirst }
    }
    const given = event.type === 'sent' ? ({ type: isFirst ? 'unsent' : 'undone' } as const) : event
    const after = await keep(
      () => abandoned.add(id, given),
      () => updater.update(id, decide, money),
    )
    // Only a database that lost its end forgets a payment that it reserved, and this one hasn't left.
    if (after === undefined && isFirst)
      throw createUnavailable(name, 'it forgot a payment that it had reserved', { money: 'signed' })
    if (after === undefined) throw createUnknownPayment(id)
    abandoned.drop(id)
    return after
  }

  async function claim(claimant: Claimant): Promise<Claim> {
    const names = markPurchase(claimant)
    while (true) {
      const { rows: found, gone } = await ask((engine, given) => engine.open(names, given))
      if (gone !== undefined) {
        await processes.end(gone)
        continue
      }
      const known = await rows.read(found)
      const claim = toClaim(
        known.map(({ payment }) => payment),
        claimant,
      )
      const before = claim.is === 'yours' ? known.find(({ row }) => row.id === claim.payment.id) : undefined
      if (claim.is !== 'yours' || before === undefined) return claim
      const change = { payment: claim.payment, owner: self, token: drawToken() }
      const { id } = before.row
      const giveUp = () => abandoned.add(id, { type: 'undone' })
      if (!(await keep(giveUp, () => updater.updateSeen(before, change)))) continue
      abandoned.dropUndone(id)
      return claim
    }
  }

  async function readPage(before: number | undefined, unresolved: true | undefined) {
    return rows.read(await ask((engine, given) => engine.rows({ before, limit: PAGE, unresolved }, given)))
  }

  /** The place after which a list goes on; `undefined` for a payment that isn't here. */
  async function findPlace(id: string): Promise<number | undefined> {
    const [row] = isId(id) ? await ask((engine, given) => engine.rows({ ids: [id] }, given)) : []
    return row?.place
  }

  async function* list(filter: Filter): AsyncGenerator<Payment> {
    const { after } = filter
    let before = after === undefined ? undefined : await run(() => findPlace(after))
    let isMore = after === undefined || before !== undefined
    while (isMore) {
      const page = await run(() => readPage(before, filter.unresolved))
      for (const { payment } of page) if (isListed(payment, filter)) yield freezePayment(payment)
      before = page.at(-1)?.row.place
      isMore = page.length === PAGE
    }
  }

  async function spent(cap: Cap): Promise<Sums> {
    let time = times.usual()
    while (true) {
      const request = { cap: toCapRequest(cap, 0n, time?.nowSeconds ?? nowSeconds()), time }
      const reply = await ask((engine, given) => engine.sum(request, given))
      if (reply.is === 'sum') return { held: BigInt(reply.held), spent: BigInt(reply.spent), count: reply.count }
      if (reply.is === 'gone') await processes.end(reply.owner)
      if (reply.is === 'unseen') time = times.read(reply.time).seen
    }
  }

  const get = (kind: string, key: string) => ask((engine, given) => engine.get(toRegisterName(kind, key), given))

  async function put(kind: string, key: string, value: Value | undefined, expected: Value | undefined) {
    const token = drawToken()
    const text = value === undefined ? undefined : toText(value)
    while (true) {
      const held = await get(kind, key)
      if (!isSameJson(readValue(held), expected)) return false
      const request = { name: toRegisterName(kind, key), text, revision: held.revision, token }
      if (await ask((engine, given) => engine.put(request, given))) return true
    }
  }

  function toText(value: Value): string {
    try {
      return JSON.stringify(value)
    } catch (cause) {
      throw createUnavailable(name, 'the value is not JSON', { cause })
    }
  }

  const live = createTurn(processes.live)
  const putRight = createTurn(async (gone: readonly string[]) => {
    for (const owner of gone) await processes.end(owner)
    await processes.tellForgotten()
    await abandoned.tell()
  })

  /** What is put right may take longer than a lease, where many payments are to be ended: meanwhile the next beats say that this process lives. */
  async function beat(): Promise<void> {
    const gone = await live()
    if (gone !== undefined) await putRight(gone)
  }

  async function close(): Promise<void> {
    clearInterval(timer)
    await Promise.allSettled(running)
    try {
      await abandoned.tell()
      await processes.end(self)
    } catch {
      // The others end what this process had, once its lease is over.
    }
  }

  const timer = startTimer(() => {
    run(beat).catch(() => undefined) // the next one may succeed, and each step says by itself that it can't be done
  }, BEAT_MS)
  try {
    await beat()
  } catch (error) {
    clearInterval(timer)
    throw error
  }

  return {
    guarantee: 'fleet',
    reserve: (draft, caps) => {
      const id = bytesToHex(random(16))
      return run(() =>
        keep(
          () => processes.giveUp(id),
          () => reserve(draft, caps, id),
        ),
      )
    },
    async note(id, event) {
      const known = rows.recall(id)
      const money = known === undefined ? 'in-doubt' : toMoney(known.payment.state, event.type)
      if (!isId(id)) throw createUnknownPayment(id)
      return run(() => note(id, event, money), money)
    },
    claim: (claimant) => run(() => claim(claimant)),
    list,
    spent: (cap) => run(() => spent(cap)),
    get: (kind, key) => run(async () => readValue(await get(kind, key))),
    put: (kind, key, value, expected) => run(() => put(kind, key, value, expected)),
    listen: warnings.listen,
    close() {
      closing ??= close()
      return closing
    },
  }
}

/** Creates what does nothing while it is still at it. */
function createTurn<A extends unknown[], T>(
  work: (...given: A) => Promise<T>,
): (...given: A) => Promise<T | undefined> {
  let isAtIt = false
  return async (...given) => {
    if (isAtIt) return undefined
    isAtIt = true
    try {
      return await work(...given)
    } finally {
      isAtIt = false
    }
  }
}

/** Whether an id is one that such a ledger gives. */
function isId(id: string): boolean {
  return /^[0-9a-f]{32}$/.test(id)
}
