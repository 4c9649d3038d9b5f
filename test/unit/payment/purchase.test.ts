import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Delivery, openPayment, type Payment, type State } from '../../../src/payment/payment.js'
import { type Claimant, findOpen, isClosed, mayStandInTheWay, toClaim } from '../../../src/payment/purchase.js'
import { createDraft } from '../../../src/testing/ledger/draft.js'
import { isOver, readAllByHand, readByHand } from './read-by-hand.js'

/** More stories than this are told by `npm run test:long`. */
const RUNS = Number(process.env['FC_RUNS'] ?? 3000)

const MADE = 1_000
/** One that lives long enough that an answered purchase is over by its end, and one whose purchase is over by its making, and one that dies at once. */
const ENDS = [undefined, MADE + 1, MADE + 50, MADE + 300]
/** Before, at and after each moment at which something changes. */
const TIMES = [
  ...[
    MADE,
    MADE + 1,
    MADE + 49,
    MADE + 50,
    MADE + 59,
    MADE + 60,
    MADE + 109,
    MADE + 179,
    MADE + 180,
    MADE + 299,
    MADE + 300,
    MADE + 359,
    MADE + 360,
  ],
  ...[MADE + 599, MADE + 600, MADE + 649, MADE + 650, MADE + 899, MADE + 900],
]

const STATES: readonly State[] = ['reserved', 'sent', 'settled', 'released']
const DELIVERIES: readonly Delivery[] = ['none', 'delivered', 'answered', 'lost']
const STANDINGS = STATES.flatMap((state) =>
  DELIVERIES.filter((delivery) => delivery === 'none' || state !== 'reserved').map((delivery) => ({
    state,
    delivery,
  })),
)

const NAMES = [
  { purchase: 'weather for Ann', coarse: 'weather' },
  { purchase: 'weather for Bob', coarse: 'weather' },
  { purchase: 'weather for Ann', coarse: undefined },
  { purchase: 'news for Ann', coarse: 'news' },
] as const

/** Every combination of one value of each name. */
function* combine<T extends object>(lists: { [Name in keyof T]: readonly T[Name][] }): Generator<T> {
  const names = Object.keys(lists) as (keyof T)[] // `keys` loses the type
  const size = names.reduce((product, name) => product * lists[name].length, 1)
  for (let index = 0; index < size; index++) {
    let rest = index
    const one: Partial<T> = {}
    for (const name of names) {
      const list = lists[name]
      one[name] = list[rest % list.length] as T[keyof T] // of this name's list
      rest = Math.floor(rest / list.length)
    }
    yield one as T // has each name now
  }
}

type Varied = {
  names: (typeof NAMES)[number]
  standing: (typeof STANDINGS)[number]
  claimed: boolean
  isKeyed: boolean
  purchaseForSeconds: number | undefined
  payer: string | undefined
  method: string
  validUntilSeconds: number | undefined
  status: number | undefined
  forgotten: boolean
}

const VARIED: { [Name in keyof Varied]: readonly Varied[Name][] } = {
  names: NAMES,
  standing: STANDINGS,
  claimed: [false, true],
  isKeyed: [false, true],
  purchaseForSeconds: [undefined, 300],
  payer: ['mine', 'theirs', undefined],
  method: ['GET', 'POST', 'HEAD', 'resources/read', 'prompts/get', 'tools/call'],
  validUntilSeconds: ENDS,
  status: [404, 401],
  forgotten: [false, true],
}

function toPayment({ names, standing, isKeyed, purchaseForSeconds, method, ...facts }: Varied, id: string): Payment {
  const draft = createDraft({ call: { ...names, isKeyed, purchaseForSeconds, method } })
  return { ...openPayment(draft, id, MADE), ...standing, ...facts }
}

type Asking = {
  names: Pick<Claimant, 'purchase' | 'coarse'>
  isKeyed: boolean
  nowSeconds: number
  buysOver: boolean
  insteadOf: readonly string[] | undefined
}

const ASKING: { [Name in keyof Asking]: readonly Asking[Name][] } = {
  names: [NAMES[0], NAMES[2]],
  isKeyed: [false, true],
  nowSeconds: TIMES,
  buysOver: [false, true],
  insteadOf: [undefined, ['0']],
}

function toAsker({ names, ...asking }: Asking): Claimant {
  return { ...asking, ...names, payers: ['mine', 'mine too'] }
}

const drawPayment = fc.record(
  Object.fromEntries(Object.entries(VARIED).map(([name, list]) => [name, fc.constantFrom<unknown>(...list)])),
) as fc.Arbitrary<Varied> // of the same names

const drawAsker = fc.record(
  Object.fromEntries(Object.entries(ASKING).map(([name, list]) => [name, fc.constantFrom<unknown>(...list)])),
) as fc.Arbitrary<Asking> // of the same names

describe('findOpen', () => {
  it('finds of any one payment what the rule says, read by hand, whoever asks and whenever', {
    timeout: 120_000,
  }, () => {
    const askers = [...combine(ASKING)].map(toAsker)
    let open = 0
    for (const varied of combine(VARIED)) {
      const payment = toPayment(varied, '0')
      const wrong = askers.find((asker) => findOpen([payment], asker)?.is !== readByHand(payment, asker))
      expect(wrong && { asker: wrong, payment, is: readByHand(payment, wrong) }).toBeUndefined()
      open += Number(findOpen([payment], askers[0] ?? fail()) !== undefined)
    }
    // They weren't all nothing.
    expect(open).toBeGreaterThan(100)
  })

  it('finds of several payments what can be presented before what can’t, and then the newest', () => {
    const several = fc.array(drawPayment, { minLength: 2, maxLength: 5 })
    const property = fc.property(several, drawAsker, (some, asking) => {
      const payments = some.map((varied, index) => toPayment(varied, String(index)))
      const asker = toAsker(asking)
      expect(findOpen(payments, asker)).toEqual(readAllByHand(payments, asker))
    })
    fc.assert(property, { numRuns: RUNS })
  })

  it('finds the same where payments are left out that will never be presented again', () => {
    const property = fc.property(fc.array(drawPayment, { maxLength: 5 }), drawAsker, (some, asking) => {
      const payments = some.map((varied, index) => toPayment(varied, String(index)))
      const kept = payments.filter((payment) => mayStandInTheWay(payment) || !isClosed(payment))
      expect(findOpen(kept, toAsker(asking))).toEqual(findOpen(payments, toAsker(asking)))
    })
    fc.assert(property, { numRuns: RUNS })
  })
})

describe('toClaim', () => {
  it('takes what is open, names what is over, and changes nothing else', () => {
    const property = fc.property(fc.array(drawPayment, { maxLength: 5 }), drawAsker, (some, asking) => {
      const payments = some.map((varied, index) => toPayment(varied, String(index)))
      const asker = toAsker(asking)
      const found = readAllByHand(payments, asker)
      const over = payments.filter(
        ({ call, state, delivery, forgotten }, index) =>
          call.purchase === asker.purchase &&
          ['sent', 'settled'].includes(state) &&
          ['answered', 'lost'].includes(delivery) &&
          !forgotten &&
          isOver(payments[index] as Payment, asker), // it was just listed
      )
      const claim = toClaim(payments, asker)
      if (found === undefined) expect(claim).toEqual({ is: 'nothing', over })
      else if (found.is === 'open') expect(claim).toEqual({ is: 'yours', payment: { ...found.payment, claimed: true } })
      else expect(claim).toEqual(found)
    })
    fc.assert(property, { numRuns: RUNS })
  })
})

function fail(): never {
  throw new Error('there is nobody to ask')
}
