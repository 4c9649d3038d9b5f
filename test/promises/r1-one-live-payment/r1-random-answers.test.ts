import { array, asyncProperty, constantFrom, assert as holds } from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { isX402Error } from '../../../src/errors/x402-error.js'
import { paymentOf } from '../../../src/payment/summary.js'
import { createBriskBuyer } from '../../support/money/create-brisk-buyer.js'
import { drops, type PaidAnswer, pays, refuses, says } from '../../support/money/paid-answers.js'
import { stopTimers } from '../../support/money/stop-timers.js'
import { askToPay } from '../../support/offers.js'
import { type Seller, startSeller } from '../../support/start-seller.js'

/** How long an answer is waited for; none of it passes before a seller is silent. */
const PATIENCE_MS = 30_000

let pass: (milliseconds: number) => void
const answers: Readonly<Record<string, PaidAnswer>> = {
  '402': refuses('Payment required'),
  '402 settlement_pending': refuses('settlement_pending'),
  '402 nonce used': refuses('invalid_exact_evm_nonce_already_used'),
  '500': says(500),
  '503': says(503, { 'retry-after': '2' }),
  reset: drops,
  timeout: () => pass(PATIENCE_MS),
  'redirect within': says(307, { location: '/elsewhere' }),
  'redirect away': says(302, { location: 'https://elsewhere.example/' }),
  '200': pays,
  '202': says(202),
}

const script: { run: string; answers: string[] } = { run: '', answers: [] }
let seller: Seller
beforeAll(async () => {
  seller = await startSeller((request, response) => {
    if (request.payment === undefined) return askToPay(response)
    // What an earlier run gave up on may still arrive; it takes no answer of this one.
    const name = request.headers['x-run'] === script.run ? script.answers.shift() : undefined
    return answers[name ?? '200']?.(request, response)
  })
})
afterAll(() => seller.stop())

let runs = 0

it('R1: random answers never give two signatures for one purchase', async () => {
  pass = stopTimers()
  const names = array(constantFrom(...Object.keys(answers)), { minLength: 1, maxLength: 8 })
  const property = asyncProperty(names, constantFrom('GET', 'POST', 'HEAD'), async (names, method) => {
    script.run = String(++runs)
    script.answers = [...names]
    const buyer = createBriskBuyer({ circuit: false }, { timeouts: { paidMs: PATIENCE_MS } })
    const before = seller.requests.length
    const init = { method, headers: { 'x-run': script.run } }
    for (let call = 0; call < 6 && !(await isAnswered(buyer.paidFetch(`${seller.url}/bought`, init))); call++);
    const own = seller.requests.slice(before).filter(({ headers }) => headers['x-run'] === script.run)
    const authorizations = own.flatMap(({ headers }) => headers['payment-signature'] ?? [])
    expect(buyer.signatures()).toBe(1)
    expect(new Set(authorizations).size).toBe(1)
  })
  await holds(property, { numRuns: Number(process.env['FC_RUNS'] ?? 150) })
}, 600_000)

/** Whether the purchase is over, so that the same request is another one: it was answered, and not with "not now". */
async function isAnswered(answer: Promise<Response>): Promise<boolean> {
  try {
    return paymentOf(await answer)?.delivery === 'delivered'
  } catch (error) {
    if (!isX402Error(error)) throw error
    return error.code === 'REDIRECTED_ELSEWHERE'
  }
}
