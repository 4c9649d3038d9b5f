import fc from 'fast-check'
import { expect, it } from 'vitest'
import { isX402Error } from '../../../src/errors/x402-error.js'
import { wrapFetchWithPayment } from '../../../src/fetch/wrap-fetch-with-payment.js'
import { paymentOf } from '../../../src/payment/summary.js'
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

/** Answers that have no body, as `Response` has it. */
const BODILESS = new Set([204, 205, 304])

it('whatever answers a payment, one call signs once, ends with an answer or an error of ours, and its money is counted', async () => {
  const property = fc.asyncProperty(
    fc.array(answer, { minLength: 1, maxLength: 4 }),
    fc.boolean(),
    async (answers, isGet) => {
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
      const buyer = createBuyer({ clock: createBriskClock(), circuit: false })
      const paidFetch = wrapFetchWithPayment(seller, buyer.client)
      const outcome = await paidFetch('https://api.example.com/fuzz', { method: isGet ? 'GET' : 'POST' }).catch(
        (error: unknown) => error,
      )
      expect(outcome instanceof Response || isX402Error(outcome), String(outcome)).toBe(true)
      expect(buyer.signatures()).toBe(1)
      expect(new Set(payments).size).toBe(1)
      expect(payments.length).toBeLessThanOrEqual(3 + 3 * 3)
      const [record, ...others] = await buyer.records()
      expect(others).toEqual([])
      expect(['sent', 'settled']).toContain(record?.state)
      const money = outcome instanceof Response ? paymentOf(outcome)?.money : isX402Error(outcome) && outcome.money
      expect(money).toBe(record?.state === 'settled' ? 'settled' : 'in-doubt')
      const [perDay] = (await buyer.client.spending()).filter(({ limit }) => limit === 'perDay')
      expect(perDay).toMatchObject({ left: '$9.99' })
    },
  )
  await fc.assert(property, runs(400))
}, 600_000)

function fail(): never {
  throw new Error('the seller has no more answers')
}
