import { isX402Error, type MoneyState } from '../../../errors/x402-error.js'
import { LATE, within } from '../../../payment/clock.js'
import type { PaymentEvent } from '../../../payment/event.js'
import type { Ledger, Value } from '../../../payment/ledger.js'
import { freezePayment, type Payment } from '../../../payment/payment.js'
import { drawHex } from '../../../payment/random.js'
import { freezeCopy, type JsonObject, parseJsonObject } from '../../../wire/json.js'
import { type Fields, optional } from '../../../wire/read-fields.js'
import { integerField } from '../../codec/charges.js'
import { writeEvent, writeValue } from '../../codec/line.js'
import { createLineReader } from '../../codec/line-reader.js'
import { LedgerError, toMoney } from '../../error.js'
import type { Undo } from '../engine.js'
import { createClosed, createSilent, createTooLong, createUnavailable } from '../error.js'
import { isInFlight } from '../holdings.js'
import { isTooLong } from '../log.js'
import { flag, number, object, objects, value, writeCap } from './fields.js'
import { read, readClaimed, readRefusal, readShown } from './replies.js'
import { createRequests, writeDraft } from './requests.js'
import type { Seat, Way } from './seat.js'
import { nowMs, PATIENCE_MS, pause } from './time.js'

/** The steps of a ledger whose file another process has open. */
export type RemoteFile = Pick<Ledger, 'reserve' | 'note' | 'claim' | 'list' | 'spent' | 'get' | 'put'> & {
  compact(): Promise<void>
  /** Waits for what was asked, ends what is in flight, and refuses all that follows. */
  leave(): Promise<void>
}

/** A step to be asked for. */
type Step = {
  readonly request: object
  /** Where the money is when it can't be done. */
  readonly money: MoneyState
  /** What is done in the background once its caller has given up: it may have been carried out. */
  readonly afterwards?: Afterwards | undefined
  /** @default {@link PATIENCE_MS} */
  readonly patienceMs?: number | undefined
}

type Afterwards = { readonly key: string; readonly request: object }

/** A file that is rewritten is waited for longer than a step, in milliseconds. */
const COMPACT_MS = 60_000

/** Between two tries of what is done in the background, in milliseconds. */
const AGAIN_MS = 100

/**
 * Creates the steps of a handle that is served by another process.
 *
 * A step whose process dies is asked for again at the next one, and has one effect. It ends after {@link PATIENCE_MS} at the latest; what was
 * given up isn't carried out anymore, and what may have been before is undone as soon as anyone answers.
 *
 * @param path - The ledger's file.
 * @param seat - Who is asked.
 */
export function createRemoteFile(path: string, seat: Seat): RemoteFile {
  const readLine = createLineReader()
  /** Payments that this handle has in flight, as it last saw them. */
  const flights = new Map<string, Payment>()
  const underWay = new Set<Promise<unknown>>()
  const background = new Map<string, object>()
  let isClosed = false

  async function askOnce(way: Way, request: object, isAgain: boolean, untilMs?: number) {
    if ('connection' in way) return way.connection.ask(request, isAgain, untilMs)
    // This handle took over meanwhile.
    try {
      return toPlain(await createRequests(way.local.engine)(toPlain(request), { owner: seat.self.token, isAgain }))
    } catch (error) {
      if (isX402Error(error)) throw error
      return 'refused'
    }
  }

  async function askUntil({ request, money }: Step, untilMs: number): Promise<JsonObject> {
    for (let isAgain = false; ; ) {
      const way = seat.way() ?? (await within(findOr(money), untilMs - nowMs()))
      const reply = await askOnce(way, request, isAgain, untilMs)
      if (reply === 'late') throw LATE
      if (reply === 'refused')
        throw createUnavailable(path, 'the process that has it open could not read a step', { money })
      if (reply !== 'lost') return reply
      isAgain = true
    }
  }

  async function findOr(money: MoneyState): Promise<Way> {
    try {
      return await seat.find()
    } catch (cause) {
      if (cause instanceof LedgerError && cause.code === 'LEDGER_CORRUPT') {
        const { shortMessage, code, facts } = cause
        throw new LedgerError(shortMessage, { code, money, facts, cause })
      }
      throw createUnavailable(path, 'no process could open it', { money, cause })
    }
  }

  async function ask(step: Step): Promise<JsonObject> {
    const { money, afterwards, patienceMs = PATIENCE_MS } = step
    if (isClosed) throw createClosed(path, money)
    const asked = askUntil(step, nowMs() + patienceMs)
    underWay.add(asked)
    try {
      return await asked
    } catch (error) {
      if (error !== LATE) throw error
    } finally {
      underWay.delete(asked)
    }
    if (afterwards !== undefined) void doAfterwards(afterwards)
    throw createSilent(path, seat.servedBy(), money)
  }

  /** Until something newer is told of the same. */
  async function doAfterwards({ key, request }: Afterwards): Promise<void> {
    background.set(key, request)
    while (!isClosed && background.get(key) === request) {
      try {
        if ((await askOnce(await seat.find(), request, true)) !== 'lost') background.delete(key)
      } catch (error) {
        // Its caller was told by now; a ledger that can't be used says so to the next one.
        if (isX402Error(error) && error.code !== 'LEDGER_UNAVAILABLE') background.delete(key)
        else await pause(AGAIN_MS)
      }
    }
  }

  /** What can't be written is refused before anything is asked. */
  function write(work: () => string, what: string, money: MoneyState): string {
    const text = orNoJson(work, what, money)
    if (isTooLong(text)) throw createTooLong(path, what, money)
    return text
  }

  function orNoJson<T>(work: () => T, what: string, money: MoneyState): T {
    try {
      return work()
    } catch (cause) {
      throw createUnavailable(path, `${what} is not JSON`, { money, cause })
    }
  }

  const readPayment = (reply: JsonObject, name = 'payment') =>
    readShown(read(reply, { [name]: object })[name] ?? {}, readLine)

  function keep(payment: Payment): Payment {
    if (isInFlight(payment)) flights.set(payment.id, payment)
    else flights.delete(payment.id)
    return payment
  }

  function toAfterwards(id: string, event: PaymentEvent, request: object): Afterwards {
    const isFirst = (event.type === 'sent' && event.presentation !== undefined) || event.type === 'released'
    const isUndone = isFirst || event.type === 'sent' || event.type === 'freed'
    return { key: id, request: isUndone ? toUndo({ id, isFirst }) : request }
  }

  return {
    async reserve(draft, caps) {
      const token = drawHex(8)
      const { by, isPinned } = draft
      const written = write(() => writeDraft(draft), 'the payment', 'untouched')
      const request = orNoJson(
        () => toPlain({ do: 'reserve', draft: written, by, isPinned, caps: caps.map(writeCap), token }),
        'the payment',
        'untouched',
      )
      const afterwards = { key: token, request: toUndo({ token }) }
      const reply = await ask({ request, money: 'untouched', afterwards })
      const { refusal } = read(reply, REFUSED)
      return refusal === undefined ? keep(readPayment(reply)) : readRefusal(refusal, caps, readLine)
    },
    async note(id, event) {
      background.delete(id)
      const isFirst = event.type === 'sent' && event.presentation !== undefined
      const state = flights.get(id)?.state ?? (isFirst ? 'reserved' : undefined)
      const money = state === undefined ? 'in-doubt' : toMoney(state, event.type)
      const line = write(() => writeEvent(id, event), 'the signed payment', money)
      const request = { do: 'note', line }
      return keep(readPayment(await ask({ request, money, afterwards: toAfterwards(id, event, request) })))
    },
    async claim(claimant) {
      const token = drawHex(8)
      const request = { do: 'claim', claimant, token }
      const afterwards = { key: token, request: toUndo({ token }) }
      const claim = readClaimed(await ask({ request, money: 'untouched', afterwards }), readLine)
      if (claim.is === 'yours') keep(claim.payment)
      return claim
    },
    async *list(filter) {
      for (let after = filter.after; ; ) {
        const request = { do: 'list', filter: { ...filter, ...toFinite(filter), after } }
        const { payments, isMore } = read(await ask({ request, money: 'untouched' }), PAGE)
        for (const one of payments) {
          const payment = readShown(one, readLine)
          after = payment.id
          yield freezePayment(payment)
        }
        if (!isMore) return
      }
    },
    async spent(cap) {
      const { held, spent, count } = read(
        await ask({ request: { do: 'spent', cap: writeCap(cap) }, money: 'untouched' }),
        SUMS,
      )
      return { held: BigInt(held), spent: BigInt(spent), count }
    },
    async get(kind, key) {
      return freezeCopy(read(await ask({ request: { do: 'get', kind, key }, money: 'untouched' }), VALUE).value)
    },
    async put(kind, key, value, expected) {
      const token = drawHex(8)
      write(() => writeValue(kind, key, value, token), 'the value', 'untouched')
      const request = orNoJson(
        () => toPlain({ do: 'put', kind, key, value, expected, token }),
        'the value',
        'untouched',
      )
      return read(await ask({ request, money: 'untouched' }), PUT).isPut
    },
    async compact() {
      await ask({ request: { do: 'compact' }, money: 'untouched', patienceMs: COMPACT_MS })
    },
    async leave() {
      isClosed = true
      await Promise.allSettled(underWay)
      if (flights.size === 0 && background.size === 0) return
      const untilMs = nowMs() + PATIENCE_MS
      const askLast = (request: object) => askUntil({ request, money: 'untouched' }, untilMs).catch(() => undefined)
      // Before the rest is ended: what was given up never left, and would count as if it had.
      await Promise.all([...background.values()].map(askLast))
      // Whoever has the file by then. If no one answers, whoever has it next waits a while for this handle, and ends them then.
      await askLast({ do: 'leave' })
    },
  }
}

const REFUSED: Fields<{ refusal: JsonObject | undefined }> = { refusal: optional(object) }
const PAGE: Fields<{ payments: readonly JsonObject[]; isMore: boolean }> = { payments: objects, isMore: flag }
const SUMS: Fields<{ held: string; spent: string; count: number }> = {
  held: integerField,
  spent: integerField,
  count: number,
}
const VALUE: Fields<{ value: Value | undefined }> = { value }
const PUT: Fields<{ isPut: boolean }> = { isPut: flag }

function toUndo(undo: Undo): object {
  return { do: 'undo', ...undo }
}

/** JSON has no infinite number. */
function toFinite({ from, to }: { readonly from?: number | undefined; readonly to?: number | undefined }): object {
  const [least, most] = [from, to].map((one) =>
    one === undefined ? one : Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, one)),
  )
  return { from: least, to: most }
}

/** As the other side reads it. */
function toPlain(message: object): JsonObject {
  const json = parseJsonObject(JSON.stringify(message))
  if ('problem' in json) throw new TypeError(json.problem)
  return json.value
}
