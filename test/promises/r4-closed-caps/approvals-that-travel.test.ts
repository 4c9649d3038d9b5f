import { describe, expect, it } from 'vitest'
import { openDesk } from '../../../src/desk/desk.js'
import { wrapFetchWithPayment } from '../../../src/fetch/wrap-fetch-with-payment.js'
import { createMemoryLedger } from '../../../src/ledger/book/memory-ledger.js'
import type { Ledger } from '../../../src/payment/ledger.js'
import type { Approval, ApprovalRequest } from '../../../src/payment/limits.js'
import { throughEveryDoor } from '../../support/conformance/doors.js'
import { ledgers } from '../../support/conformance/ledgers.js'
import { createBuyer } from '../../support/create-buyer.js'
import { calling } from '../../support/money/create-brisk-buyer.js'
import { createBriskClock } from '../../support/money/create-brisk-clock.js'
import { createMortalLedger } from '../../support/money/create-mortal-ledger.js'
import { drops, inTurn, pays } from '../../support/money/paid-answers.js'
import { askToPay, createOffer, createRequired, deliver, sell } from '../../support/offers.js'
import type { Handler } from '../../support/start-seller.js'
import { openSeller } from '../../unit/fetch/open-seller.js'
import { refusalOf } from '../../unit/flow/refusal-of.js'

const ann = { by: 'ann@example.com', reason: 'needed' }
const pending = { name: 'LimitError', code: 'APPROVAL_PENDING', money: 'untouched' }

/** One cent of USDC on Base. */
const BASE = {
  network: 'eip155:8453',
  asset: '0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913',
  extra: { name: 'USD Coin', version: '2' },
}

/** A seller whose price a test sets. */
function createPricing(): { readonly handler: Handler; amount: string } {
  const pricing = {
    amount: '10000',
    handler: ((request, response) => {
      if (request.payment !== undefined) return deliver(response, request)
      return askToPay(response, createRequired([createOffer({ amount: pricing.amount })]))
    }) as Handler,
  }
  return pricing
}

for (const [on, createLedger] of ledgers) {
  throughEveryDoor(`pays what was approved at a desk, in another client, once${on}`, async ({ open, shop }) => {
    const seller = await open(sell)
    const ledger = createLedger()
    const first = shop({ limits: { approve: 'later' }, ledger })
    const error = await first.refusal(`${seller.url}/report`)
    expect(error).toMatchObject({ ...pending, facts: { price: '0.01 USDC' } })
    const id = error.facts['proposal'] ?? ''
    const desk = openDesk(ledger)
    await Promise.all([desk.approve(id, ann), openDesk(ledger).approve(id, { by: 'bob@example.com' })])
    const second = shop({ limits: { approve: 'later' }, ledger })
    expect((await second.request(`${seller.url}/report`)).status).toBe(200)
    expect(await second.refusal(`${seller.url}/report`)).toMatchObject(pending)
    expect(await first.refusal(`${seller.url}/report`)).toMatchObject(pending)
    expect([first.signatures(), second.signatures()]).toEqual([0, 1])
    expect(await desk.payments()).toMatchObject([{ approval: { proposal: id } }])
  })

  throughEveryDoor(`pays one of ten calls that one approval answers${on}`, async ({ open, shop }) => {
    const seller = await open(sell)
    const shopper = shop({ limits: { approve: 'later' }, ledger: createLedger() })
    const { facts } = await shopper.refusal(seller.url)
    await openDesk(shopper.ledger).approve(facts['proposal'] ?? '', ann)
    const calls = Array.from({ length: 10 }, async () => {
      try {
        return (await shopper.request(seller.url)).status
      } catch (error) {
        return (
          Reflect.get(new Object(error), 'code') ??
          Reflect.get(new Object(Reflect.get(new Object(error), 'cause')), 'code')
        )
      }
    })
    const became = await Promise.all(calls)
    expect(became.filter((one) => one === 200)).toHaveLength(1)
    expect(became.filter((one) => one === 'APPROVAL_PENDING')).toHaveLength(9)
    expect(shopper.signatures()).toBe(1)
  })
}

throughEveryDoor(
  'proposes changed terms anew, and pays neither those nor a proposal that it was not told',
  async ({ open, shop }) => {
    const pricing = createPricing()
    const seller = await open(pricing.handler)
    const shopper = shop({ limits: { approve: 'later' }, ledger: createMemoryLedger() })
    const desk = openDesk(shopper.ledger)
    const first = (await shopper.refusal(seller.url)).facts['proposal'] ?? ''
    await desk.approve(first, ann)
    pricing.amount = '20000'
    const changed = await shopper.refusal(seller.url, calling({ proposal: first }))
    expect(changed).toMatchObject({ name: 'LimitError', code: 'PROPOSAL_CHANGED', money: 'untouched' })
    expect(await desk.approvals({ state: 'pending' })).toEqual([])
    const second = (await shopper.refusal(seller.url)).facts['proposal'] ?? ''
    expect(second).not.toBe(first)
    expect(await desk.approvals({ state: 'pending' })).toMatchObject([{ id: second, price: '0.02 USDC' }])
    expect(shopper.signatures()).toBe(0)
    pricing.amount = '10000'
    expect((await shopper.request(seller.url, calling({ proposal: first }))).status).toBe(200)
    const used = await shopper.refusal(seller.url, calling({ proposal: first }))
    expect(used).toMatchObject({ name: 'LimitError', code: 'PROPOSAL_USED', money: 'untouched' })
    expect(shopper.signatures()).toBe(1)
  },
)

describe('a proposal', () => {
  const wide = { approve: 'later', perDay: '$100' } as const

  function createDesked(limits: object = wide, ledger: Ledger = createMemoryLedger()) {
    const clock = createBriskClock()
    return { ...createBuyer({ clock, ledger, limits }), clock, desk: openDesk(ledger, { clock }) }
  }

  const propose = async (paying: Promise<unknown>) => {
    const error = await refusalOf(paying)
    expect(error).toMatchObject({ code: 'APPROVAL_PENDING' })
    return error.facts['proposal'] ?? ''
  }

  it.each([
    ['another resource', {}, '/other'],
    ['another body', { method: 'POST', body: 'b' }, ''],
    ['another tag', { x402: { tags: ['b'] } }, ''],
    ['another key', { x402: { purchase: 'b' } }, ''],
  ])('is not that of %s', async (_what, init, path) => {
    const seller = await openSeller(sell)
    const { paidFetch, desk, signatures } = createDesked()
    const same = { method: 'method' in init ? 'POST' : 'GET', ...('body' in init && { body: 'a' }) }
    await desk.approve(await propose(paidFetch(seller.url, same)), ann)
    await propose(paidFetch(seller.url + path, init))
    expect(signatures()).toBe(0)
  })

  it.each([
    ['amount', { amount: '10001' }],
    ['recipient', { payTo: '0xAb5801a7D398351b8bE11C439e05C5B3259aeC9B' }],
    ['network', BASE],
  ])('is not that of another %s', async (_what, change) => {
    let offer = createOffer()
    const seller = await openSeller((_request, response) => askToPay(response, createRequired([offer])))
    const { paidFetch, desk, signatures } = createDesked()
    await desk.approve(await propose(paidFetch(seller.url)), ann)
    offer = createOffer(change)
    await propose(paidFetch(seller.url))
    expect(signatures()).toBe(0)
  })

  it('is not that of another request under the same key', async () => {
    const seller = await openSeller(sell)
    const { paidFetch, desk, signatures } = createDesked()
    const x402 = { purchase: 'order-7' }
    await desk.approve(await propose(paidFetch(`${seller.url}/cheap`, { x402 })), ann)
    await propose(paidFetch(`${seller.url}/other`, { x402 }))
    expect(signatures()).toBe(0)
  })

  it('is not that of another lasting name, and of the same name in another process', async () => {
    const seller = await openSeller(sell)
    const { client, desk } = createDesked()
    const as = (name: string) => wrapFetchWithPayment(fetch, client.restrict({ name, reach: 'anywhere' }))
    const id = await propose(as('team/a')(seller.url))
    await desk.approve(id, ann)
    expect(await desk.approvals()).toMatchObject([{ id, space: 'team/a' }])
    await propose(as('team/b')(seller.url))
    expect((await as('team/a')(seller.url)).status).toBe(200)
  })

  it('is made above `approveAbove` only', async () => {
    const pricing = createPricing()
    const seller = await openSeller(pricing.handler)
    const { paidFetch, desk } = createDesked({ approve: 'later', approveAbove: '$0.01' })
    expect((await paidFetch(seller.url)).status).toBe(200)
    pricing.amount = '10001'
    await propose(paidFetch(seller.url))
    expect(await desk.approvals()).toHaveLength(1)
  })

  it('goes with what functions say, who are each asked about it with its id', async () => {
    const seller = await openSeller(sell)
    const asked: ApprovalRequest[] = []
    let answer: Approval = { approved: 'later', reason: 'I asked Ann' }
    const approve = (request: ApprovalRequest) => {
      asked.push(request)
      return answer
    }
    const { paidFetch, desk, signatures } = createDesked({ approve, perDay: '$100' })
    const id = await propose(paidFetch(seller.url))
    expect(await propose(paidFetch(seller.url))).toBe(id)
    expect(asked.map(({ proposal }) => proposal)).toEqual([id, id])
    await desk.approve(id, ann)
    answer = false
    expect(await refusalOf(paidFetch(seller.url))).toMatchObject({ code: 'NOT_APPROVED' })
    answer = 'later'
    const never = { x402: { approve: () => false } }
    expect(await refusalOf(paidFetch(seller.url, never))).toMatchObject({ code: 'NOT_APPROVED' })
    expect((await paidFetch(seller.url)).status).toBe(200)
    answer = true
    expect((await paidFetch(seller.url)).status).toBe(200)
    expect(signatures()).toBe(2)
  })

  it('is asked about as often as a call looks for it, by a function, too', async () => {
    const seller = await openSeller(sell)
    const { paidFetch, desk } = createDesked({ approve: () => 'later', perDay: '$100' })
    const id = await propose(paidFetch(seller.url))
    for (let look = 0; look < 100; look++) expect(await propose(paidFetch(seller.url))).toBe(id)
    await desk.approve(id, ann)
    expect((await paidFetch(seller.url)).status).toBe(200)
  })

  it('is one of 20 that wait about one host, and of 60 about all; a decision makes room', async () => {
    const { paidFetch, desk, records } = createDesked()
    const full = { code: 'ASKED_TOO_OFTEN', money: 'untouched' }
    const ids: string[] = []
    for (let host = 0; host < 3; host++) {
      const seller = await openSeller(sell)
      for (let call = 0; call < 20; call++) ids.push(await propose(paidFetch(`${seller.url}/${call}`)))
      expect(await refusalOf(paidFetch(`${seller.url}/20`))).toMatchObject(full)
      // What waits already is found all the same.
      expect(await propose(paidFetch(`${seller.url}/0`))).toBe(ids.at(-20))
    }
    const another = await openSeller(sell)
    const error = await refusalOf(paidFetch(another.url))
    expect(error).toMatchObject(full)
    expect(error.shortMessage).toContain('60 proposals about all hosts wait for a decision already')
    await desk.deny(ids[0] ?? '', ann)
    await propose(paidFetch(another.url))
    expect(await records()).toEqual([])
  })

  it('takes no room from another lasting name', async () => {
    const { client, desk } = createDesked({ ...wide, askAtMost: 1 })
    const as = (name: string) => wrapFetchWithPayment(fetch, client.restrict({ name, reach: 'anywhere' }))
    const sellers = [await openSeller(sell), await openSeller(sell), await openSeller(sell), await openSeller(sell)]
    for (const { url } of sellers.slice(0, 3)) await propose(as('team/greedy')(url))
    const full = { code: 'ASKED_TOO_OFTEN', money: 'untouched' }
    const [first, , , fourth] = sellers.map(({ url }) => url)
    expect(await refusalOf(as('team/greedy')(`${first}/2`))).toMatchObject(full)
    expect(await refusalOf(as('team/greedy')(`${fourth}`))).toMatchObject(full)
    await desk.approve(await propose(as('team/modest')(`${first}`)), ann)
    expect((await as('team/modest')(`${first}`)).status).toBe(200)
  })

  it('makes room once it expired', async () => {
    const seller = await openSeller(sell)
    const { paidFetch, clock, desk } = createDesked({ ...wide, askAtMost: 1 })
    await propose(paidFetch(`${seller.url}/1`))
    expect(await refusalOf(paidFetch(`${seller.url}/2`))).toMatchObject({ code: 'ASKED_TOO_OFTEN' })
    clock.advance(86_400)
    await propose(paidFetch(`${seller.url}/2`))
    expect((await desk.approvals()).map(({ state }) => state).sort()).toEqual(['expired', 'pending'])
  })

  it('is asked for once more only where the payment that it paid for is another: what was lost is presented again', async () => {
    const seller = await openSeller(inTurn(drops, pays))
    const { paidFetch, desk, signatures } = createDesked()
    const init = { x402: { redeliver: 'never' } } as const
    await desk.approve(await propose(paidFetch(seller.url, init)), ann)
    expect(await refusalOf(paidFetch(seller.url, init))).toMatchObject({ code: 'ANSWER_LOST', money: 'in-doubt' })
    expect((await paidFetch(seller.url, init)).status).toBe(200)
    expect([signatures(), seller.authorizations().size]).toEqual([1, 1])
  })

  it('is made about a payment that nobody approved and that is to be presented again, whose money is in doubt', async () => {
    const seller = await openSeller(inTurn(drops, pays))
    const { paidFetch, desk, signatures } = createDesked({ approve: 'later', approveAbove: '$1' })
    const init = { x402: { redeliver: 'never' } } as const
    expect(await refusalOf(paidFetch(seller.url, init))).toMatchObject({ code: 'ANSWER_LOST' })
    await desk.limits({ approve: 'later' }, ann)
    const error = await refusalOf(paidFetch(seller.url, init))
    expect(error).toMatchObject({ code: 'APPROVAL_PENDING', money: 'in-doubt' })
    const [proposal] = await desk.approvals()
    expect(proposal?.resumed).toBe((await desk.payments())[0]?.id)
    await desk.approve(error.facts['proposal'] ?? '', ann)
    expect((await paidFetch(seller.url, init)).status).toBe(200)
    expect(signatures()).toBe(1)
  })

  it('is given back where a limit refuses afterwards, and where the wallet does', async () => {
    const seller = await openSeller(sell)
    const ledger = createMemoryLedger()
    const { paidFetch, desk, signatures, client } = createDesked({ approve: 'later', total: '$0.01' }, ledger)
    const spent = createBuyer({ ledger, limits: {} })
    const id = await propose(paidFetch(seller.url))
    await desk.approve(id, ann)
    expect((await spent.paidFetch(`${seller.url}/other`)).status).toBe(200)
    expect(await refusalOf(paidFetch(seller.url))).toMatchObject({ code: 'LIMIT_TOTAL' })
    expect(await desk.approvals()).toMatchObject([{ id, state: 'approved', ...ann }])
    await desk.limits({ approve: 'later', total: '$1' }, ann)
    let isFailing = true
    client.onAfterPaymentCreation(async () => {
      if (isFailing) throw new Error('not now')
    })
    expect(await refusalOf(paidFetch(seller.url))).toMatchObject({ code: 'REFUSED_BY_HOOK' })
    expect(await desk.approvals()).toMatchObject([{ id, state: 'approved', ...ann }])
    isFailing = false
    expect((await paidFetch(seller.url)).status).toBe(200)
    expect(await desk.approvals()).toMatchObject([{ id, state: 'used' }])
    expect(signatures()).toBe(2)
  })

  it('is made by a payment that is handed out, under an address or a key, and by no other', async () => {
    const { client, desk } = createDesked()
    const required = createRequired() as Parameters<typeof client.createPaymentPayload>[0]
    const of = { url: 'http://127.0.0.1/paid', purchase: 'order-7' }
    const id = await propose(client.createPaymentPayload(required, of))
    await desk.approve(id, ann)
    expect(await client.createPaymentPayload(required, of)).toMatchObject({ x402Version: 2 })
    const nameless = await refusalOf(client.createPaymentPayload(required))
    expect(nameless).toMatchObject({ code: 'NOT_APPROVED', money: 'untouched' })
  })

  it('is answered for a call that joins the one that pays', async () => {
    const seller = await openSeller(sell)
    const { paidFetch, desk, signatures } = createDesked()
    const x402 = { purchase: 'order-7' }
    await desk.approve(await propose(paidFetch(seller.url, { x402 })), ann)
    const responses = await Promise.all([1, 2, 3].map(() => paidFetch(seller.url, { x402 })))
    expect(responses.map(({ status }) => status)).toEqual([200, 200, 200])
    expect(signatures()).toBe(1)
  })
})

/** Fails a step of a ledger and all after it, as if its process were gone: before the step is done, or after. */
function createDying(ledger: Ledger, step: number, isDone: boolean): Ledger & { steps(): number } {
  let steps = 0
  const die = async <T>(work: () => Promise<T>): Promise<T> => {
    steps += 1
    if (steps < step) return work()
    if (steps === step && isDone) await work()
    throw new Error('the process is gone')
  }
  return {
    ...ledger,
    reserve: (...of) => die(() => ledger.reserve(...of)),
    note: (...of) => die(() => ledger.note(...of)),
    claim: (...of) => die(() => ledger.claim(...of)),
    get: (...of) => die(() => ledger.get(...of)),
    put: (...of) => die(() => ledger.put(...of)),
    steps: () => steps,
  }
}

describe('a crash between the approval and the response', () => {
  it.each([false, true])(
    'costs at most one payment at each step of the ledger, also once it is done: %s',
    async (isDone) => {
      let steps = 0
      for (let step = 1; step <= Math.max(steps, 1); step++) {
        const seller = await openSeller(sell)
        const clock = createBriskClock()
        const mortal = createMortalLedger(clock)
        const limits = { approve: 'later' } as const
        const error = await refusalOf(createBuyer({ clock, ledger: mortal.ledger, limits }).paidFetch(seller.url))
        await openDesk(mortal.ledger, { clock }).approve(error.facts['proposal'] ?? '', ann)
        const dying = createDying(mortal.ledger, step, isDone)
        await createBuyer({ clock, ledger: dying, limits })
          .paidFetch(seller.url)
          .catch(() => undefined)
        // With one step more each time, as long as there is one to die at.
        if (dying.steps() >= step) steps = step + 1
        // The next process: what it finds is presented, or its approval is still there, or lost.
        const { ledger } = mortal.crash()
        const second = createBuyer({ clock, ledger, limits })
        const became = await second.paidFetch(seller.url).then(
          ({ status }) => status,
          ({ code }) => code,
        )
        expect([200, 'APPROVAL_PENDING']).toContain(became)
        expect(seller.authorizations().size).toBeLessThanOrEqual(1)
        expect((await second.records()).filter(({ state }) => state !== 'released').length).toBeLessThanOrEqual(1)
      }
      expect(steps).toBeGreaterThan(5)
    },
  )
})
