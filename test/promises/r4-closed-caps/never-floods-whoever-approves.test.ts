import { describe, expect, it } from 'vitest'
import { wrapFetchWithPayment } from '../../../src/fetch/wrap-fetch-with-payment.js'
import type { ApprovalRequest } from '../../../src/payment/limits.js'
import type { ClientEvent } from '../../../src/payment/stream.js'
import { throughEveryDoor } from '../../support/conformance/doors.js'
import { ledgers } from '../../support/conformance/ledgers.js'
import { createBuyer } from '../../support/create-buyer.js'
import { calling } from '../../support/money/create-brisk-buyer.js'
import { createBriskClock } from '../../support/money/create-brisk-clock.js'
import { askToPay, deliver, sell } from '../../support/offers.js'
import { openSeller } from '../../unit/fetch/open-seller.js'
import { refusalOf } from '../../unit/flow/refusal-of.js'

/** Someone who answers as told, and counts the questions. */
function createApprover(answer: (request: ApprovalRequest, asked: number) => boolean | Promise<boolean>) {
  let asked = 0
  return { approve: (request: ApprovalRequest) => answer(request, ++asked), asked: () => asked }
}

const unasked = { name: 'LimitError', code: 'ASKED_TOO_OFTEN', money: 'untouched' }

for (const [on, createLedger] of ledgers) {
  throughEveryDoor(`asks about one host at most 20 times in a minute without a yes${on}`, async ({ open, shop }) => {
    const seller = await open(sell)
    const { approve, asked } = createApprover(() => false)
    const shopper = shop({ limits: { approve }, ledger: createLedger() })
    for (let call = 0; call < 20; call++) {
      expect(await shopper.refusal(`${seller.url}/${call}`)).toMatchObject({ code: 'NOT_APPROVED' })
    }
    const events: ClientEvent[] = []
    shopper.client.on('payment', (event) => events.push(event))
    const error = await shopper.refusal(`${seller.url}/20?secret=1`)
    expect(error).toMatchObject(unasked)
    const [host] = [new URL(seller.url).host]
    expect(error.shortMessage).toBe(
      `Refused to pay 0.01 USDC: who approves payments was asked 20 times about ${host} within a minute, and said yes to none.`,
    )
    expect(error.message).toMatch(/No one was asked about this one\. Wait \d+ seconds, or for a yes\./)
    expect(events.at(-1)).toMatchObject({ type: 'refused', code: 'ASKED_TOO_OFTEN', money: 'untouched' })
    expect(asked()).toBe(20)
    expect(shopper.signatures()).toBe(0)
    expect(await shopper.records()).toEqual([])
  })

  throughEveryDoor(`asks 20 of 60 questions at once while none is answered${on}`, async ({ open, shop }) => {
    const seller = await open(sell)
    const closing = new AbortController()
    const never = new Promise<boolean>((resolve) => closing.signal.addEventListener('abort', () => resolve(false)))
    const { approve, asked } = createApprover(() => never)
    const shopper = shop({ limits: { approve }, ledger: createLedger() })
    const calls = Array.from({ length: 60 }, (_, call) => shopper.refusal(`${seller.url}/${call}`))
    const errors = Promise.all(calls)
    await expect.poll(async () => (await settledOf(calls)).length, { timeout: 10_000 }).toBe(40)
    for (const error of await settledOf(calls)) expect(error).toMatchObject(unasked)
    closing.abort()
    expect((await errors).filter(({ code }) => code === 'NOT_APPROVED')).toHaveLength(20)
    expect(asked()).toBe(20)
  })

  throughEveryDoor(`makes forty purchases of forty calls that a rule allows${on}`, async ({ open, shop }) => {
    const seller = await open(sell)
    const { approve, asked } = createApprover(async ({ exposure }) => {
      await new Promise((resolve) => setTimeout(resolve, 5))
      return BigInt(exposure) <= 10_000n
    })
    const shopper = shop({ limits: { approve }, ledger: createLedger() })
    const calls = Array.from({ length: 40 }, (_, call) => shopper.request(`${seller.url}/${call}`))
    for (const answer of await Promise.all(calls)) expect(answer.status).toBe(200)
    expect(asked()).toBe(40)
    expect(shopper.signatures()).toBe(40)
  })
}

/** What became of those of some promises that have settled. */
async function settledOf<T>(promises: readonly Promise<T>[]): Promise<readonly T[]> {
  const settled: T[] = []
  for (const one of promises) void one.then((value) => settled.push(value))
  await new Promise((resolve) => setTimeout(resolve))
  return settled
}

/** A buyer whose clock stands still. */
function createAskedBuyer(limits: object) {
  const clock = createBriskClock()
  return { clock, ...createBuyer({ clock, limits: { perDay: '$100', ...limits } }) }
}

describe('a limit on asking', () => {
  it('ends after a minute, for as many questions as are a minute old', async () => {
    const seller = await openSeller(sell)
    const { approve, asked } = createApprover(() => false)
    const { clock, paidFetch } = createAskedBuyer({ approve })
    for (let call = 0; call < 20; call++) {
      await refusalOf(paidFetch(seller.url))
      clock.advance(2)
    }
    const error = await refusalOf(paidFetch(seller.url))
    expect(error).toMatchObject({ code: 'ASKED_TOO_OFTEN', facts: { 'again in': '20 seconds' } })
    clock.advance(20)
    expect(await refusalOf(paidFetch(seller.url))).toMatchObject({ code: 'NOT_APPROVED' })
    expect(await refusalOf(paidFetch(seller.url))).toMatchObject({ code: 'ASKED_TOO_OFTEN' })
    expect(asked()).toBe(21)
  })

  it('starts again with each yes, for a rule that allows every other payment', async () => {
    const seller = await openSeller(sell)
    const { approve, asked } = createApprover((_request, question) => question % 10 === 0)
    const { paidFetch, signatures } = createAskedBuyer({ approve })
    for (let call = 1; call <= 100; call++) {
      const paying = paidFetch(`${seller.url}/${call}`)
      if (call % 10 === 0) expect((await paying).status).toBe(200)
      else expect(await refusalOf(paying)).toMatchObject({ code: 'NOT_APPROVED' })
    }
    expect(asked()).toBe(100)
    expect(signatures()).toBe(10)
  })

  it('leaves another host alone, and holds for 60 questions about all of them', async () => {
    const { approve, asked } = createApprover(() => false)
    const { paidFetch } = createAskedBuyer({ approve })
    for (let host = 0; host < 3; host++) {
      const seller = await openSeller(sell)
      for (let call = 0; call < 20; call++) {
        expect(await refusalOf(paidFetch(seller.url))).toMatchObject({ code: 'NOT_APPROVED' })
      }
      expect(await refusalOf(paidFetch(seller.url))).toMatchObject({ code: 'ASKED_TOO_OFTEN' })
    }
    const another = await openSeller(sell)
    const error = await refusalOf(paidFetch(another.url))
    expect(error.shortMessage).toContain('was asked 60 times about all hosts within a minute')
    expect(asked()).toBe(60)
  })

  it('lets a yes about one host end the count over all hosts, and not that of another host', async () => {
    const { approve } = createApprover(({ method }) => method === 'POST')
    const { paidFetch } = createAskedBuyer({ approve })
    const sellers = await Promise.all([1, 2, 3, 4].map(() => openSeller(sell)))
    const urls = sellers.map(({ url }) => url)
    const [one = '', two = '', three = '', four = ''] = urls
    for (const url of [one, two]) for (let call = 0; call < 20; call++) await refusalOf(paidFetch(url))
    for (let call = 0; call < 19; call++) await refusalOf(paidFetch(three))
    expect((await paidFetch(four, { method: 'POST', body: 'a' })).status).toBe(200)
    for (let call = 0; call < 20; call++) {
      expect(await refusalOf(paidFetch(four))).toMatchObject({ code: 'NOT_APPROVED' })
    }
    expect(await refusalOf(paidFetch(one))).toMatchObject({ code: 'ASKED_TOO_OFTEN' })
  })

  it('holds over all restricted clients of a client, which are not told how to raise it', async () => {
    const seller = await openSeller(sell)
    const { approve, asked } = createApprover(() => false)
    const { client } = createAskedBuyer({ approve })
    const refuse = () => refusalOf(wrapFetchWithPayment(fetch, client.restrict({ reach: 'anywhere' }))(seller.url))
    for (let task = 0; task < 20; task++) expect(await refuse()).toMatchObject({ code: 'NOT_APPROVED' })
    const error = await refuse()
    expect(error).toMatchObject({ code: 'ASKED_TOO_OFTEN' })
    expect(error.message).not.toContain('askAtMost')
    expect(asked()).toBe(20)
  })

  it('can be set lower by a restricted client, and not higher', async () => {
    const seller = await openSeller(sell)
    for (const [wide, own, most] of [
      [undefined, 5, 5],
      [undefined, Number.POSITIVE_INFINITY, 20],
      [7, 100, 7],
    ] as const) {
      const { approve, asked } = createApprover(() => false)
      const { client } = createAskedBuyer({ approve, askAtMost: wide })
      const agentFetch = wrapFetchWithPayment(fetch, client.restrict({ reach: 'anywhere', askAtMost: own }))
      for (let call = 0; call < 30; call++) await refusalOf(agentFetch(seller.url))
      expect(asked()).toBe(most)
    }
  })

  it('counts for each person by themselves, who are handed to calls', async () => {
    const seller = await openSeller(sell)
    const { paidFetch } = createAskedBuyer({})
    const ann = createApprover(() => false)
    const bob = createApprover(() => true)
    const ask = ({ approve }: typeof ann) => paidFetch(seller.url, calling({ approve }))
    for (let call = 0; call < 20; call++) expect(await refusalOf(ask(ann))).toMatchObject({ code: 'NOT_APPROVED' })
    expect(await refusalOf(ask(ann))).toMatchObject({ code: 'ASKED_TOO_OFTEN' })
    expect((await ask(bob)).status).toBe(200)
    expect(await refusalOf(ask(ann))).toMatchObject({ code: 'ASKED_TOO_OFTEN' })
    expect(ann.asked()).toBe(20)
  })

  it('counts a question whose call was aborted, since it may still be shown', async () => {
    const seller = await openSeller(sell)
    const { approve, asked } = createApprover(() => new Promise(() => undefined))
    const { paidFetch } = createAskedBuyer({ approve })
    for (let call = 1; call <= 20; call++) {
      const aborting = new AbortController()
      const paying = refusalOf(paidFetch(seller.url, { signal: aborting.signal }))
      await expect.poll(asked).toBe(call)
      aborting.abort()
      expect(await paying).toMatchObject({ code: 'ABORTED', money: 'untouched' })
    }
    expect(await refusalOf(paidFetch(seller.url))).toMatchObject({ code: 'ASKED_TOO_OFTEN' })
    expect(asked()).toBe(20)
  })

  it('holds for a payment that is to be presented again, too, whose money stays where it is', async () => {
    let isDown = true
    const seller = await openSeller((request, response) => {
      if (request.payment === undefined) return askToPay(response)
      if (!isDown) return deliver(response, request)
      response.writeHead(409)
      response.end()
    })
    const { approve, asked } = createApprover((_request, question) => question === 1)
    const { paidFetch, signatures } = createAskedBuyer({ approve })
    await paidFetch(seller.url)
    isDown = false
    for (let call = 0; call < 20; call++) {
      expect(await refusalOf(paidFetch(seller.url))).toMatchObject({ code: 'NOT_APPROVED', money: 'in-doubt' })
    }
    expect(await refusalOf(paidFetch(seller.url))).toMatchObject({ code: 'ASKED_TOO_OFTEN', money: 'in-doubt' })
    expect([asked(), signatures()]).toEqual([21, 1])
  })

  it('is off for a rule that decides by itself, with `askAtMost: Infinity`', async () => {
    const seller = await openSeller(sell)
    const { approve, asked } = createApprover((_request, question) => question > 99)
    const { paidFetch } = createAskedBuyer({ approve, askAtMost: Number.POSITIVE_INFINITY })
    for (let call = 0; call < 99; call++) await refusalOf(paidFetch(seller.url))
    expect((await paidFetch(seller.url)).status).toBe(200)
    expect(asked()).toBe(100)
  })

  it('asks nobody more than it did below `approveAbove`', async () => {
    const seller = await openSeller(sell)
    const { approve, asked } = createApprover(() => false)
    const { paidFetch, signatures } = createAskedBuyer({ approve, approveAbove: '$0.01' })
    for (let call = 0; call < 30; call++) expect((await paidFetch(`${seller.url}/${call}`)).status).toBe(200)
    expect([asked(), signatures()]).toEqual([0, 30])
  })

  it.each([0, -1, 1.5, '20', null, Number.NaN])('error: INVALID_OPTION for %j', (askAtMost) => {
    const limits = { approve: () => true, askAtMost: askAtMost as number }
    expect(() => createBuyer({ limits })).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
  })
})
