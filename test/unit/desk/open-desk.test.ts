import { describe, expect, it } from 'vitest'
import { openDesk } from '../../../src/desk/desk.js'
import { isX402Error } from '../../../src/errors/x402-error.js'
import { wrapFetchWithPayment } from '../../../src/fetch/wrap-fetch-with-payment.js'
import { createMemoryLedger } from '../../../src/ledger/book/memory-ledger.js'
import { FREEZE, LIMITS } from '../../../src/payment/ledger.js'
import type { ClientEvent } from '../../../src/payment/stream.js'
import { createManualClock } from '../../../src/testing/manual-clock.js'
import { createSlowLedger } from '../../../src/testing/slow-ledger.js'
import { createBuyer } from '../../support/create-buyer.js'
import { createBriskClock } from '../../support/money/create-brisk-clock.js'
import { drops, inTurn, paymentHeaders, pays } from '../../support/money/paid-answers.js'
import { sell } from '../../support/offers.js'
import { openSeller } from '../fetch/open-seller.js'
import { refusalOf } from '../flow/refusal-of.js'

const ann = { by: 'ann@example.com', reason: 'needed for the report' }
const bob = { by: 'bob@example.com' }

/** A buyer whose purchases are all approved at a desk, on a ledger that both share. */
function createDesked(limits: object = { approve: 'later' }) {
  const clock = createBriskClock()
  const ledger = createMemoryLedger({ clock })
  const events: ClientEvent[] = []
  const buyer = createBuyer({ clock, ledger, limits })
  buyer.client.on('payment', (event) => events.push(event))
  return { ...buyer, clock, ledger, events, desk: openDesk(ledger, { clock }) }
}

async function propose({ paidFetch }: ReturnType<typeof createDesked>, url: string): Promise<string> {
  const error = await refusalOf(paidFetch(url))
  expect(error).toMatchObject({ name: 'LimitError', code: 'APPROVAL_PENDING', money: 'untouched' })
  return error.facts['proposal'] ?? ''
}

describe('approvals', () => {
  it('wait at the desk, with all that a person has to know, as JSON', async () => {
    const seller = await openSeller(sell)
    const desked = createDesked()
    const id = await propose(desked, `${seller.url}/report?secret=1`)
    const [proposal, ...others] = await desked.desk.approvals()
    expect(others).toEqual([])
    expect(JSON.parse(JSON.stringify(proposal))).toEqual(proposal)
    expect(proposal).toMatchObject({
      id,
      state: 'pending',
      price: '0.01 USDC',
      dollars: '$0.01',
      exposure: '10000',
      method: 'GET',
      resource: `GET ${seller.url}/report`,
      host: new URL(seller.url).host,
      tags: [],
      createdAtSeconds: desked.clock.nowSeconds(),
      expiresAtSeconds: desked.clock.nowSeconds() + 86_400,
    })
    expect(desked.events).toMatchObject([
      { type: 'challenge' },
      { type: 'considered' },
      { type: 'proposed', proposal: id, terms: { dollars: '$0.01' } },
      { type: 'refused', code: 'APPROVAL_PENDING', money: 'untouched' },
    ])
    expect([desked.signatures(), await desked.records()]).toEqual([0, []])
  })

  it('make one proposal of calls that ask for the same, and another of another purchase', async () => {
    const seller = await openSeller(sell)
    const desked = createDesked()
    const first = await propose(desked, seller.url)
    expect(await propose(desked, seller.url)).toBe(first)
    const other = await propose(desked, `${seller.url}/other`)
    expect(other).not.toBe(first)
    expect((await desked.desk.approvals({ state: 'pending' })).map(({ id }) => id).sort()).toEqual(
      [first, other].sort(),
    )
    expect(desked.events.filter(({ type }) => type === 'proposed')).toHaveLength(2)
  })

  it('are paid once, and the list says who approved', async () => {
    const seller = await openSeller(sell)
    const desked = createDesked()
    const { desk, paidFetch, clock } = desked
    const id = await propose(desked, seller.url)
    expect(await desk.approve(id, ann)).toMatchObject({ id, state: 'approved', ...ann })
    expect(await desk.approve(id, bob)).toMatchObject({ state: 'approved', ...ann })
    expect((await paidFetch(seller.url)).status).toBe(200)
    expect(await desk.approvals()).toMatchObject([{ id, state: 'used', ...ann }])
    const approval = { proposal: id, ...ann, atSeconds: clock.nowSeconds() }
    expect(await desk.payments()).toMatchObject([{ money: 'settled', approval }])
    expect((await desk.payments())[0]?.approval).toEqual(approval)
    expect(await desk.approve(id, bob)).toMatchObject({ state: 'used', ...ann })
    expect(await propose(desked, seller.url)).not.toBe(id)
    expect(desked.signatures()).toBe(1)
    expect(await desk.decisions()).toEqual([{ type: 'approved', proposal: id, ...ann, atSeconds: clock.nowSeconds() }])
  })

  it('error: NOT_APPROVED when they are denied, with who denied and why, and a no may become a yes', async () => {
    const seller = await openSeller(sell)
    const desked = createDesked()
    const { desk, paidFetch } = desked
    const id = await propose(desked, seller.url)
    await desk.deny(id, { by: 'ann@example.com', reason: 'too expensive' })
    const error = await refusalOf(paidFetch(seller.url))
    expect(error).toMatchObject({ name: 'LimitError', code: 'NOT_APPROVED', money: 'untouched' })
    expect(error.shortMessage).toContain('it was not approved (by ann@example.com: too expensive)')
    await desk.approve(id, bob)
    expect((await paidFetch(seller.url)).status).toBe(200)
    const [used] = await desk.approvals()
    expect([used?.state, used?.by, used?.reason]).toEqual(['used', 'bob@example.com', undefined])
    expect((await desk.decisions()).map(({ type }) => type)).toEqual(['approved', 'denied'])
  })

  it('can be taken back as long as they are not paid, and not after that', async () => {
    const seller = await openSeller(sell)
    const desked = createDesked()
    const { desk, paidFetch } = desked
    const id = await propose(desked, seller.url)
    await desk.approve(id, ann)
    await desk.deny(id, bob)
    expect(await refusalOf(paidFetch(seller.url))).toMatchObject({ code: 'NOT_APPROVED' })
    await desk.approve(id, ann)
    expect((await paidFetch(seller.url)).status).toBe(200)
    expect(await refusalOf(desk.deny(id, bob))).toMatchObject({ name: 'LimitError', code: 'PROPOSAL_USED' })
  })

  it('expire after a day, whether someone approved or not', async () => {
    const seller = await openSeller(sell)
    const desked = createDesked()
    const { desk, clock, paidFetch } = desked
    const id = await propose(desked, seller.url)
    clock.advance(86_400)
    expect(await desk.approvals()).toMatchObject([{ id, state: 'expired' }])
    expect(await refusalOf(desk.approve(id, ann))).toMatchObject({ code: 'PROPOSAL_EXPIRED' })
    expect(await propose(desked, seller.url)).toBe(id)
    await desk.approve(id, ann)
    clock.advance(86_400)
    expect(await refusalOf(paidFetch(seller.url))).toMatchObject({ code: 'APPROVAL_PENDING' })
    expect(desked.signatures()).toBe(0)
  })

  it.each([
    ['nobody', {}],
    ['an empty name', { by: ' ' }],
    ['a number', { by: 7 }],
    ['a reason that is no text', { by: 'Ann', reason: 7 }],
  ])('error: INVALID_OPTION when %s decides, and nothing is decided', async (_what, by) => {
    const seller = await openSeller(sell)
    const desked = createDesked()
    const { desk } = desked
    const id = await propose(desked, seller.url)
    const verbs = [desk.approve(id, by as never), desk.deny(id, by as never), desk.freeze(by as never)]
    for (const deciding of [...verbs, desk.limits({}, by as never)])
      expect(await refusalOf(deciding)).toMatchObject({ code: 'INVALID_OPTION' })
    expect(await desk.decisions()).toEqual([])
    expect(await desk.approvals()).toMatchObject([{ state: 'pending' }])
  })

  it('error: UNKNOWN_OPTION when a reason is misspelled, and nothing is decided', async () => {
    const { desk } = createDesked()
    const by = { by: 'Ann', resaon: 'an audit' } as never
    const verbs = [desk.approve('any', by), desk.deny('any', by), desk.freeze(by), desk.thaw(by), desk.limits({}, by)]
    for (const deciding of verbs) {
      const error = await refusalOf(deciding)
      expect(error).toMatchObject({ code: 'UNKNOWN_OPTION', money: 'untouched' })
      expect(error.message).toContain('.resaon` is unknown')
    }
    expect([await desk.frozen(), await desk.decisions()]).toEqual([undefined, []])
  })

  it('error: NO_PROPOSAL when nobody proposed it', async () => {
    const { desk } = createDesked()
    expect(await refusalOf(desk.approve('nothing', ann))).toMatchObject({ code: 'NO_PROPOSAL', money: 'untouched' })
    expect(await desk.decisions()).toEqual([])
  })
})

describe('client.propose', () => {
  it('proposes ahead exactly what the call then pays, its body and tags included; no restricted client can', async () => {
    const seller = await openSeller(sell)
    const { client, desk, paidFetch, signatures, events } = createDesked()
    const init = { method: 'POST', body: new URLSearchParams({ q: 'a' }), x402: { tags: ['a'] } }
    const proposal = await client.propose(seller.url, { init })
    expect(proposal).toMatchObject({ state: 'pending', method: 'POST', dollars: '$0.01', tags: ['a'] })
    expect(await client.propose(seller.url, { init })).toEqual(proposal)
    expect(await desk.approvals()).toEqual([proposal])
    expect(events).toMatchObject([{ type: 'proposed', proposal: proposal.id }])
    await desk.approve(proposal.id, ann)
    expect(await client.propose(seller.url, { init })).toMatchObject({ state: 'approved', ...ann })
    expect((await paidFetch(seller.url, init)).status).toBe(200)
    expect(await client.propose(seller.url, { init })).toMatchObject({ id: `${proposal.id}-2`, state: 'pending' })
    expect(signatures()).toBe(1)
    expect(client.restrict({})).not.toHaveProperty('propose')
  })

  it.each([
    ['costs nothing', 200],
    ['is not there', 404],
    ['asks for money otherwise', 402],
  ])('error: NOTHING_TO_PROPOSE when the resource %s', async (_what, status) => {
    const seller = await openSeller((_request, response) => void response.writeHead(status).end('{}'))
    const { client, desk } = createDesked()
    const error = await refusalOf(client.propose(seller.url))
    expect(error).toMatchObject({ code: 'NOTHING_TO_PROPOSE', money: 'untouched' })
    expect(await desk.approvals()).toEqual([])
  })

  it('error: what a limit refuses is not proposed, nor a body that can be sent once only', async () => {
    const seller = await openSeller(sell)
    const { client, desk } = createDesked({ perPayment: '$0.001' })
    expect(await refusalOf(client.propose(seller.url))).toMatchObject({ code: 'LIMIT_PER_PAYMENT' })
    const init = { method: 'POST', body: new ReadableStream(), duplex: 'half' } as RequestInit
    const send = () => fetch(seller.url)
    expect(await refusalOf(client.propose(seller.url, { init, fetch: send }))).toMatchObject({
      code: 'BODY_NOT_REPLAYABLE',
    })
    expect(await refusalOf(client.propose('nowhere'))).toMatchObject({ code: 'INVALID_OPTION' })
    expect(await desk.approvals()).toEqual([])
  })
})

describe('freeze', () => {
  it('stops buying and presenting, names who froze and why, and ends with a thaw', async () => {
    const seller = await openSeller(inTurn(drops, pays))
    const { desk, paidFetch, client, clock } = createDesked({})
    const init = { x402: { redeliver: 'never' } } as const
    expect(await refusalOf(paidFetch(seller.url, init))).toMatchObject({ code: 'ANSWER_LOST' })
    await desk.freeze({ by: 'ann@example.com', reason: 'an audit' })
    await desk.freeze(bob)
    for (const url of [seller.url, `${seller.url}/other`]) {
      const error = await refusalOf(paidFetch(url, init))
      expect(error).toMatchObject({ code: 'FROZEN', facts: { 'frozen by': '"ann@example.com"', reason: '"an audit"' } })
    }
    expect((await paidFetch.quote(`${seller.url}/other`)).refusal).toMatchObject({
      code: 'FROZEN',
      facts: { 'frozen by': '"ann@example.com"' },
    })
    const restricted = await refusalOf(wrapFetchWithPayment(fetch, client.restrict({}))(`${seller.url}/other`, init))
    expect(restricted.message).not.toMatch(/ann|audit/)
    expect(await desk.frozen()).toEqual({ by: 'ann@example.com', reason: 'an audit', atSeconds: clock.nowSeconds() })
    await desk.thaw(bob)
    await desk.thaw(bob)
    expect((await paidFetch(seller.url, init)).status).toBe(200)
    expect(await desk.frozen()).toBeUndefined()
    expect(seller.authorizations().size).toBe(1)
    expect((await desk.decisions()).map(({ type, by }) => [type, by])).toEqual([
      ['thawed', 'bob@example.com'],
      ['frozen', 'bob@example.com'],
      ['frozen', 'ann@example.com'],
    ])
  })

  it('stops a call from sending its payment once more by itself', async () => {
    const { desk, paidFetch, records } = createDesked({})
    const seller = await openSeller(
      inTurn(async (request, response) => {
        await desk.freeze(ann)
        await drops(request, response)
      }, pays),
    )
    expect(await refusalOf(paidFetch(seller.url))).toMatchObject({ code: 'ANSWER_LOST', money: 'in-doubt' })
    expect(paymentHeaders(seller)).toHaveLength(1)
    await desk.thaw(ann)
    expect((await paidFetch(seller.url)).status).toBe(200)
    expect(await records()).toHaveLength(1)
  })

  it('tells a freeze that no desk made', async () => {
    const { desk, ledger } = createDesked()
    await ledger.put(FREEZE.kind, FREEZE.key, true, undefined)
    expect(await desk.frozen()).toEqual({})
  })
})

describe('limits', () => {
  it('replace those of a running client, and spending tells the new ones', async () => {
    const seller = await openSeller(sell)
    const { desk, paidFetch, client } = createDesked({ perPayment: '$1' })
    expect((await paidFetch(seller.url)).status).toBe(200)
    await desk.limits({ perPayment: '$0.001', perDay: '$5' }, ann)
    expect(await refusalOf(paidFetch(seller.url))).toMatchObject({
      code: 'LIMIT_PER_PAYMENT',
      facts: { allows: '$0.001' },
    })
    await desk.limits({ perPayment: '$1', perDay: '$0.015' }, ann)
    expect(await refusalOf(paidFetch(seller.url))).toMatchObject({ code: 'LIMIT_WINDOW', facts: { allows: '$0.015' } })
    for (const spending of [await client.spending(), await desk.spending()])
      expect(spending).toMatchObject([{ limit: 'perDay', allowed: '$0.015', spent: '$0.01', left: '$0.005' }])
    await desk.limits({ perPayment: '$1' }, ann)
    expect((await paidFetch(seller.url)).status).toBe(200)
    expect(await desk.decisions({ limit: 1 })).toMatchObject([{ type: 'limits', ...ann, limits: { perPayment: '$1' } }])
  })

  it('that were given to the desk are told until some are set', async () => {
    const { ledger } = createDesked()
    expect(await openDesk(ledger).spending()).toEqual([])
    const desk = openDesk(ledger, { limits: { perDay: '$3' } })
    expect(await desk.spending()).toMatchObject([{ allowed: '$3.00' }])
    await desk.limits({ perDay: '$2' }, ann)
    expect(await desk.spending()).toMatchObject([{ allowed: '$2.00' }])
  })

  it.each([
    ['a function', { approve: () => true }],
    ['Infinity', { askAtMost: Number.POSITIVE_INFINITY }],
    ['an unknown option', { perYear: '$1' }],
    ['a number for money', { perDay: 5 }],
    ['nothing', undefined],
  ])('error: a ConfigurationError for %s, and nothing changes', async (_what, limits) => {
    const { desk, ledger } = createDesked()
    expect(await refusalOf(desk.limits(limits as never, ann))).toMatchObject({ name: 'ConfigurationError' })
    expect(await ledger.get(LIMITS.kind, LIMITS.key)).toBeUndefined()
    expect(await desk.decisions()).toEqual([])
  })

  it('may be written with a bigint, which is kept as its digits', async () => {
    const { desk, ledger } = createDesked()
    const asset = { network: 'eip155:8453', asset: '0x60a3E35Cc302bFA44Cb288Bc5a4F316Fdb1adb42' } as const
    await desk.limits({ assets: [{ ...asset, perPayment: 5n }] }, ann)
    const kept = await ledger.get(LIMITS.kind, LIMITS.key)
    expect(kept).toMatchObject({ limits: { assets: [{ ...asset, perPayment: '5' }] } })
  })

  it('error: LIMITS_UNREADABLE for what a newer version may have written, and nothing is signed', async () => {
    const seller = await openSeller(sell)
    const { desk, ledger, paidFetch, client, signatures } = createDesked({})
    const newer = { version: '9', limits: { perCentury: '$1' } }
    await ledger.put(LIMITS.kind, LIMITS.key, newer, undefined)
    expect(await refusalOf(paidFetch(seller.url))).toMatchObject({ code: 'LIMITS_UNREADABLE', money: 'untouched' })
    expect((await paidFetch.quote(seller.url)).refusal).toMatchObject({ code: 'LIMITS_UNREADABLE' })
    for (const spending of [client.spending(), desk.spending()])
      expect(await refusalOf(spending)).toMatchObject({ code: 'LIMITS_UNREADABLE' })
    expect(signatures()).toBe(0)
  })
})

describe('two desks and three clients at once', () => {
  it('lose no proposal and no decision, and pay each approval once', async () => {
    const seller = await openSeller(sell)
    const ledger = createSlowLedger(createMemoryLedger(), { milliseconds: 1 })
    const limits = { approve: 'later', askAtMost: 100, perDay: '$100' } as const
    const buyers = [1, 2, 3].map(() => createBuyer({ ledger, limits }))
    const desks = [openDesk(ledger), openDesk(ledger)]
    const urls = Array.from({ length: 30 }, (_, call) => `${seller.url}/${call}`)
    const callAll = () =>
      Promise.all(
        urls.flatMap((url) =>
          buyers.map(async ({ paidFetch }) => {
            try {
              return { url, status: (await paidFetch(url)).status }
            } catch (error) {
              if (!isX402Error(error)) throw error
              return { url, code: error.code, proposal: error.facts['proposal'] ?? '' }
            }
          }),
        ),
      )
    const proposed = await callAll()
    const ids = [...new Set(proposed.map(({ proposal = '' }) => proposal))]
    expect(ids).toHaveLength(urls.length)
    expect((await desks[0]?.approvals())?.map(({ id }) => id).sort()).toEqual([...ids].sort())
    const deciding = ids.flatMap((id, index) =>
      desks.map((desk) => (index % 3 === 0 ? desk.deny(id, ann) : desk.approve(id, ann))),
    )
    await Promise.all(deciding)
    expect((await desks[1]?.approvals({ state: 'denied' }))?.length).toBe(10)
    const became = await callAll()
    for (const [index, id] of ids.entries()) {
      const url = proposed.find(({ proposal }) => proposal === id)?.url
      const calls = became.filter((one) => one.url === url)
      const isDenied = index % 3 === 0
      expect(calls.filter(({ status }) => status === 200)).toHaveLength(isDenied ? 0 : 1)
      expect(calls.filter(({ code }) => code === (isDenied ? 'NOT_APPROVED' : 'APPROVAL_PENDING'))).toHaveLength(
        isDenied ? 3 : 2,
      )
    }
    expect(seller.authorizations().size).toBe(20)
    const decided = (await desks[0]?.decisions()) ?? []
    expect(new Set(decided.map(({ proposal }) => proposal))).toEqual(new Set(ids))
  })
})

describe('decisions', () => {
  it('of ten desks at once are all kept, each with a number of its own', async () => {
    const ledger = createMemoryLedger()
    const clock = createManualClock()
    const desks = Array.from({ length: 10 }, () => openDesk(ledger, { clock }))
    await Promise.all(
      desks.flatMap((desk, index) => [desk.freeze({ by: `f${index}` }), desk.limits({}, { by: `l${index}` })]),
    )
    const [first] = desks
    const decisions = (await first?.decisions()) ?? []
    const expected = desks.flatMap((_, index) => [`f${index}`, `l${index}`])
    expect(decisions.map(({ by }) => by).sort()).toEqual(expected.sort())
    // Of limits the last decision holds.
    const last = decisions.find(({ type }) => type === 'limits')
    expect(await ledger.get(LIMITS.kind, LIMITS.key)).toMatchObject({ by: last?.by })
  })
})

it('error: INVALID_OPTION for what is no ledger', () => {
  expect(() => openDesk({} as never)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
})
