import fc from 'fast-check'
import { expect, it } from 'vitest'
import { isX402Error } from '../../../src/errors/x402-error.js'
import { wrapFetchWithPayment } from '../../../src/fetch/wrap-fetch-with-payment.js'
import { paymentOf } from '../../../src/payment/summary.js'
import type { PrepayOptions } from '../../../src/prices/rules.js'
import { encodeJsonHeader } from '../../../src/wire/header-codec.js'
import { createBuyer } from '../../support/create-buyer.js'
import { mutate } from '../../support/fuzz/hostile-value.js'
import { runs } from '../../support/fuzz/runs.js'
import { createBriskClock } from '../../support/money/create-brisk-clock.js'
import { createOffer, createRequired, NETWORK, TRANSACTION } from '../../support/offers.js'

const GOOD_RECEIPT = {
  success: true,
  transaction: TRANSACTION,
  network: NETWORK,
  amount: '10000',
  errorReason: 'x',
  extensions: {},
}

const statuses = fc.constantFrom(
  ...[
    200, 201, 202, 203, 206, 300, 301, 302, 303, 307, 308, 400, 401, 402, 402, 402, 403, 404, 408, 409, 410, 412, 418,
  ],
  ...[425, 429, 451, 500, 501, 502, 503, 504, 599],
)

/** What a header may hold that `Headers` takes. */
const headerText = fc.oneof(
  fc.constantFrom(
    '',
    '0',
    '-1',
    '1',
    '2',
    '99999999999',
    'Wed, 21 Oct 2015 07:28:00 GMT',
    'soon',
    '=====',
    'e30=',
    ',',
    'null',
  ),
  fc.string({ unit: 'grapheme-ascii', maxLength: 40 }).map((text) => text.trim()),
)

const receipt = fc.oneof(
  mutate(GOOD_RECEIPT).map((value) => encodeJsonHeader(value)),
  mutate({ ...GOOD_RECEIPT, success: false, errorReason: 'settlement_pending' }).map((value) =>
    encodeJsonHeader(value),
  ),
  headerText,
)

const location = fc.constantFrom(
  '/next',
  '//elsewhere.example/',
  'https://elsewhere.example/',
  'javascript:alert(1)',
  'http://[',
  '?a',
  '',
)

const answer = fc.record({
  status: statuses,
  headers: fc.record(
    {
      'payment-response': receipt,
      'x-payment-response': receipt,
      'payment-required': fc.oneof(
        mutate(createRequired()).map((value) => encodeJsonHeader(value)),
        headerText,
      ),
      'retry-after': headerText,
      date: headerText,
      age: headerText,
      location,
    },
    { requiredKeys: [] },
  ),
  body: fc.constantFrom(
    '',
    '{}',
    'bought',
    '{"x402Version":1,"error":"settlement_pending","accepts":[]}',
    '\uFEFF{"x402Version":2}',
  ),
  breaks: fc.boolean().map((breaks) => breaks && 'the connection broke'),
})

/** Asks for more than before. */
const DEARER = {
  status: 402,
  headers: { 'payment-required': encodeJsonHeader(createRequired([createOffer({ amount: '20000' })])) },
  body: '{}',
  breaks: false,
} as const

/** What whoever prepays is told ahead. */
const TERMS = createRequired() as PrepayOptions['terms'] // as a 402 has them

/** Answers that have no body, as `Response` has it. */
const BODILESS = new Set([204, 205, 304])

it('whatever answers a payment, one call signs once, or once more for new terms, ends with an answer or an error of ours, and its money is counted', async () => {
  let anew = 0
  const property = fc.asyncProperty(
    fc
      .tuple(fc.constantFrom([], [], [DEARER]), fc.array(answer, { minLength: 1, maxLength: 4 }))
      .map((some) => some.flat()),
    fc.boolean(),
    fc.constantFrom(undefined, undefined, 'refuse', 'pay-new'),
    async (answers, isGet, onChange) => {
      const payments: string[] = []
      const seller: typeof fetch = async (_input, init) => {
        const payment = new Headers(init?.headers).get('payment-signature')
        if (payment === null) {
          return new Response(null, {
            status: 402,
            headers: { 'payment-required': encodeJsonHeader(createRequired([createOffer()])) },
          })
        }
        const { status, headers, body, breaks } =
          answers[Math.min(payments.push(payment), answers.length) - 1] ?? fail()
        if (breaks) throw new TypeError(breaks)
        return new Response(BODILESS.has(status) ? null : body, { status, headers })
      }
      const prepay = onChange && [{ route: 'https://api.example.com', terms: TERMS, onChange }]
      const buyer = createBuyer({ clock: createBriskClock(), circuit: false, prepay })
      const paidFetch = wrapFetchWithPayment(seller, buyer.client)
      const outcome = await paidFetch('https://api.example.com/fuzz', { method: isGet ? 'GET' : 'POST' }).catch(
        (error: unknown) => error,
      )
      expect(outcome instanceof Response || isX402Error(outcome), String(outcome)).toBe(true)
      // What is prepaid may be answered with other terms, which are paid then, and count as much.
      const records = await buyer.records()
      expect(records.length).toBeLessThanOrEqual(onChange === 'pay-new' ? 2 : 1)
      anew += Math.max(0, records.length - 1)
      expect(new Set(payments).size).toBe(records.length)
      expect(buyer.signatures()).toBe(records.length)
      expect(payments.length).toBeLessThanOrEqual(records.length * (3 + 3 * 3))
      for (const { state } of records) expect(['sent', 'settled']).toContain(state)
      const record = records.find(({ forgotten }) => !forgotten)
      const money = outcome instanceof Response ? paymentOf(outcome)?.money : isX402Error(outcome) && outcome.money
      expect(money).toBe(record?.state === 'settled' ? 'settled' : 'in-doubt')
      const [perDay] = (await buyer.client.spending()).filter(({ limit }) => limit === 'perDay')
      const sum = records.reduce((total, { terms }) => total + terms.amount, 0n)
      expect(Number(perDay?.left.slice(1))).toBeCloseTo(10 - Number(sum) / 1e6, 6)
    },
  )
  await fc.assert(property, runs(400))
  expect(anew).toBeGreaterThan(0)
}, 600_000)

function fail(): never {
  throw new Error('the seller has no more answers')
}
