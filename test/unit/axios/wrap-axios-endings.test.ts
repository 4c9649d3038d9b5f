import axios, { AxiosError, type AxiosResponse, CanceledError } from 'axios'
import { describe, expect, it } from 'vitest'
import { wrapAxiosWithPayment } from '../../../src/axios/wrap-axios-with-payment.js'
import { isX402Error, type MoneyState } from '../../../src/errors/x402-error.js'
import { createMemoryLedger } from '../../../src/ledger/book/memory-ledger.js'
import type { State } from '../../../src/payment/payment.js'
import { paymentOf } from '../../../src/payment/summary.js'
import { createDice } from '../../../src/testing/chance.js'
import { createSlowLedger } from '../../../src/testing/slow-ledger.js'
import { createBuyer } from '../../support/create-buyer.js'
import { tellSteps } from '../../support/ledger/tell-steps.js'
import { sell, startToDeliver } from '../../support/offers.js'
import { openSeller } from '../fetch/open-seller.js'

const SEED = 12
const CALLS = 400
const LANES = 10
/** Steps of the ledger that one payment takes: claim, reserve, sent, settled; before the first nothing is asked of it. */
const STEPS = 4
/** An abort falls into a step or into what follows it. */
const MOST_AFTER_STEP_MS = 12

/** What the ledger may say of a payment whose caller is told this; what was never signed was reserved at most. */
const LEDGER_SAYS: Readonly<Record<MoneyState, readonly (State | undefined)[]>> = {
  untouched: [undefined, 'released'],
  signed: [],
  released: ['released'],
  'in-doubt': ['sent'],
  settled: ['settled'],
}

describe.each(['http', 'fetch'] as const)('wrapAxiosWithPayment, through the %s adapter', (adapter) => {
  it(`ends each of ${CALLS} calls that are aborted at any moment, and tells where the money is`, async () => {
    const dice = createDice(SEED)
    const seller = await openSeller((request, response) => {
      if (dice(3) > 0) return sell(request, response)
      startToDeliver(request, response)
      if (request.payment !== undefined && dice(2) === 0) response.socket?.resetAndDestroy()
    })
    const told: MoneyState[] = []
    const shopInLane = async () => {
      let abort = new AbortController()
      let stepsLeft = 0
      const ledger = tellSteps(createSlowLedger(createMemoryLedger()), () => {
        const { signal } = abort
        const fire = abort.abort.bind(abort)
        if (stepsLeft-- === 0 && !signal.aborted) setTimeout(fire, dice(MOST_AFTER_STEP_MS))
      })
      const buyer = createBuyer({ ledger, circuit: false })
      const api = wrapAxiosWithPayment(axios.create({ adapter, baseURL: seller.url }), buyer.client)
      for (let call = 0; call < CALLS / LANES; call++) {
        const before = (await buyer.records()).length // a step of the ledger, too
        abort = new AbortController()
        stepsLeft = dice(STEPS + 1) - 1
        if (stepsLeft < 0) setTimeout(abort.abort.bind(abort), dice(MOST_AFTER_STEP_MS))
        const ended = await endOf(api.post(`/${call}`, undefined, { signal: abort.signal }))
        const [record] = (await buyer.records()).slice(0, -before || undefined)
        const money = readMoney(ended)
        expect(LEDGER_SAYS[money]).toContain(record?.state)
        told.push(money)
      }
      return (await buyer.records()).filter(({ state }) => state !== 'released').length
    }
    const counted = await Promise.all(Array.from({ length: LANES }, shopInLane))
    expect(told).toHaveLength(CALLS)
    // The aborts fell before the payment and after it.
    expect(told).toContain('untouched')
    expect(told).toContain('settled')
    expect(seller.authorizations().size).toBeLessThanOrEqual(counted.reduce((sum, one) => sum + one, 0))
  }, 60_000)

  it.each(['text', 'stream'] as const)(
    'tells of the payment when the caller gives up at the head of %s',
    async (responseType) => {
      const abort = new AbortController()
      const seller = await openSeller(startToDeliver)
      const api = wrapAxiosWithPayment(
        axios.create({ adapter, responseType }),
        createBuyer({ ledger: abortAtHead(abort) }).client,
      )
      const error = await endOf(api.get(seller.url, { signal: abort.signal }))
      expect(error).toBeInstanceOf(CanceledError)
      expect(readMoney(error)).toBe('settled')
    },
  )

  it('ends a paid body that stalls with `timeout`, also where the paid request has a time of its own', async () => {
    const seller = await openSeller(startToDeliver)
    const timeouts = { paidMs: 60_000 }
    const api = wrapAxiosWithPayment(axios.create({ adapter, timeout: 200 }), createBuyer().client, { timeouts })
    const error = await endOf(api.get(seller.url))
    expect(error).toMatchObject({ code: 'ECONNABORTED', message: 'timeout of 200ms exceeded' })
    expect(readMoney(error)).toBe('settled')
  })

  it('ends both calls of one key with `timeout` when their body stalls', async () => {
    const seller = await openSeller(startToDeliver)
    const api = wrapAxiosWithPayment(axios.create({ adapter, timeout: 200 }), createBuyer().client)
    const call = () => endOf(api.get(seller.url, { x402: { purchase: 'k' } }))
    const errors = await Promise.all([call(), call()])
    // Which of both timers strikes first decides on the code.
    expect(errors.map((error) => error instanceof AxiosError)).toEqual([true, true])
    expect(errors.map(readMoney)).toEqual(['settled', 'settled'])
    expect(seller.authorizations().size).toBe(1)
  })

  it('ends a paid body with the cancel token', async () => {
    const seller = await openSeller(startToDeliver)
    const { token, cancel } = axios.CancelToken.source()
    const ledger = tellSteps(createSlowLedger(createMemoryLedger()), (name, asked) => {
      if (isDelivery(name, asked)) cancel('enough')
    })
    const api = wrapAxiosWithPayment(axios.create({ adapter }), createBuyer({ ledger }).client)
    const error = await endOf(api.get(seller.url, { cancelToken: token }))
    expect(error).toMatchObject({ name: 'CanceledError', message: 'enough' })
    expect(readMoney(error)).toBe('settled')
  })
})

function abortAtHead(abort: AbortController) {
  return tellSteps(createSlowLedger(createMemoryLedger()), (name, asked) => {
    if (isDelivery(name, asked)) abort.abort()
  })
}

/** The ledger is told that the head of a response is there. */
function isDelivery(name: string, asked: readonly unknown[]): boolean {
  return name === 'note' && Reflect.get(new Object(asked[1]), 'type') === 'delivered'
}

async function endOf(call: Promise<AxiosResponse>): Promise<AxiosResponse | AxiosError> {
  return call.catch((error: unknown) => {
    if (axios.isAxiosError(error)) return error
    throw error
  })
}

/** Where an answer or an error of axios says that the money is; what tells of no payment was aborted before one was asked for. */
function readMoney(ended: AxiosResponse | AxiosError): MoneyState {
  const { cause, response } = ended instanceof Error ? ended : { cause: undefined, response: ended }
  if (isX402Error(cause)) return cause.money
  return (response && paymentOf(response)?.money) ?? 'untouched'
}
