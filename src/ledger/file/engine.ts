import type { MoneyState } from '../../errors/x402-error.js'
import { isTimeZone } from '../../payment/calendar.js'
import { isUnsent, type PaymentEvent, toCrashEvent } from '../../payment/event.js'
import { type Cap, type Filter, isRefusal, type Refusal, type Sums, type Value } from '../../payment/ledger.js'
import type { Draft, Payment } from '../../payment/payment.js'
import type { Claim, Claimant } from '../../payment/purchase.js'
import { isSameJson } from '../../wire/json.js'
import type { Book } from '../book/book.js'
import { writeClaim, writeEvent, writePayment, writeProcess, writeValue } from '../codec/line.js'
import { writeExtra } from '../codec/whole-payment.js'
import { createConflict, toMoney } from '../error.js'
import type { Compactor } from './compactor.js'
import type { Dictionary } from './dictionary.js'
import { createClosed, createTooLong, createUnavailable, createUnknownZone } from './error.js'
import type { Holdings } from './holdings.js'
import type { Journal } from './journal.js'
import { isTooLong, mayBeTooLong } from './log.js'
import { writeDraft } from './socket/requests.js'

/** A process that is served, and which of its steps it asks for. */
export type Caller = {
  readonly owner: string
  /** Of this step alone, 16 hexadecimal digits; the same when it's asked for again. */
  readonly token: string
  /** Whether it may have been done before. */
  readonly isAgain: boolean
}

/** A step that is to be undone: a reserve or a claim by its token, or a `sent` by its payment, which was the first one or not. */
export type Undo = { readonly token: string } | { readonly id: string; readonly isFirst: boolean }

/** A file that this process has open: all steps of a ledger, for itself and for others. */
export type Engine = {
  reserve(draft: Draft, caps: readonly Cap[], by?: Caller): Promise<Payment | Refusal>
  note(id: string, event: PaymentEvent, by?: Caller): Promise<Payment>
  claim(claimant: Claimant, by?: Caller): Promise<Claim>
  list(filter: Filter): Iterable<Payment>
  spent(cap: Cap): Sums
  get(kind: string, key: string): Value | undefined
  put(kind: string, key: string, value: Value | undefined, expected: Value | undefined, by?: Caller): Promise<boolean>
  compact(): Promise<void>
  /**
   * Undoes a step whose caller was told that it failed: what was reserved or first sent by it is released, and what was claimed is freed. What
   * isn't the caller's anymore stays.
   */
  undo(owner: string, step: Undo): Promise<void>
  /** Ends what a process has in flight, since it's gone. */
  leave(owner: string): Promise<void>
  /** @param isWaitedFor - Others wait for the file, so that it isn't tidied up before. */
  close(isWaitedFor: boolean): Promise<void>
}

/** What an engine is put together from. */
export type EngineParts = {
  readonly path: string
  readonly book: Book
  readonly journal: Journal
  readonly dictionary: Dictionary
  readonly compactor: Compactor
  readonly holdings: Holdings
  /** Waits for what was noticed of the clock to be written, where that isn't yet. */
  clockLine(): Promise<void> | undefined
}

/** Puts an engine together: each step is done in memory first, in one go, and then written down; its caller waits for both. */
export function assembleEngine(parts: EngineParts): Engine {
  const { path, book, journal, dictionary, compactor, holdings, clockLine } = parts
  const { deals } = dictionary
  let closing: Promise<void> | undefined

  function assertUsable(money: MoneyState): void {
    if (closing !== undefined) throw createClosed(path, money)
    const failure = journal.failure()
    if (failure !== undefined) throw createUnavailable(path, failure.because, { money, cause: failure.cause })
  }

  /** Before the step in memory, which couldn't be undone. */
  function toLine(write: () => string, what: string, money: MoneyState): string {
    const line = orNoJson(write, what, money)
    if (isTooLong(line)) throw createTooLong(path, what, money)
    return line
  }

  function orNoJson(write: () => string, what: string, money: MoneyState): string {
    try {
      return write()
    } catch (cause) {
      throw createUnavailable(path, `${what} is not JSON`, { money, cause })
    }
  }

  /** Such a step did nothing, and it's the only one that fails. */
  function orUnknownZone<T>(caps: readonly Cap[], work: () => T): T {
    try {
      return work()
    } catch (cause) {
      const unknown = caps.find(({ monthIn }) => monthIn !== undefined && !isTimeZone(monthIn))?.monthIn
      throw unknown === undefined ? cause : createUnknownZone(path, unknown, cause)
    }
  }

  /** `work` may not wait before it appends: lines come in the order of the steps. */
  async function write(work: () => Promise<void>, money: MoneyState): Promise<void> {
    try {
      await work()
    } catch (cause) {
      journal.fail(cause) // also when there was no line: memory is ahead of the file
      throw createUnavailable(path, 'writing to it failed', { money, cause })
    }
    compactor.consider()
  }

  /** Before the first line that names a process, who that is. */
  function introduce(owner: string | undefined): void {
    const process = owner === undefined ? undefined : holdings.processes.get(owner)
    // Where it can't be written, the journal says so to the line that follows.
    if (process && dictionary.isNew(process.token)) journal.append(writeProcess(process), false).catch(() => undefined)
  }

  /** Of another process's payment all is written: it stays in flight when this one is gone. */
  function toPaymentLine(payment: Payment, by: Caller | undefined): string {
    return writePayment(payment, deals, by?.owner) + (by === undefined ? '' : writeExtra(payment))
  }

  /** Finds what an earlier try of the same step did. */
  function findDone(by: Caller | undefined, isIt: (payment: Payment) => boolean): Payment | undefined {
    if (!by?.isAgain) return undefined
    return findHeld(by.owner).find(isIt)
  }

  const findHeld = (owner: string) =>
    holdings.by(owner).flatMap((id) => {
      const payment = book.find(id)
      return payment === undefined ? [] : [payment]
    })

  async function note(id: string, event: PaymentEvent, by?: Pick<Caller, 'owner'>): Promise<Payment> {
    const before = book.find(id)
    const money = before === undefined ? 'in-doubt' : toMoney(before.state, event.type)
    assertUsable(money)
    const isTaken = isUnsent(event) && before?.state === 'sent' && holdings.of(id)?.owner !== by?.owner
    if (isTaken) throw createConflict(id, { conflict: before.state, event: event.type })
    const owner = event.type === 'sent' ? by?.owner : undefined
    const line = toLine(() => writeEvent(id, event, owner), 'the signed payment', money)
    const after = book.note(id, event)
    const hasMoved = holdings.follow(after, event, owner)
    const isDurable = event.type === 'sent' && event.presentation !== undefined
    if (!isKept(before, after) || hasMoved) {
      introduce(owner)
      await write(() => journal.append(line, isDurable), money)
    }
    // Done again: the line is there, but its first caller may still be waiting for the disk.
    else if (isDurable) await write(journal.flush, money)
    return after
  }

  async function close(isWaitedFor: boolean): Promise<void> {
    try {
      await compactor.finish(isWaitedFor).finally(journal.close)
    } catch (cause) {
      throw createUnavailable(path, 'it was closed, but not all of it could be written', { money: 'in-doubt', cause })
    }
  }

  return {
    async reserve(draft, caps, by) {
      assertUsable('untouched')
      const done = findDone(by, ({ id, state }) => state === 'reserved' && id.startsWith(`${by?.token}-`))
      if (mayBeTooLong(draft)) toLine(() => writeDraft(draft), 'the payment', 'untouched')
      const reserved = done ?? orUnknownZone(caps, () => book.reserve(draft, caps, by?.token))
      if (isRefusal(reserved)) {
        // Nothing is written after it, and a limit that frees something by the clock must know since when it's right.
        await clockLine()
        return reserved
      }
      if (by !== undefined) holdings.put(reserved.id, { owner: by.owner })
      introduce(by?.owner)
      if (done !== undefined) await write(journal.flush, 'untouched')
      else await write(async () => journal.append(toPaymentLine(reserved, by), false), 'untouched')
      return reserved
    },
    note,
    async claim(claimant, by) {
      assertUsable('untouched')
      const done = findDone(by, ({ id }) => holdings.of(id)?.claim === by?.token)
      if (done !== undefined) return { is: 'yours', payment: done }
      const claim = book.claim(claimant)
      if (claim.is === 'yours' && by !== undefined) {
        const { owner, token } = by
        holdings.put(claim.payment.id, { owner, claim: token })
        introduce(owner)
        await write(() => journal.append(writeClaim(claim.payment.id, owner, token), false), 'untouched')
      }
      return claim
    },
    list(filter) {
      assertUsable('untouched')
      return book.list(filter)
    },
    spent(cap) {
      assertUsable('untouched')
      return orUnknownZone([cap], () => book.spent(cap))
    },
    get(kind, key) {
      assertUsable('untouched')
      return book.get(kind, key)
    },
    async put(kind, key, value, expected, by) {
      assertUsable('untouched')
      if (by?.isAgain && holdings.hasPut(by.token)) {
        await write(journal.flush, 'untouched')
        return true
      }
      const line = toLine(() => writeValue(kind, key, value, by?.token), 'the value', 'untouched')
      if (!book.put(kind, key, value, expected)) return false
      if (by !== undefined) holdings.keepPut(by.token, kind, key)
      await write(() => journal.append(line, true), 'untouched')
      return true
    },
    async compact() {
      assertUsable('untouched')
      try {
        await compactor.compact()
      } catch (cause) {
        throw createUnavailable(path, 'it could not be rewritten', { cause })
      }
    },
    async undo(owner, step) {
      for (const payment of findHeld(owner)) {
        const event = toUndoing(payment, step, holdings.of(payment.id)?.claim)
        if (event !== undefined) await note(payment.id, event, { owner })
      }
    },
    async leave(owner) {
      const ends = findHeld(owner).map(async (payment) => {
        const event = toCrashEvent(payment)
        if (event !== undefined) await note(payment.id, event)
      })
      await Promise.all(ends)
    },
    close(isWaitedFor) {
      closing ??= close(isWaitedFor)
      return closing
    },
  }
}

/** Whether an event changed nothing that is written down: a claim ends with its process, so that isn't. */
function isKept(before: Payment | undefined, after: Payment): boolean {
  if (before?.state !== after.state || before.delivery !== after.delivery) return false
  return before === after || isSameJson({ ...before, claimed: after.claimed }, after)
}

/** What undoes a step of the process that has this payment in flight; `undefined` where it's another payment, or nothing is to be undone. */
function toUndoing(payment: Payment, step: Undo, claim: string | undefined): PaymentEvent | undefined {
  const { id, state } = payment
  if ('token' in step) {
    if (payment.claimed) return claim === step.token ? { type: 'freed' } : undefined
    const isReserved = state === 'reserved' && id.startsWith(`${step.token}-`)
    return isReserved ? { type: 'released', because: 'unsent' } : undefined
  }
  if (id !== step.id) return undefined
  const hasNotLeft = step.isFirst && (state === 'reserved' || state === 'sent') && !payment.claimed
  return hasNotLeft ? { type: 'released', because: 'unsent' } : toCrashEvent(payment)
}
