import { createConflict } from '../../../src/ledger/error.js'
import { createTurns } from '../../../src/ledger/file/turns.js'
import { apply, toCrashEvent } from '../../../src/payment/event.js'
import { versionOf } from '../../../src/payment/ledger.js'
import { openPayment } from '../../../src/payment/payment.js'
import { createDraft } from '../../../src/testing/ledger/draft.js'
import { showValue } from '../../../src/testing/value.js'
import { type Parts, soundParts } from '../../support/ledger/table-ledger.js'
import {
  applyAs,
  callAs,
  claimAs,
  countAs,
  countBy,
  createBySelf,
  createCounting,
  createFreezing,
  createLoner,
  createSumCache,
  createTrusting,
  double,
  findAs,
  isNew,
  isRefused,
  openAs,
  round,
  tellAs,
  toPresentation,
  transactAtOnce,
  withKey,
} from './mistakes.js'

/** A ledger with one mistake, and a case that refuses it. */
export type BrokenLedger = {
  readonly mistake: string
  /** What must be handed in for the mistake to be seen. */
  readonly needs?: 'openAgain' | 'crash'
  /** Made anew for each handle. */
  readonly parts: () => Partial<Parts>
  readonly refusedBy: string
}

/** Every mistake that we could think of. */
export const brokenLedgers: readonly BrokenLedger[] = [
  {
    mistake: 'is not atomic',
    parts: () => ({ transact: transactAtOnce }),
    refusedBy: 'reserve: lets exactly ten of 100 concurrent payments of $1 through a cap of $10',
  },
  {
    mistake: 'claims twice when asked twice at once',
    parts: () => ({ transact: transactAtOnce }),
    refusedBy: 'claim: gives a lost payment to one of many concurrent askers, and tells the others that it is claimed',
  },
  {
    mistake: 'lets two events that exclude each other happen',
    parts: () => ({ transact: transactAtOnce }),
    refusedBy: 'note: of many concurrent ones that exclude each other, lets one happen',
  },
  {
    mistake: 'lets two puts win',
    parts: () => ({ transact: transactAtOnce }),
    refusedBy: 'register: of many concurrent puts exactly one wins',
  },
  {
    mistake: 'asks whether a purchase is under way before it is its turn',
    parts: () => ({ transact: transactAtOnce }),
    refusedBy: 'reserve: of many concurrent askers under one key, one gets it and the others are told which',
  },
  {
    mistake: 'forgets the hold when a 402 comes again',
    parts: () => countAs((payment) => (payment.sellerSaid === undefined ? [payment] : [])),
    refusedBy: 'spent: keeps counting what was sent, whatever the seller said',
  },
  {
    mistake: 'lets a clock that is set back free money',
    parts: () => tellAs(({ nowSeconds }) => ({ atSeconds: nowSeconds })),
    refusedBy: 'windows: free nothing when the clock is set back',
  },
  {
    mistake: 'takes the later of its clock and its newest payment for the time',
    parts: () =>
      tellAs(({ nowSeconds }, payments) => {
        const atSeconds = Math.max(nowSeconds, payments.at(-1)?.atSeconds ?? 0)
        return { nowSeconds: atSeconds, atSeconds, counted: payments, value: undefined }
      }),
    refusedBy: 'windows: go on by the clock once it was put right, though it had been a year ahead',
  },
  {
    mistake: 'counts nothing that was reserved by a later time than the clock says',
    parts: () =>
      tellAs(({ nowSeconds }, payments) => ({ counted: payments.filter(({ atSeconds }) => atSeconds <= nowSeconds) })),
    refusedBy:
      'windows: count what a clock that was a year ahead reserved, for a whole window from when it was put right',
  },
  {
    mistake: 'ages payments by its newest one where that is a little ahead of the clock',
    parts: () => tellAs(({ atSeconds }) => ({ nowSeconds: atSeconds })),
    refusedBy: 'windows: count what was reserved before the clock ran ahead for a while',
  },
  {
    mistake: 'ages what was reserved while the clock was set back by what it said then',
    parts: () => tellAs(({ change }, payments) => (change === 'rise' ? { counted: payments, value: undefined } : {})),
    refusedBy: 'windows: free nothing when a clock that was set back by a day is right again',
  },
  {
    mistake: 'forgets that its clock has fallen',
    parts: () => tellAs(() => ({ value: undefined })),
    refusedBy: 'windows: go on by the clock once it was put right, though it had been a year ahead',
  },
  {
    mistake: 'claims twice',
    parts: () => ({ toClaimed: (payment) => ({ ...payment, claimed: false }) }),
    refusedBy: 'claim: asked twice takes the payment once, and one that is freed twice is free',
  },
  {
    mistake: 'keeps a claim when something happens',
    parts: () => applyAs((_, { claimed }) => ({ claimed })),
    refusedBy: 'claim: ends with whatever happens next, or when it is given up',
  },
  {
    mistake: 'hands out a payment of another payer',
    parts: () => claimAs((payment, { payers }) => ({ ...payment, payer: payers[0] })),
    refusedBy: 'claim: by another payer comes to foreign',
  },
  {
    mistake: 'hands out a payment of another purchase',
    parts: () => claimAs((payment, { purchase }) => callAs(payment, { purchase })),
    refusedBy: 'claim: of another purchase comes to nothing',
  },
  {
    mistake: 'hands out a payment that was delivered',
    parts: () =>
      claimAs((payment) => ({ ...payment, delivery: payment.delivery === 'delivered' ? 'lost' : payment.delivery })),
    refusedBy: 'claim: of a payment that is delivered gives nothing',
  },
  {
    mistake: 'hands out a payment that was delivered and settled',
    parts: () =>
      claimAs((payment) => ({ ...payment, delivery: payment.delivery === 'delivered' ? 'lost' : payment.delivery })),
    refusedBy: 'claim: gives nothing once it was delivered',
  },
  {
    mistake: 'closes a purchase for good after a 4xx',
    parts: () =>
      claimAs((payment) => ({
        ...payment,
        delivery: payment.delivery === 'answered' ? 'delivered' : payment.delivery,
      })),
    refusedBy: 'claim: of a payment that is answered gives it',
  },
  {
    mistake: 'keeps a purchase open for ever',
    parts: () => claimAs((payment) => ({ ...payment, validUntilSeconds: undefined })),
    refusedBy: 'claim: of a payment that was lost, ten minutes after its end, comes to nothing, and names it as over',
  },
  {
    mistake: 'takes every purchase for over once its payment has ended',
    parts: () =>
      claimAs((payment) => ({ ...payment, atSeconds: 0, validUntilSeconds: payment.validUntilSeconds && 0 })),
    refusedBy: 'claim: of a payment that was lost, less than ten minutes after its end, comes to the payment',
  },
  {
    mistake: 'forgets that the caller named a purchase by a key',
    parts: () => claimAs((payment) => callAs(payment, { isKeyed: false })),
    refusedBy: 'claim: of another buyer whose payment named its purchase by a key comes to nothing',
  },
  {
    mistake: 'forgets what the payment was answered with',
    parts: () => claimAs((payment) => ({ ...payment, status: undefined })),
    refusedBy: 'claim: with the next credential after a 401 comes to yours',
  },
  {
    mistake: 'leaves a payment with the credential that was refused',
    parts: () => applyAs((_, { call }) => ({ call })),
    refusedBy: 'note: sent under another name makes the payment that of the next credential, also once it is lost',
  },
  {
    mistake: 'hands out what was given up',
    parts: () => claimAs((payment) => ({ ...payment, forgotten: false })),
    refusedBy: 'claim: of a payment that is lost and given up gives nothing',
  },
  {
    mistake: 'hands out the oldest of several lost payments',
    parts: () => ({ toClaim: (payments, claimant) => soundParts.toClaim([...payments].reverse(), claimant) }),
    refusedBy: 'claim: of several lost payments gives each once, the one that was reserved last first',
  },
  {
    mistake: 'sees no other buyer of the same',
    parts: () => claimAs((payment) => callAs(payment, { coarse: undefined })),
    refusedBy: 'claim: of another buyer of the same comes to foreign',
  },
  {
    mistake: 'hands out a payment that waits for its response',
    parts: () =>
      claimAs((payment) => ({ ...payment, delivery: payment.delivery === 'none' ? 'lost' : payment.delivery })),
    refusedBy: 'claim: of a payment that is sent gives nothing',
  },
  {
    mistake: 'hands out nothing',
    parts: () => ({ toClaim: () => ({ is: 'nothing', over: [] }) }),
    refusedBy: 'claim: of a payment that is settled and lost gives it',
  },
  {
    mistake: 'hands out payments that were never sent or are released',
    parts: () => claimAs((payment) => ({ ...payment, state: 'sent', delivery: 'lost' })),
    refusedBy: 'claim: of a payment that is lost and released gives nothing',
  },
  {
    mistake: 'keeps presentations of delivered payments',
    parts: () => applyAs((_, before, event) => ({ presentation: toPresentation(before, event) })),
    refusedBy: 'note: forgets the signed payment, and what it would be presented by, once it is delivered',
  },
  {
    mistake: 'keeps presentations of settled payments',
    parts: () => applyAs((_, before, event) => ({ presentation: toPresentation(before, event) })),
    refusedBy: 'note: forgets the signed payment, and what it would be presented by, once it is settled and delivered',
  },
  {
    mistake: 'keeps what released payments would be presented by',
    parts: () => applyAs((_, { terms }) => ({ terms })),
    refusedBy: 'note: forgets the signed payment, and what it would be presented by, once it is released',
  },
  {
    mistake: 'forgets presentations while their response is lost',
    parts: () =>
      applyAs(({ delivery, presentation }) => ({ presentation: delivery === 'lost' ? undefined : presentation })),
    refusedBy: 'claim: hands out what has to be presented',
  },
  {
    mistake: 'counts released payments',
    parts: () => countAs((payment) => [{ ...payment, state: payment.state === 'released' ? 'sent' : payment.state }]),
    refusedBy: 'spent: gives back what was released, and only that',
  },
  {
    mistake: 'counts settled payments as held',
    parts: () => countAs((payment) => [{ ...payment, state: payment.state === 'settled' ? 'sent' : payment.state }]),
    refusedBy: 'spent: a payment that is settled counts 0 held, 1 spent, 1 payments',
  },
  {
    mistake: 'counts payments only once they are sent',
    parts: () => countAs((payment) => (payment.state === 'reserved' ? [] : [payment])),
    refusedBy: 'spent: a payment that is reserved counts 1 held, 0 spent, 1 payments',
  },
  {
    mistake: 'counts nothing once it is given up',
    parts: () => countAs((payment) => (payment.forgotten ? [] : [payment])),
    refusedBy: 'spent: a payment that is given up counts 1 held, 0 spent, 1 payments',
  },
  {
    mistake: 'counts nothing once it is delivered',
    parts: () => countAs((payment) => (payment.delivery === 'delivered' ? [] : [payment])),
    refusedBy: 'spent: a payment that is delivered counts 1 held, 0 spent, 1 payments',
  },
  {
    mistake: 'counts nothing while its response is lost',
    parts: () => countAs((payment) => (payment.delivery === 'lost' ? [] : [payment])),
    refusedBy: 'spent: a payment that is lost counts 1 held, 0 spent, 1 payments',
  },
  {
    mistake: 'loses what is not told again',
    parts: () => applyAs((_, __, event) => ({ nonce: 'nonce' in event ? event.nonce : undefined })),
    refusedBy: 'note: adds what is learned, and keeps what is not told again',
  },
  {
    mistake: 'loses what was signed when it is sent again',
    parts: () => applyAs((after, _, event) => (event.type === 'sent' ? { presentation: event.presentation } : after)),
    refusedBy: 'note: keeps what was signed when it is sent again, without it',
  },
  {
    mistake: 'forgets what was signed along with a payment once it is over',
    parts: () =>
      applyAs(({ delivery, allowances }) => ({ allowances: delivery === 'delivered' ? undefined : allowances })),
    refusedBy: 'note: keeps what was signed along with the payment',
  },
  {
    mistake: 'forgets what was sent to cancel it',
    parts: () =>
      applyAs((after, _, event) => ({ cancellation: event.type === 'canceling' ? after.cancellation : undefined })),
    refusedBy: 'note: keeps what was sent to cancel the payment',
  },
  {
    mistake: 'keeps the first word on a transaction',
    parts: () => applyAs((after, before) => ({ transaction: before.transaction ?? after.transaction })),
    refusedBy: 'note: lets later words replace earlier ones',
  },
  {
    mistake: 'ignores what was really charged',
    parts: () => applyAs((_, { charges }) => ({ charges })),
    refusedBy: 'spent: stays exact over all that happens to a payment, told once and told again',
  },
  {
    mistake: 'ignores what was signed',
    parts: () => applyAs((after, { charges }, event) => ({ charges: event.type === 'sent' ? charges : after.charges })),
    refusedBy: 'spent: counts what was signed, where that is less than was reserved',
  },
  {
    mistake: 'counts an event twice that is told twice',
    parts: () =>
      applyAs((after, before) => (after.state === 'settled' && before.state === 'settled' ? double(after) : {})),
    refusedBy: 'spent: stays exact over all that happens to a payment, told once and told again',
  },
  {
    mistake: 'lets what was released be sent',
    parts: () => ({
      apply: (payment, event) => apply(event.type === 'sent' ? { ...payment, state: 'reserved' } : payment, event),
    }),
    refusedBy: 'note: whatever happens to a payment that is released, it is what apply says, once and done again',
  },
  {
    mistake: 'lets what was settled be released',
    parts: () => ({
      apply: (payment, event) => apply(event.type === 'released' ? { ...payment, state: 'sent' } : payment, event),
    }),
    refusedBy: 'note: whatever happens to a payment that is settled, it is what apply says, once and done again',
  },
  {
    mistake: 'lets a delivered payment become lost',
    parts: () => applyAs((after, _, event) => (event.type === 'lost' ? { delivery: 'lost' } : after)),
    refusedBy: 'note: lets nothing undo a delivery',
  },
  {
    mistake: 'lets a delivered payment be sent again',
    parts: () => ({
      apply: (payment, event) => apply(event.type === 'sent' ? { ...payment, delivery: 'none' } : payment, event),
    }),
    refusedBy:
      'note: whatever happens to a payment that is settled and delivered, it is what apply says, once and done again',
  },
  {
    mistake: 'lets a payment be sent without its signature',
    parts: () => ({
      apply: (payment, event) => (event.type === 'sent' ? { ...payment, state: 'sent' } : apply(payment, event)),
    }),
    refusedBy:
      'error: LEDGER_CONFLICT of a reserved payment that is to be sent without its signature says that the money is signed',
  },
  {
    mistake: 'ignores in silence what can not have happened',
    parts: () => ({
      apply(payment, event) {
        const after = apply(payment, event)
        return 'conflict' in after ? payment : after
      },
    }),
    refusedBy: 'error: LEDGER_CONFLICT of a settled payment that is to be released says that the money is settled',
  },
  {
    mistake: 'refuses an event that is told twice',
    parts: () => ({
      apply: (payment, event) =>
        payment.state === 'released' ? { conflict: payment.state, event: event.type } : apply(payment, event),
    }),
    refusedBy:
      'note: whatever happens to a payment that is released after it was lost, it is what apply says, once and done again',
  },
  {
    mistake: 'refuses everything',
    parts: () => ({ apply: ({ state }, event) => ({ conflict: state, event: event.type }) }),
    refusedBy: 'spent: a payment that is sent counts 1 held, 0 spent, 1 payments',
  },
  {
    mistake: 'says of each conflict that the money is untouched',
    parts: () => ({
      refuseConflict: (id, { event }) =>
        createConflict(id, { conflict: 'reserved', event: event === 'sent' ? 'lost' : event }),
    }),
    refusedBy: 'error: LEDGER_CONFLICT of a released payment that is to be sent says that the money is signed',
  },
  {
    mistake: 'says of each conflict that the money is released',
    parts: () => ({
      refuseConflict: (id, { event }) =>
        createConflict(id, { conflict: 'released', event: event === 'sent' ? 'lost' : event }),
    }),
    refusedBy: 'error: LEDGER_CONFLICT of a reserved payment that is to be settled says that the money is untouched',
  },
  {
    mistake: 'ignores what happens to a payment that it does not have',
    parts: () => ({ refuseUnknown: () => openPayment(createDraft(), 'x', 0) }),
    refusedBy: 'error: LEDGER_UNKNOWN_RECORD when the payment is not in the ledger, and the money is in doubt',
  },
  {
    mistake: 'fails with an error of its own where the payment is unknown',
    parts: () => ({
      refuseUnknown(id) {
        throw new RangeError(`no row ${id}`)
      },
    }),
    refusedBy: 'error: LEDGER_UNKNOWN_RECORD when the payment is not in the ledger, and the money is in doubt',
  },
  {
    mistake: 'keeps amounts as numbers',
    parts: () => openAs(({ charges }) => ({ charges: round(charges) })),
    refusedBy: 'reserve: keeps amounts exact beyond what a number holds',
  },
  {
    mistake: 'keeps amounts as numbers once they are settled',
    parts: () => applyAs(({ charges }, _, event) => (event.type === 'settled' ? { charges: round(charges) } : {})),
    refusedBy: 'note: keeps amounts exact beyond what a number holds',
  },
  {
    mistake: 'lets a payment count a second too long',
    parts: () => countAs((payment) => [{ ...payment, atSeconds: payment.atSeconds + 1 }]),
    refusedBy: 'windows: let a payment count until its window has gone by, to the second',
  },
  {
    mistake: 'counts a month for ever',
    parts: () => countBy(({ monthIn: _, ...cap }) => cap),
    refusedBy: 'months: let a payment count until its month is over, to the second',
  },
  {
    mistake: 'takes a month for thirty days',
    parts: () =>
      countBy(({ monthIn, ...cap }) => (monthIn === undefined ? cap : { ...cap, windowSeconds: 30 * 86_400 })),
    refusedBy: 'months: start over instead of rolling',
  },
  {
    mistake: 'takes every month for one of UTC',
    parts: () => countBy(({ monthIn, ...cap }) => ({ ...cap, ...(monthIn !== undefined && { monthIn: 'UTC' }) })),
    refusedBy: 'months: begin and end by the clocks of their zone, in winter and in summer',
  },
  {
    mistake: 'has one sum for the months of all zones',
    parts: () => createSumCache(({ unit, scope, windowSeconds }) => showValue([unit, scope, windowSeconds])),
    refusedBy: 'months: of two zones are counted side by side',
  },
  {
    mistake: 'is in the month that the clock of who asks is in',
    parts: createTrusting,
    refusedBy: 'months: go by the clock of the ledger, whatever the clock of who asks says',
  },
  {
    mistake: 'counts a payment from when it was settled',
    parts: () => countAs((payment, now) => [payment.state === 'settled' ? { ...payment, atSeconds: now } : payment]),
    refusedBy: 'months: count a payment in the month in which it was reserved, whatever became of it since',
  },
  {
    mistake: 'deletes payments after a year',
    parts: () => countAs((payment, now) => (payment.atSeconds < now - 365 * 86_400 ? [] : [payment])),
    refusedBy: 'windows: never end for a cap without one',
  },
  {
    mistake: 'writes a payment down that it refuses',
    parts: () => ({
      transact: (table, decide) =>
        soundParts.transact(table, (contents) => {
          const result = decide(contents)
          if (isRefused(result)) contents.rows.push(openPayment(createDraft(), `refused ${contents.rows.length}`, 0))
          return result
        }),
    }),
    refusedBy: 'reserve: writes nothing when one of several caps refuses',
  },
  {
    mistake: 'writes a payment down while another is in the way',
    parts: () => ({
      transact: (table, decide) =>
        soundParts.transact(table, (contents) => {
          const result = decide(contents)
          if (isRefused(result)) contents.rows.push(openPayment(createDraft(), `refused ${contents.rows.length}`, 0))
          return result
        }),
    }),
    refusedBy: 'reserve: writes and takes nothing when a payment is in the way',
  },
  {
    mistake: 'asks the first cap only',
    parts: () => ({ findFull: (draft, [cap], read) => soundParts.findFull(draft, cap ? [cap] : [], read) }),
    refusedBy: 'reserve: names the cap that refuses, and what counts against it',
  },
  {
    mistake: 'lets a cap be passed by the payment that reaches it',
    parts: () => ({
      findFull: (draft, caps, read) =>
        soundParts.findFull(
          draft,
          caps.map((cap) => ({ ...cap, amount: cap.amount && cap.amount + 1n })),
          read,
        ),
    }),
    refusedBy: 'reserve: lets through what a cap allows, to the last unit',
  },
  {
    mistake: 'asks caps about payments of other sellers',
    parts: () => ({
      findFull: (draft, caps, read) =>
        soundParts.findFull(
          draft,
          caps.map((cap) => ({ ...cap, scope: {} })),
          read,
        ),
    }),
    refusedBy: 'reserve: asks a cap only about payments in its scope',
  },
  {
    mistake: 'counts a resource by the address that asks to be paid',
    parts: () => countAs((payment) => [callAs(payment, { asked: undefined })]),
    refusedBy:
      'spent: with scope { resource: "GET /moved" } counts 0 of four payments, asked for before and after they are made',
  },
  {
    mistake: 'never asks a cap of a resource about a caller that was sent elsewhere',
    parts: () => ({
      findFull: (draft, caps, read) =>
        soundParts.findFull({ ...draft, call: { ...draft.call, asked: undefined } }, caps, read),
    }),
    refusedBy:
      'reserve: lets one resource be paid for once where a cap allows one payment for it, and again once that is released',
  },
  {
    mistake: 'forgets for which resource it counts',
    parts: () => ({
      countAgainst: (cap, ...rest) =>
        soundParts.countAgainst({ ...cap, scope: { ...cap.scope, resource: undefined } }, ...rest),
    }),
    refusedBy:
      'spent: with scope { resource: "GET /b" } counts 1 of four payments, asked for before and after they are made',
  },
  {
    mistake: 'tells two spellings of one payTo apart',
    parts: () => ({
      countAgainst(cap, payments, now) {
        const { payTo } = cap.scope
        const same = [...payments].filter(({ terms }) => payTo === undefined || terms.payTo === payTo)
        return soundParts.countAgainst(cap, same, now)
      },
    }),
    refusedBy:
      'spent: with scope { payTo: "0xAA" } counts 2 of four payments, asked for before and after they are made',
  },
  {
    mistake: 'gives two payments one id',
    parts: () => ({ createId: (_, rows) => `payment-${rows.length % 50}` }),
    refusedBy: 'reserve: gives each payment an id of its own, whatever became of those before',
  },
  {
    mistake: 'gives the id of a released payment again',
    parts: () => ({ createId: (_, rows) => `payment-${rows.filter(({ state }) => state !== 'released').length}` }),
    refusedBy: 'reserve: gives each payment an id of its own, whatever became of those before',
  },
  {
    mistake: 'returns the draft in place of the payment',
    parts: () => ({
      transact: (table, decide) =>
        soundParts.transact(table, (contents) => {
          const result = decide(contents)
          return isNew(result) ? { ...result, call: { ...result.call, tags: [] } } : result
        }),
    }),
    refusedBy: 'reserve: returns the payment as it is listed',
  },
  {
    mistake: 'lists the oldest first',
    parts: () => ({ toListed: (payments, after) => soundParts.toListed(payments, after).toReversed() }),
    refusedBy: 'list: shows 260 payments, each once, the newest first, while others are added and settled',
  },
  {
    mistake: 'loses the order of long lists',
    parts: () => ({
      toListed: (payments, after) => {
        const listed = soundParts.toListed(payments, after)
        return [...listed.slice(0, 250), ...listed.slice(250).toReversed()]
      },
    }),
    refusedBy: 'list: shows 260 payments, each once, the newest first, while others are added and settled',
  },
  {
    mistake: 'lists 250 payments and no more',
    parts: () => ({ toListed: (payments, after) => soundParts.toListed(payments.slice(-250), after) }),
    refusedBy: 'list: goes on after a payment, so that 260 are read page by page while others are added',
  },
  {
    mistake: 'begins each page anew',
    parts: () => ({ toListed: (payments) => soundParts.toListed(payments, undefined) }),
    refusedBy: 'list: goes on after a payment that the chain may still tell of, whatever became of those before',
  },
  {
    mistake: 'overlooks states in a filter',
    parts: () => ({ isListed: (payment, { states: _, ...filter }) => soundParts.isListed(payment, filter) }),
    refusedBy: 'list: by states sent shows 2 of five payments',
  },
  {
    mistake: 'overlooks delivery in a filter',
    parts: () => ({ isListed: (payment, { delivery: _, ...filter }) => soundParts.isListed(payment, filter) }),
    refusedBy: 'list: by delivery lost shows 1 of five payments',
  },
  {
    mistake: 'overlooks host in a filter',
    parts: () => ({ isListed: (payment, { host: _, ...filter }) => soundParts.isListed(payment, filter) }),
    refusedBy: 'list: by one host shows 2 of five payments',
  },
  {
    mistake: 'overlooks tag in a filter',
    parts: () => ({ isListed: (payment, { tag: _, ...filter }) => soundParts.isListed(payment, filter) }),
    refusedBy: 'list: by one tag shows 2 of five payments',
  },
  {
    mistake: 'overlooks from in a filter',
    parts: () => ({ isListed: (payment, { from: _, ...filter }) => soundParts.isListed(payment, filter) }),
    refusedBy: 'list: by a time from which shows 3 of five payments',
  },
  {
    mistake: 'overlooks to in a filter',
    parts: () => ({ isListed: (payment, { to: _, ...filter }) => soundParts.isListed(payment, filter) }),
    refusedBy: 'list: by a time until which shows 2 of five payments',
  },
  {
    mistake: 'overlooks unresolved in a filter',
    parts: () => ({ isListed: (payment, { unresolved: _, ...filter }) => soundParts.isListed(payment, filter) }),
    refusedBy: 'list: by what the chain may still tell shows 3 of five payments',
  },
  {
    mistake: 'hands out its own payments, which anybody can change',
    parts: () => ({
      openPayment: (...given) => structuredClone(openPayment(...given)),
      apply: (...given) => structuredClone(apply(...given)),
      toListed: (payments) => payments.toReversed(),
    }),
    refusedBy: 'list: shows payments that change nothing when they are changed',
  },
  {
    mistake: 'changes the payments that it handed out',
    parts: () => ({
      openPayment: (...given) => ({ ...openPayment(...given) }),
      apply: (payment, event) => Object.assign(payment, apply(payment, event)),
      toListed: (payments) => payments.toReversed(),
    }),
    refusedBy: 'list: shows payments that stay as they were when something happens to them',
  },
  {
    mistake: 'forgets that nothing could read what was signed',
    parts: () => openAs(({ exposure }) => ({ exposure: exposure === 'unread' ? 0n : exposure })),
    refusedBy: 'list: shows that nothing could read what was signed',
  },
  {
    mistake: "keeps the caller's own lists",
    parts: () => ({
      openPayment: (draft, ...given) => ({
        ...openPayment(draft, ...given),
        call: draft.call,
        charges: draft.charges,
      }),
    }),
    refusedBy: 'reserve: keeps its own copy of what it counts by',
  },
  {
    mistake: 'forgets what was bought',
    parts: () => openAs(({ call }) => ({ call: { ...call, resource: '' } })),
    refusedBy: 'list: shows a payment as it was reserved',
  },
  {
    mistake: 'promises what nobody knows',
    parts: () => ({ guarantee: String('galaxy') as Parts['guarantee'] }),
    refusedBy: 'guarantee: says how far the promises reach',
  },
  {
    mistake: 'can not be left before its end',
    parts: () => ({
      toListed: (payments) => soundParts.toListed(payments.slice(0, -1), undefined),
    }),
    refusedBy: 'list: can be left before its end',
  },
  {
    mistake: 'counts as spent what is still on its way',
    parts: () => countAs((payment) => [{ ...payment, state: payment.state === 'sent' ? 'settled' : payment.state }]),
    refusedBy: 'spent: a payment that is sent counts 1 held, 0 spent, 1 payments',
  },
  {
    mistake: 'counts payments that cost nothing in the unit',
    parts: () => ({
      countAgainst(cap, payments, nowSeconds) {
        const nothing = { unit: cap.unit, amount: 0n }
        const charged = [...payments].map((payment) => ({ ...payment, charges: [...payment.charges, nothing] }))
        return soundParts.countAgainst(cap, charged, nowSeconds)
      },
    }),
    refusedBy: 'spent: counts neither amount nor payment where there is no charge in the unit',
  },
  {
    mistake: 'counts the payments of all sellers',
    parts: () => ({ countAgainst: (cap, ...rest) => soundParts.countAgainst({ ...cap, scope: {} }, ...rest) }),
    refusedBy:
      'spent: with scope { host: "c.example" } counts 0 of four payments, asked for before and after they are made',
  },
  {
    mistake: 'forgets what was taken when it is not told again',
    parts: () => applyAs((_, __, event) => ({ charged: 'charged' in event ? event.charged : undefined })),
    refusedBy: 'note: keeps what was taken when later events say nothing of it',
  },
  {
    mistake: 'keeps nowhere what was taken',
    parts: () => applyAs(() => ({ charged: undefined })),
    refusedBy: 'note: keeps what the chain says was taken, and counts the charges that came with it',
  },
  {
    mistake: 'lowers nothing once a payment is settled',
    parts: () => applyAs((after, before) => ({ charges: before.state === 'settled' ? before.charges : after.charges })),
    refusedBy: 'note: lowers what a settled payment counts, and leaves it settled and delivered',
  },
  {
    mistake: 'lets purchases be made while one is open',
    parts: () => ({ findOpen: () => undefined }),
    refusedBy: 'reserve: without a key, while a payment of the purchase is lost, is refused: open',
  },
  {
    mistake: 'lets a key be paid for twice at once',
    parts: () =>
      findAs((payment) => ({
        ...payment,
        delivery: payment.delivery === 'none' ? 'delivered' : payment.delivery,
        state: payment.delivery === 'none' ? 'sent' : payment.state,
      })),
    refusedBy: 'reserve: under a key, while a payment of the purchase is reserved, is refused: under-way',
  },
  {
    mistake: 'refuses a purchase because an equal one without a key is in flight',
    parts: () => ({
      findOpen: (payments, claimant) => soundParts.findOpen([...payments].map(withKey), { ...claimant, isKeyed: true }),
    }),
    refusedBy: 'reserve: of many concurrent askers without a key, all get one, since two equal calls are two purchases',
  },
  {
    mistake: 'forgets that a key was bought',
    parts: () => findAs((payment) => callAs(payment, { purchaseForSeconds: undefined })),
    refusedBy: 'reserve: under a key that was bought is refused to its last second, and done after that',
  },
  {
    mistake: 'never sells again under a key that was bought',
    parts: () => findAs((payment) => callAs(payment, { purchaseForSeconds: payment.call.purchaseForSeconds && 1e10 })),
    refusedBy: 'reserve: under a key that was bought is refused to its last second, and done after that',
  },
  {
    mistake: 'does not say that a key was bought',
    parts: () => claimAs((payment) => callAs(payment, { purchaseForSeconds: undefined })),
    refusedBy: 'reserve: under a key that was bought is refused, however many payments came after it',
  },
  {
    mistake: 'takes a claimed payment for none',
    parts: () => findAs((payment) => ({ ...payment, forgotten: payment.claimed })),
    refusedBy: 'reserve: is refused while the payment of its purchase is presented again by another call',
  },
  {
    mistake: 'does not say that it is claimed',
    parts: () => findAs((payment) => ({ ...payment, claimed: false })),
    refusedBy: 'reserve: is refused while the payment of its purchase is presented again by another call',
  },
  {
    mistake: 'takes a purchase whose response is lost for one that is over',
    parts: () => findAs((payment) => ({ ...payment, forgotten: payment.delivery === 'lost' })),
    refusedBy: 'reserve: without a key, while a payment of the purchase is settled and lost, is refused: open',
  },
  {
    mistake: 'takes a purchase that was answered for one that is over',
    parts: () => findAs((payment) => ({ ...payment, forgotten: payment.delivery === 'answered' })),
    refusedBy: 'reserve: without a key, while a payment of the purchase is answered, is refused: open',
  },
  {
    mistake: 'sells a purchase once in all time',
    parts: () => findAs((payment) => ({ ...payment, state: 'sent', delivery: 'lost', forgotten: false })),
    refusedBy: 'reserve: without a key, while a payment of the purchase is settled and delivered, is done',
  },
  {
    mistake: 'takes all purchases for one',
    parts: () => findAs((payment, { purchase }) => callAs(payment, { purchase })),
    refusedBy: 'reserve: of another purchase of the same host next to a lost payment is done',
  },
  {
    mistake: 'sees no foreign loss',
    parts: () => findAs((payment) => callAs(payment, { coarse: undefined })),
    refusedBy: 'reserve: of another buyer of the same next to a lost payment is refused: foreign',
  },
  {
    mistake: 'pays for anybody',
    parts: () => findAs((payment) => ({ ...payment, payer: undefined })),
    refusedBy: 'reserve: of another account next to a lost payment is refused: foreign',
  },
  {
    mistake: 'keeps a foreign loss for ever',
    parts: () => findAs((payment) => ({ ...payment, validUntilSeconds: undefined, atSeconds: 1e12 })),
    refusedBy: 'reserve: of another buyer, once the payment can’t be taken, next to a lost payment is done',
  },
  {
    mistake: 'keeps a lost purchase from being bought for ever',
    parts: () => findAs((payment) => ({ ...payment, validUntilSeconds: undefined })),
    refusedBy: 'reserve: of a buyer after its end next to a lost payment is done',
  },
  {
    mistake: 'lets a purchase be made again as soon as its payment has ended',
    parts: () => findAs((payment) => ({ ...payment, validUntilSeconds: payment.validUntilSeconds && 0 })),
    refusedBy: 'reserve: of a buyer just before its end next to a lost payment is refused: open',
  },
  {
    mistake: 'tells buyers apart by nothing',
    parts: () => ({
      findOpen: (payments, { coarse = 'weather', ...claimant }) =>
        soundParts.findOpen(payments, { ...claimant, coarse }),
    }),
    refusedBy: 'reserve: of another buyer who is told apart by each header next to a lost payment is done',
  },
  {
    mistake: 'takes a key for a request',
    parts: () => ({ findOpen: (payments, claimant) => soundParts.findOpen(payments, { ...claimant, isKeyed: false }) }),
    refusedBy: 'reserve: of another buyer under a key next to a lost payment is done',
  },
  {
    mistake: 'forgets what a person agreed to',
    parts: () => ({ findOpen: (payments, { insteadOf: _, ...claimant }) => soundParts.findOpen(payments, claimant) }),
    refusedBy: 'reserve: is done in place of a payment that a person agreed to pay for again, and of no other',
  },
  {
    mistake: 'lets a purchase be made again when its window has gone by',
    parts: () => findAs((payment) => ({ ...payment, forgotten: payment.charges.length === 0 })),
    refusedBy: 'reserve: asks neither when the open payment was made nor what it costs',
  },
  {
    mistake: 'ignores the pin',
    parts: () => ({ findPin: () => undefined }),
    refusedBy: 'pin: a payment to another address is refused once the first is sent',
  },
  {
    mistake: 'pins all, even where no one asked for it',
    parts: () => ({ findPin: (draft, rows) => soundParts.findPin({ ...draft, isPinned: true }, rows) }),
    refusedBy: 'pin: a payment to another address is done where no one asked for the pin',
  },
  {
    mistake: 'pins to a payment that was released',
    parts: () => ({
      findPin: (draft, rows) =>
        soundParts.findPin(
          draft,
          rows.map((row) => ({ ...row, state: 'sent' })),
        ),
    }),
    refusedBy: 'pin: a payment to another address is done once the first is released',
  },
  {
    mistake: 'pins to a payment that a restricted client lost',
    parts: () => ({
      findPin: (draft, rows) =>
        soundParts.findPin(
          draft,
          rows.map((row) => (row.delivery === 'lost' ? { ...row, delivery: 'none' } : row)),
        ),
    }),
    refusedBy: 'pin: a payment to another address is done once the first was lost by a restricted client',
  },
  {
    mistake: 'pins to what was sent only',
    parts: () => ({
      findPin: (draft, rows) =>
        soundParts.findPin(
          draft,
          rows.filter(({ state }) => state !== 'reserved'),
        ),
    }),
    refusedBy: 'pin: a payment to another address is refused while the first is reserved',
  },
  {
    mistake: 'pins while a payment is under way',
    parts: () => ({
      findPin: (draft, rows) =>
        soundParts.findPin(
          draft,
          rows.filter(({ delivery }) => delivery === 'none'),
        ),
    }),
    refusedBy: 'pin: a payment to another address is refused once the first is delivered and settled',
  },
  {
    mistake: 'pins all origins to one address',
    parts: () => ({
      findPin: (draft, rows) =>
        soundParts.findPin(
          draft,
          rows.map((row) => callAs(row, { origin: draft.call.origin })),
        ),
    }),
    refusedBy: 'pin: a payment to another address is done for another origin',
  },
  {
    mistake: 'pins hosts in place of origins',
    parts: () => ({
      findPin: (draft, rows) =>
        soundParts.findPin(
          draft,
          rows.filter(({ call }) => call.host === draft.call.host),
        ),
    }),
    refusedBy: 'pin: a payment to another address is refused for the same origin under another host',
  },
  {
    mistake: 'pins all namespaces of networks to one address',
    parts: () => ({
      findPin: (draft, rows) =>
        soundParts.findPin(
          draft,
          rows.map((row) => ({ ...row, terms: { ...row.terms, network: draft.terms.network } })),
        ),
    }),
    refusedBy: 'pin: a payment to another address is done in another namespace of networks',
  },
  {
    mistake: 'pins each network by itself',
    parts: () => ({
      findPin: (draft, rows) =>
        soundParts.findPin(
          draft,
          rows.filter(({ terms }) => terms.network === draft.terms.network),
        ),
    }),
    refusedBy: 'pin: a payment to another address is refused on another network of the namespace',
  },
  {
    mistake: 'pins payments of an unknown origin',
    parts: () => ({
      findPin: (draft, rows) =>
        soundParts.findPin(
          callAs(draft, { origin: draft.call.origin || '-' }),
          rows.map((row) => callAs(row, { origin: row.call.origin || '-' })),
        ),
    }),
    refusedBy: 'pin: a payment to another address is done where the origin is unknown',
  },
  {
    mistake: 'keeps the pin of a payment that was released, while others go to its address',
    parts: () => ({
      findPin: (draft, rows) => {
        const isPaid = (payTo: string) => rows.some(({ state, terms }) => state !== 'released' && terms.payTo === payTo)
        return soundParts.findPin(
          draft,
          rows.map((row) => (isPaid(row.terms.payTo) ? { ...row, state: 'sent' } : row)),
        )
      },
    }),
    refusedBy: 'pin: goes on to the next payment that was not released, once the first is',
  },
  {
    mistake: 'pins to the last address',
    parts: () => ({ findPin: (draft, rows) => soundParts.findPin(draft, rows.toReversed()) }),
    refusedBy: 'pin: holds for the first address that was not released, in any case of hexadecimal letters',
  },
  {
    mistake: 'forgets that it is frozen',
    parts: () => ({ findFrozen: () => undefined }),
    refusedBy: 'frozen: whatever the register holds under FREEZE refuses every reserve, until it is taken out',
  },
  {
    mistake: 'takes a freeze that is false for none',
    parts: () => ({ findFrozen: (register) => soundParts.findFrozen(register) || undefined }),
    refusedBy: 'frozen: whatever the register holds under FREEZE refuses every reserve, until it is taken out',
  },
  {
    mistake: 'notes nothing while it is frozen',
    parts: () => createFreezing(),
    refusedBy: 'frozen: keeps no one from noting what happens to payments that left',
  },
  {
    mistake: 'forgets that limits were replaced',
    parts: () => ({ isUnderOtherLimits: () => false }),
    refusedBy: 'limits: those of the register refuse every payment that was judged by others, until they are known',
  },
  {
    mistake: 'goes on under limits that were taken away',
    parts: () => ({
      isUnderOtherLimits: (value, by) => value !== undefined && soundParts.isUnderOtherLimits(value, by),
    }),
    refusedBy: 'limits: those of the register refuse every payment that was judged by others, until they are known',
  },
  {
    mistake: 'takes limits without a name for none',
    parts: () => ({
      isUnderOtherLimits: (value, by) =>
        soundParts.isUnderOtherLimits(versionOf(value) === undefined ? undefined : value, by),
    }),
    refusedBy: 'limits: those of the register that nobody can name refuse every payment',
  },
  {
    mistake: 'forgets who approved',
    parts: () => ({
      openPayment: ({ approval: _, ...draft }, ...rest) => soundParts.openPayment(draft, ...rest),
    }),
    refusedBy: 'reserve: keeps who approved a payment, whatever becomes of it',
  },
  {
    mistake: 'asks the caps first',
    parts: () => ({ order: ['frozen', 'limits', 'cap', 'open', 'pin'] }),
    refusedBy:
      'reserve: says first that all is frozen, then that limits were replaced, then what is open, then the pin, then the cap',
  },
  {
    mistake: 'asks the pin before what is open',
    parts: () => ({ order: ['frozen', 'limits', 'pin', 'open', 'cap'] }),
    refusedBy:
      'reserve: says first that all is frozen, then that limits were replaced, then what is open, then the pin, then the cap',
  },
  {
    mistake: 'writes values as text',
    parts: () => ({ copyValue: (value) => value && String(value) }),
    refusedBy: 'register: has nothing where nothing was put, and gives back exactly what was',
  },
  {
    mistake: 'takes nothing for a value',
    parts: () => ({ copyValue: (value) => structuredClone(value ?? null) }),
    refusedBy: 'register: takes a value out where nothing is put, and it can be put again',
  },
  {
    mistake: 'joins kinds and keys',
    parts: () => ({ toName: (kind, key) => (kind === 'freeze' ? soundParts.toName(kind, key) : kind + key) }),
    refusedBy: 'register: tells kinds and keys apart, whatever is in them',
  },
  {
    mistake: 'writes whatever was there',
    parts: () => ({ isExpected: () => true }),
    refusedBy: 'register: writes only where what is there is what was expected',
  },
  {
    mistake: 'takes a put that is done twice for two',
    parts: () => ({ isExpected: () => true }),
    refusedBy: 'register: a put that is done twice is done once',
  },
  {
    mistake: "keeps the caller's own values",
    parts: () => ({ copyValue: (value) => value }),
    refusedBy: 'register: keeps its own copy of a value',
  },
  {
    mistake: 'mixes up the sums of caps that differ in their scope only',
    parts: () => createSumCache(({ unit, windowSeconds, monthIn }) => `${unit} ${windowSeconds} ${monthIn}`),
    refusedBy: 'any history: comes to what the rules make of it (1 to 10 of 10)',
  },
  {
    mistake: 'frees nothing when a handle is gone',
    needs: 'crash',
    parts: () => ({ toCrashEvent: () => undefined }),
    refusedBy: 'crash: releases what was reserved and never sent, and gives its room back',
  },
  {
    mistake: 'leaves what was sent to nobody when a handle is gone',
    needs: 'crash',
    parts: () => ({ toCrashEvent: (payment) => (payment.state === 'reserved' ? toCrashEvent(payment) : undefined) }),
    refusedBy: 'crash: takes for lost what was sent and waited for, so that it is presented again and still counts',
  },
  {
    mistake: 'releases what was sent when a handle is gone',
    needs: 'crash',
    parts: () => ({ toCrashEvent: (payment) => toCrashEvent(payment) && { type: 'released', because: 'gone' } }),
    refusedBy: 'crash: takes for lost what was sent and waited for, so that it is presented again and still counts',
  },
  {
    mistake: 'keeps claims when a handle is gone',
    needs: 'crash',
    parts: () => ({ toCrashEvent: (payment) => (payment.claimed ? undefined : toCrashEvent(payment)) }),
    refusedBy: 'crash: frees what was claimed and not sent',
  },
  {
    mistake: 'takes all for lost when a handle is gone',
    needs: 'crash',
    parts: () => ({ toCrashEvent: (payment) => toCrashEvent(payment) ?? { type: 'forgotten' } }),
    refusedBy: 'crash: keeps all else as it was: payments that are over, the register, sums and pins',
  },
  {
    mistake: 'gives ids again after a crash',
    needs: 'crash',
    parts: () => createCounting(),
    refusedBy: 'crash: gives no id again',
  },
  {
    mistake: 'has two handles that decide at the same time',
    needs: 'openAgain',
    parts: () => {
      const takeTurn = createTurns()
      return { transact: (table, decide) => takeTurn(() => transactAtOnce(table, decide)) }
    },
    refusedBy: 'two handles: let exactly ten of 100 concurrent payments of $1 through a cap of $10',
  },
  {
    mistake: 'has two handles that each remember the payments of their own',
    needs: 'openAgain',
    parts: createLoner,
    refusedBy: 'two handles: show the payments of each other, as they stand',
  },
  {
    mistake: 'lets a second handle whose clock is behind free money',
    needs: 'openAgain',
    parts: createBySelf,
    refusedBy: 'two handles: free nothing where the clock of one is behind',
  },
  {
    mistake: 'releases what another handle has under way when one is gone',
    needs: 'openAgain',
    parts: () => ({ isHeld: () => true }),
    refusedBy: 'crash: of one handle leaves alone what the other has under way',
  },
]
