import type { Cap, Facts, LedgerRecord, State } from '../../../src/flow/ports.js'
import { mayFollow, openRecord } from '../../../src/ledger/book/record.js'
import type { Sums } from '../../../src/ledger/book/window.js'
import { createTurns } from '../../../src/ledger/file/turns.js'
import { createConflict } from '../../../src/ledger/ledger-error.js'
import type { Claimant } from '../../../src/payment/purchase.js'
import { createRecord } from '../../../src/testing/ledger/create-record.js'
import { createPurchaseCap } from '../../../src/testing/ledger/purchases.js'
import { showValue } from '../../../src/testing/show-value.js'
import { type Parts, soundParts, type Table } from './create-table-ledger.js'

/** A ledger with one mistake, and a case that refuses it. */
export type BrokenLedger = {
  readonly mistake: string
  /** The mistake is seen only by two handles on one store. */
  readonly needsTwo?: true
  /** Made anew for each handle. */
  readonly parts: () => Partial<Parts>
  readonly refusedBy: string
}

/** Counts only some records, or counts them as others. */
const countAs = (toCounted: (record: LedgerRecord, nowSeconds: number) => readonly LedgerRecord[]): Partial<Parts> => ({
  countAgainst: (cap, records, nowSeconds) =>
    soundParts.countAgainst(
      cap,
      [...records].flatMap((record) => toCounted(record, nowSeconds)),
      nowSeconds,
    ),
})

/** Moves as it should, and then changes what came out. */
const moveAs = (change: (after: LedgerRecord, before: LedgerRecord, facts: Facts) => Partial<LedgerRecord>) => ({
  moveRecord(record: LedgerRecord, from: readonly State[], to: State, facts: Facts): LedgerRecord {
    const after = soundParts.moveRecord(record, from, to, facts)
    return { ...after, ...change(after, record, facts) }
  },
})

/** Reads, waits, decides and writes, whatever was written meanwhile. */
async function transactAtOnce<T>(table: Table, decide: (rows: LedgerRecord[]) => T): Promise<T> {
  const rows = [...table.rows]
  await undefined
  const result = decide(rows)
  table.rows = rows
  return result
}

/** Counts otherwise than it should against a cap on a purchase. */
const countPurchases = (change: (sums: Sums) => Sums): Partial<Parts> => ({
  countAgainst(cap, ...rest) {
    const sums = soundParts.countAgainst(cap, ...rest)
    return cap.purchase === undefined ? sums : change(sums)
  },
})

/** Counts the payments of a purchase as others, or not at all. */
const countPurchasesAs = (toCounted: (record: LedgerRecord) => LedgerRecord | undefined): Partial<Parts> => ({
  countAgainst(cap, records, now) {
    const counted = cap.purchase === undefined ? records : [...records].flatMap((record) => toCounted(record) ?? [])
    return soundParts.countAgainst(cap, counted, now)
  },
})

/** Judges a claim by other records than there are. */
const claimAs = (toJudged: (record: LedgerRecord, claimant: Claimant) => LedgerRecord): Partial<Parts> => ({
  toClaim: (records, claimant) =>
    soundParts.toClaim(
      [...records].map((record) => toJudged(record, claimant)),
      claimant,
    ),
})

/** Keeps what it writes to itself. */
function createLoner(): Partial<Parts> {
  let rows: readonly LedgerRecord[] = []
  return {
    read: () => rows,
    async transact(_, decide) {
      const mine = [...rows]
      const result = decide(mine)
      rows = mine
      return result
    },
  }
}

/** Goes by the clock and the newest of the payments that it made itself. */
function createBySelf(): Partial<Parts> {
  const made = new Set<string>()
  return {
    createId(...given) {
      const id = soundParts.createId(...given)
      made.add(id)
      return id
    },
    toNow: (clockSeconds, rows) => Math.max(clockSeconds, rows.findLast(({ id }) => made.has(id))?.atSeconds ?? 0),
  }
}

/** Remembers the sum of a cap until something is written, by a name that leaves something out. */
function createSumCache(toName: (cap: Cap) => string): Partial<Parts> {
  const sums = new Map<string, ReturnType<Parts['countAgainst']>>()
  let seen = ''
  return {
    countAgainst(cap, records, nowSeconds) {
      const rows = [...records]
      const asked = showValue([nowSeconds, rows])
      if (asked !== seen) sums.clear()
      seen = asked
      const known = sums.get(toName(cap)) ?? soundParts.countAgainst(cap, rows, nowSeconds)
      sums.set(toName(cap), known)
      return known
    },
  }
}

function isOnItsWay({ state }: LedgerRecord): boolean {
  return state === 'signed' || state === 'sent'
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
    mistake: 'lets two movers win',
    parts: () => ({ transact: transactAtOnce }),
    refusedBy: 'move: lets one of many concurrent movers win',
  },
  {
    mistake: 'forgets the hold when a 402 comes again',
    parts: () => countAs((record) => (record.sellerSaid === undefined ? [record] : [])),
    refusedBy: 'spent: keeps counting what was sent, whatever the seller said',
  },
  {
    mistake: 'lets a clock that is set back free money',
    parts: () => ({ toNow: (clockSeconds) => clockSeconds }),
    refusedBy: 'windows: free nothing when the clock is set back',
  },
  {
    mistake: 'claims twice',
    parts: () => ({ toClaimed: (record) => ({ ...record, claimed: false }) }),
    refusedBy: 'claim: ends with the next move',
  },
  {
    mistake: 'keeps a claim when the payment moves',
    parts: () => moveAs((_, { claimed }) => ({ claimed })),
    refusedBy: 'claim: ends with the next move',
  },
  {
    mistake: 'hands out a payment of another payer',
    parts: () => claimAs((record, { payers }) => ({ ...record, payer: payers[0] })),
    refusedBy: 'claim: by another payer comes to foreign',
  },
  {
    mistake: 'hands out a payment of another purchase',
    parts: () => claimAs((record, { purchase }) => ({ ...record, purchase })),
    refusedBy: 'claim: of another purchase comes to nothing',
  },
  {
    mistake: 'hands out a payment that was delivered',
    parts: () =>
      claimAs(({ delivery, ...record }) => ({ ...record, delivery: delivery === 'delivered' ? 'lost' : delivery })),
    refusedBy: 'claim: of a payment that is sent with delivery delivered gives nothing',
  },
  {
    mistake: 'closes a purchase for good after a 4xx',
    parts: () =>
      claimAs(({ delivery, ...record }) => ({ ...record, delivery: delivery === 'answered' ? 'delivered' : delivery })),
    refusedBy: 'claim: of a payment that is sent with delivery answered gives it',
  },
  {
    mistake: 'keeps a purchase open for ever',
    parts: () => claimAs((record) => ({ ...record, validUntilSeconds: undefined })),
    refusedBy: 'claim: of a payment that was lost, ten minutes after its end, comes to nothing, and names it as over',
  },
  {
    mistake: 'takes every purchase for over once its payment has ended',
    parts: () => claimAs((record) => ({ ...record, atSeconds: 0, validUntilSeconds: record.validUntilSeconds && 0 })),
    refusedBy: 'claim: of a payment that was lost, less than ten minutes after its end, comes to the payment',
  },
  {
    mistake: 'forgets that the caller named a purchase by a key',
    parts: () => claimAs((record) => ({ ...record, isKeyed: false })),
    refusedBy: 'claim: of another buyer whose payment named its purchase by a key comes to nothing',
  },
  {
    mistake: 'forgets what the payment was answered with',
    parts: () => claimAs(({ status: _, ...record }) => record),
    refusedBy: 'claim: with the next credential after a 401 comes to yours',
  },
  {
    mistake: 'leaves a payment with the credential that was refused',
    parts: () => moveAs((_, { purchase }) => ({ purchase })),
    refusedBy: 'move: under another name makes the payment that of the next credential, also once it is lost',
  },
  {
    mistake: 'hands out what was given up',
    parts: () => claimAs(({ forgotten: _, ...record }) => record),
    refusedBy: 'claim: of a payment that was given up comes to nothing',
  },
  {
    mistake: 'hands out the oldest of several lost payments',
    parts: () => ({ toClaim: (records, claimant) => soundParts.toClaim([...records].reverse(), claimant) }),
    refusedBy: 'claim: of several lost payments gives each once, the one that was reserved last first',
  },
  {
    mistake: 'sees no other buyer of the same',
    parts: () => claimAs((record) => ({ ...record, coarse: undefined })),
    refusedBy: 'claim: of another buyer of the same comes to foreign',
  },
  {
    mistake: 'hands out a payment that waits for its answer',
    parts: () =>
      claimAs(({ delivery, ...record }) => ({ ...record, delivery: delivery === 'none' ? 'lost' : delivery })),
    refusedBy: 'claim: of a payment that is sent with delivery none gives nothing',
  },
  {
    mistake: 'keeps presentations of settled payments',
    parts: () => moveAs((_, before, facts) => ({ presentation: facts.presentation ?? before.presentation })),
    refusedBy: 'move: forgets the signed payment once it is settled and answered',
  },
  {
    mistake: 'forgets presentations while their answer is lost',
    parts: () =>
      moveAs(({ delivery, presentation }) => ({ presentation: delivery === 'lost' ? undefined : presentation })),
    refusedBy: 'claim: hands out what has to be presented',
  },
  {
    mistake: 'counts released payments',
    parts: () => countAs((record) => [{ ...record, state: record.state === 'released' ? 'sent' : record.state }]),
    refusedBy: 'spent: gives back what was released, and only that',
  },
  {
    mistake: 'counts settled payments as held',
    parts: () => countAs((record) => [{ ...record, state: record.state === 'settled' ? 'sent' : record.state }]),
    refusedBy: 'spent: a payment that is settled counts 0 held, 1 spent, 1 payments',
  },
  {
    mistake: 'counts payments only once they are sent',
    parts: () => countAs((record) => (record.state === 'reserved' ? [] : [record])),
    refusedBy: 'spent: a payment that is reserved counts 1 held, 0 spent, 1 payments',
  },
  {
    mistake: 'loses a fact that is not told again',
    parts: () => moveAs((_, __, { nonce }) => ({ nonce })),
    refusedBy: 'move: adds facts, and keeps those that are not told again',
  },
  {
    mistake: 'forgets what was signed beside a payment once it is over',
    parts: () =>
      moveAs(({ delivery, allowances }) => ({ allowances: delivery === 'delivered' ? undefined : allowances })),
    refusedBy: 'move: keeps what was signed beside the payment',
  },
  {
    mistake: 'keeps the first word on a fact',
    parts: () => moveAs((after, before) => ({ transaction: before.transaction ?? after.transaction })),
    refusedBy: 'move: lets later facts replace earlier ones',
  },
  {
    mistake: 'ignores what was really charged',
    parts: () => moveAs((_, { charges }) => ({ charges })),
    refusedBy: 'spent: counts what the chain says was taken, where that is less',
  },
  {
    mistake: 'accepts an illegal move',
    parts: () => ({
      moveRecord: (record, from, to, facts) =>
        record.state === 'released' && to === 'sent'
          ? { ...record, state: to }
          : soundParts.moveRecord(record, from, to, facts),
    }),
    refusedBy: 'error: LEDGER_CONFLICT when a payment is to go from released to sent, and it stays as it was',
  },
  {
    mistake: 'ignores the states that a payment is moved from',
    parts: () => ({ moveRecord: (record, _, to, facts) => soundParts.moveRecord(record, [record.state], to, facts) }),
    refusedBy: 'error: LEDGER_CONFLICT when the payment is in none of the states that it is moved from',
  },
  {
    mistake: 'ignores an illegal move in silence',
    parts: () => ({
      moveRecord: (record, from, to, facts) =>
        mayFollow(record.state, to) ? soundParts.moveRecord(record, from, to, facts) : record,
    }),
    refusedBy: 'error: LEDGER_CONFLICT of a sent payment that is to be signed says that the money is in-doubt',
  },
  {
    mistake: 'ignores a move of a payment that it does not have',
    parts: () => ({ refuseUnknown: () => undefined }),
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
    parts: () => ({
      openRecord: (record, id, atSeconds) => {
        const charges = record.charges.map(({ unit, amount }) => ({ unit, amount: BigInt(Number(amount)) }))
        return soundParts.openRecord({ ...record, charges }, id, atSeconds)
      },
    }),
    refusedBy: 'reserve: keeps amounts exact beyond what a number holds',
  },
  {
    mistake: 'lets a payment count a second too long',
    parts: () => countAs((record) => [{ ...record, atSeconds: record.atSeconds + 1 }]),
    refusedBy: 'windows: let a payment count until its window has gone by, to the second',
  },
  {
    mistake: 'deletes payments after a year',
    parts: () => countAs((record, now) => (record.atSeconds < now - 365 * 86_400 ? [] : [record])),
    refusedBy: 'windows: never end for a cap without one',
  },
  {
    mistake: 'writes a payment down that it refuses',
    parts: () => ({
      transact: (table, decide) =>
        soundParts.transact(table, (rows) => {
          const result = decide(rows)
          const isRefused = typeof result === 'object' && result !== null && 'refusedBy' in result
          if (isRefused) rows.push(openRecord(createRecord(), 'refused', 0))
          return result
        }),
    }),
    refusedBy: 'reserve: writes nothing when one of several caps refuses',
  },
  {
    mistake: 'asks the first cap only',
    parts: () => ({ findRefusal: (record, [cap], read) => soundParts.findRefusal(record, cap ? [cap] : [], read) }),
    refusedBy: 'reserve: names the cap that refuses, and what counts against it',
  },
  {
    mistake: 'lets a cap be passed by the payment that reaches it',
    parts: () => ({
      findRefusal(record, caps, read) {
        const roomier = caps.map((cap) => ({ ...cap, amount: cap.amount && cap.amount + 1n }))
        return soundParts.findRefusal(record, roomier, read)
      },
    }),
    refusedBy: 'reserve: lets through what a cap allows, to the last unit',
  },
  {
    mistake: 'asks caps about payments of other sellers',
    parts: () => ({
      findRefusal: (record, caps, read) =>
        soundParts.findRefusal(
          record,
          caps.map((cap) => ({ ...cap, scope: {} })),
          read,
        ),
    }),
    refusedBy: 'reserve: asks a cap only about payments in its scope',
  },
  {
    mistake: 'tells two spellings of one payTo apart',
    parts: () => ({
      countAgainst(cap, records, now) {
        const { payTo } = cap.scope
        const same = [...records].filter((record) => payTo === undefined || record.payTo === payTo)
        return soundParts.countAgainst(cap, same, now)
      },
    }),
    refusedBy:
      'spent: with scope { payTo: "0xAA" } counts 2 of four payments, asked for before and after they are made',
  },
  {
    mistake: 'gives two payments one id',
    parts: () => ({ createId: (_, rows) => `payment-${rows.length % 50}` }),
    refusedBy: 'reserve: gives each payment an id of its own',
  },
  {
    mistake: 'lists the oldest first',
    parts: () => ({ toListed: (records) => records }),
    refusedBy: 'list: begins with the newest',
  },
  {
    mistake: 'overlooks a filter',
    parts: () => ({ isListed: (record, { delivery: _, ...filter }) => soundParts.isListed(record, filter) }),
    refusedBy: 'list: with { delivery: "lost" } shows 1 of four payments',
  },
  {
    mistake: 'hands out its own records, which anybody can change',
    parts: () => ({
      openRecord: (record, id, atSeconds) => structuredClone(soundParts.openRecord(record, id, atSeconds)),
      moveRecord: (...move) => structuredClone(soundParts.moveRecord(...move)),
      toListed: (records) => records.toReversed(),
    }),
    refusedBy: 'list: shows records that change nothing when they are changed',
  },
  {
    mistake: 'changes the records that it handed out',
    parts: () => ({
      openRecord: (record, id, atSeconds) => ({ ...soundParts.openRecord(record, id, atSeconds) }),
      moveRecord: (record, ...move) => Object.assign(record, soundParts.moveRecord(record, ...move)),
      toListed: (records) => records.toReversed(),
    }),
    refusedBy: 'list: shows records that stay as they were when the payment moves on',
  },
  {
    mistake: 'forgets that nothing could read what was signed',
    parts: () => ({
      openRecord: (record, id, atSeconds) => soundParts.openRecord({ ...record, unread: undefined }, id, atSeconds),
    }),
    refusedBy: 'list: shows that nothing could read what was signed',
  },
  {
    mistake: "keeps the caller's own lists",
    parts: () => ({
      openRecord: (record, id, atSeconds) => ({
        ...soundParts.openRecord(record, id, atSeconds),
        tags: record.tags,
        charges: record.charges,
      }),
    }),
    refusedBy: 'reserve: keeps its own copy of the payment',
  },
  {
    mistake: "keeps the caller's own presentation",
    parts: () =>
      moveAs((after, _, { presentation }) => (presentation ? { presentation } : { presentation: after.presentation })),
    refusedBy: 'move: keeps its own copy of what is to be presented',
  },
  {
    mistake: 'counts as spent what is still on its way',
    parts: () => countAs((record) => [{ ...record, state: isOnItsWay(record) ? 'settled' : record.state }]),
    refusedBy: 'spent: a payment that is sent counts 1 held, 0 spent, 1 payments',
  },
  {
    mistake: 'counts payments that cost nothing in the unit',
    parts: () => ({
      countAgainst(cap, records, nowSeconds) {
        const nothing = { unit: cap.unit, amount: 0n }
        const charged = [...records].map((record) => ({ ...record, charges: [...record.charges, nothing] }))
        return soundParts.countAgainst(cap, charged, nowSeconds)
      },
    }),
    refusedBy: 'spent: counts neither amount nor payment where there is no charge in the unit',
  },
  {
    mistake: 'counts the payments of all sellers',
    parts: () => ({
      countAgainst: (cap, ...rest) => soundParts.countAgainst({ ...cap, scope: {} }, ...rest),
    }),
    refusedBy:
      'spent: with scope { host: "c.example" } counts 0 of four payments, asked for before and after they are made',
  },
  {
    mistake: 'forgets what was taken when it is not told again',
    parts: () => moveAs((_, __, { charged }) => ({ charged })),
    refusedBy: 'move: keeps what was taken when later facts say nothing of it',
  },
  {
    mistake: 'keeps nowhere what was taken',
    parts: () => moveAs(() => ({ charged: undefined })),
    refusedBy: 'move: keeps what the chain says was taken, and counts the charges that came with it',
  },
  {
    mistake: 'lowers nothing once a payment is settled',
    parts: () => moveAs((after, before) => ({ charges: before.state === 'settled' ? before.charges : after.charges })),
    refusedBy: 'move: lowers what a settled payment counts, and leaves it settled and delivered',
  },
  {
    mistake: 'knows nothing of caps on a purchase',
    parts: () => ({
      findRefusal: (record, caps, read) =>
        soundParts.findRefusal(
          record,
          caps.filter(({ purchase }) => purchase === undefined),
          read,
        ),
    }),
    refusedBy: 'reserve: of a payment that is reserved with delivery none, a cap on its purchase counts it',
  },
  {
    mistake: 'asks whether a purchase is under way before it is its turn',
    parts: () => ({ transact: transactAtOnce }),
    refusedBy:
      'reserve: of many concurrent askers with a cap on their purchase, one gets it and the others are told which',
  },
  {
    mistake: 'tells nobody which payment of a purchase is under way',
    parts: () => countPurchases((sums) => ({ ...sums, open: undefined })),
    refusedBy: 'reserve: a payment that is being presented again counts against a cap on its purchase',
  },
  {
    mistake: 'takes a purchase whose answer is lost for one that is over',
    parts: () => countPurchasesAs((record) => (record.delivery === 'lost' ? undefined : record)),
    refusedBy: 'reserve: of a payment that is settled with delivery lost, a cap on its purchase counts it',
  },
  {
    mistake: 'sells a purchase once in all time',
    parts: () => countPurchasesAs((record) => ({ ...record, state: 'sent', delivery: 'none' })),
    refusedBy: 'reserve: of a payment that is settled with delivery delivered, a cap on its purchase counts nothing',
  },
  {
    mistake: 'counts all payments against a cap on a purchase',
    parts: () => ({
      findRefusal: (record, caps, read) =>
        soundParts.findRefusal({ ...record, purchase: caps[0]?.purchase?.purchase ?? record.purchase }, caps, read),
      countAgainst: (cap, records, now) =>
        soundParts.countAgainst(
          cap,
          [...records].map((record) => ({ ...record, purchase: cap.purchase?.purchase ?? record.purchase })),
          now,
        ),
    }),
    refusedBy: 'reserve: a cap on a purchase counts and refuses no other purchase, whatever else they have in common',
  },
  {
    mistake: 'lets no purchase be under way twice, also where nobody asks for that',
    parts: () => ({
      findRefusal: (record, caps, read) =>
        soundParts.findRefusal(record, [...caps, createPurchaseCap(record.purchase)], read),
    }),
    refusedBy: 'reserve: without a cap on its purchase, it is reserved beside an open one of the same',
  },
  {
    mistake: 'lets a purchase be made again when its window has gone by',
    parts: () => ({
      countAgainst(cap, records, now) {
        const { purchase, windowSeconds = Number.POSITIVE_INFINITY } = cap
        const recent = [...records].filter(({ atSeconds }) => purchase === undefined || atSeconds > now - windowSeconds)
        return soundParts.countAgainst(cap, recent, now)
      },
    }),
    refusedBy: 'reserve: a cap on a purchase asks neither when its payments were made nor what they cost',
  },
  {
    mistake: 'refuses every move',
    parts: () => ({
      moveRecord({ id, state }, _, to) {
        throw createConflict(id, state, to)
      },
    }),
    refusedBy: 'move: takes a payment from reserved to sent',
  },
  {
    mistake: 'hands out nothing',
    parts: () => ({ toClaim: () => ({ is: 'nothing', over: [] }) }),
    refusedBy: 'claim: of a payment that is settled with delivery lost gives it',
  },
  {
    mistake: 'hands out payments that were never sent or are released',
    parts: () => claimAs((record) => ({ ...record, state: 'sent', delivery: 'lost' })),
    refusedBy: 'claim: of a payment that is released with delivery lost gives nothing',
  },
  {
    mistake: 'promises what nobody knows',
    parts: () => ({ guarantee: String('galaxy') as Parts['guarantee'] }),
    refusedBy: 'guarantee: says how far the promises reach',
  },
  {
    mistake: 'forgets what was bought',
    parts: () => ({
      openRecord: (record, ...rest) => soundParts.openRecord({ ...record, resource: '' }, ...rest),
    }),
    refusedBy: 'list: shows a payment as it was reserved',
  },
  {
    mistake: 'overlooks all filters',
    parts: () => ({ isListed: () => true }),
    refusedBy: 'list: with { states: [] } shows 0 of four payments',
  },
  {
    mistake: 'mixes up the sums of caps that differ in their scope only',
    parts: () => createSumCache(({ unit, windowSeconds }) => `${unit} ${windowSeconds}`),
    refusedBy: 'any history: counts exactly what a sum over all records counts (1 to 10 of 10)',
  },
  {
    mistake: 'has two handles that decide at the same time',
    needsTwo: true,
    parts: () => {
      const takeTurn = createTurns()
      return { transact: (table, decide) => takeTurn(() => transactAtOnce(table, decide)) }
    },
    refusedBy: 'two handles: let exactly ten of 100 concurrent payments of $1 through a cap of $10',
  },
  {
    mistake: 'has two handles that each remember the payments of their own',
    needsTwo: true,
    parts: createLoner,
    refusedBy: 'two handles: show the payments of each other, as they stand',
  },
  {
    mistake: 'lets a second handle whose clock is behind free money',
    needsTwo: true,
    parts: createBySelf,
    refusedBy: 'two handles: free nothing where the clock of one is behind',
  },
]
