import axios from 'axios'
import ky, { HTTPError } from 'ky'
import { describe, expect, it } from 'vitest'
import { wrapAxiosWithPayment } from '../../../src/axios/wrap-axios-with-payment.js'
import type { RestrictedClient } from '../../../src/client/restricted-client.js'
import { wrapFetchWithPayment } from '../../../src/fetch/wrap-fetch-with-payment.js'
import { wrapKyWithPayment } from '../../../src/ky/wrap-ky-with-payment.js'
import { ledgers } from '../../support/conformance/ledgers.js'
import { createBuyer } from '../../support/create-buyer.js'
import { calling } from '../../support/money/create-brisk-buyer.js'
import { sell } from '../../support/offers.js'
import { openSeller } from '../../unit/fetch/open-seller.js'
import { refusalOf } from '../../unit/flow/refusal-of.js'

/** How an agent calls an address through each door: the status, or an error. */
const doors: readonly (readonly [string, (agent: RestrictedClient) => (url: string) => Promise<number>])[] = [
  [
    'fetch',
    (agent) => {
      const agentFetch = wrapFetchWithPayment(fetch, agent)
      return async (url) => (await agentFetch(url)).status
    },
  ],
  [
    'ky',
    (agent) => {
      const api = wrapKyWithPayment(ky.create({ retry: 0 }), agent)
      const unwrap = (error: unknown) => Promise.reject(error instanceof HTTPError ? error.cause : error)
      return async (url) => (await api.get(url).catch(unwrap)).status
    },
  ],
  ...(['http', 'fetch'] as const).map((adapter): (typeof doors)[number] => [
    `axios (${adapter} adapter)`,
    (agent) => {
      const api = wrapAxiosWithPayment(axios.create({ adapter }), agent)
      const unwrap = (error: unknown) => Promise.reject(axios.isAxiosError(error) ? (error.cause ?? error) : error)
      return async (url) => (await api.get(url).catch(unwrap)).status
    },
  ]),
]

describe.each(ledgers)('client.restrict({ perResource })%s:', (_on, createLedger) => {
  it.each(doors)('stops an agent that buys the same thing again, through %s', async (_door, open) => {
    const seller = await openSeller(sell)
    const { client, signatures } = createBuyer({ ledger: createLedger() })
    const agent = client.restrict({ reach: 'anywhere', perResource: { payments: 1 } })
    const call = open(agent)
    expect(await call(`${seller.url}/item?a`)).toBe(200)
    const error = await refusalOf(call(`${seller.url}/item?b`))
    expect(error).toMatchObject({ code: 'LIMIT_COUNT', money: 'untouched' })
    expect(error.shortMessage).toBe(
      'Refused to pay 0.01 USDC: it was paid for before, and the limit "restrict.perResource.payments" allows 1 payment for each resource.',
    )
    expect(error.message).toContain("Use what it returned then, if anything. This client can't raise its limits")
    expect(error.message).not.toMatch(/Raise `/)
    expect(await call(`${seller.url}/other`)).toBe(200)
    expect(signatures()).toBe(2)
  })

  it('counts what it bought itself, and what those below it bought', async () => {
    const seller = await openSeller(sell)
    const { client, paidFetch } = createBuyer({ ledger: createLedger() })
    await paidFetch(`${seller.url}/item`)
    const agent = client.restrict({ reach: 'anywhere', perResource: { payments: 2, perDay: { payments: 2 } } })
    const child = wrapFetchWithPayment(fetch, agent.restrict({ perResource: { total: { payments: 1 } } }))
    const sibling = wrapFetchWithPayment(fetch, client.restrict({ reach: 'anywhere', perResource: { payments: 1 } }))
    expect((await child(`${seller.url}/item`)).status).toBe(200)
    expect(await refusalOf(child(`${seller.url}/item`))).toMatchObject({ code: 'LIMIT_COUNT' })
    const agentFetch = wrapFetchWithPayment(fetch, agent)
    expect((await agentFetch(`${seller.url}/item`)).status).toBe(200)
    expect(await refusalOf(agentFetch(`${seller.url}/item`))).toMatchObject({ code: 'LIMIT_COUNT' })
    expect((await sibling(`${seller.url}/item`)).status).toBe(200)
    expect(await agent.spending({ resource: `${seller.url}/item` })).toMatchObject([
      { limit: 'restrict.perResource.payments', left: '0 payments', scope: { resource: `GET ${seller.url}/item` } },
      { limit: 'restrict.perResource.perDay.payments', left: '0 payments' },
    ])
  })

  it('holds a wider client’s limit for it, too, with or without the query', async () => {
    for (const query of [false, true]) {
      const seller = await openSeller(sell)
      const { client, paidFetch } = createBuyer({
        ledger: createLedger(),
        limits: { perResource: { payments: 1, query } },
      })
      const agentFetch = wrapFetchWithPayment(fetch, client.restrict({ reach: 'anywhere' }).restrict({}))
      expect((await agentFetch(`${seller.url}/item?a`)).status).toBe(200)
      expect(await refusalOf(paidFetch(`${seller.url}/item?a`))).toMatchObject({ code: 'LIMIT_COUNT' })
      expect(await refusalOf(agentFetch(`${seller.url}/item?a`))).toMatchObject({ code: 'LIMIT_COUNT' })
      const other = await agentFetch(`${seller.url}/item?b`).catch(() => undefined)
      expect(other?.status).toBe(query ? 200 : undefined)
    }
  })

  it('tells queries apart within its own payments, whatever tags its calls carry', async () => {
    const seller = await openSeller(sell)
    const { client, paidFetch } = createBuyer({ ledger: createLedger() })
    await paidFetch(`${seller.url}/item?a`)
    const agentFetch = wrapFetchWithPayment(
      fetch,
      client.restrict({ reach: 'anywhere', perResource: { payments: 1, query: true } }),
    )
    expect((await agentFetch(`${seller.url}/item?a`, calling({ tags: ['x'] }))).status).toBe(200)
    expect((await agentFetch(`${seller.url}/item?b`)).status).toBe(200)
    expect(await refusalOf(agentFetch(`${seller.url}/item?a`, calling({ tags: ['y'] })))).toMatchObject({
      code: 'LIMIT_COUNT',
    })
  })

  it('can’t be filled by a call that gives the label of an address as a tag', async () => {
    const seller = await openSeller(sell)
    const { paidFetch, records, signatures } = createBuyer({
      ledger: createLedger(),
      limits: { perResource: { payments: 1, query: true } },
    })
    await paidFetch(`${seller.url}/item?a`)
    const [payment] = await records()
    expect(payment?.call.tags).toEqual([expect.stringMatching(/^client\/\?[0-9a-f]{32}$/)])
    const forged = paidFetch(`${seller.url}/item?b`, calling({ tags: payment?.call.tags }))
    expect(await refusalOf(forged)).toMatchObject({ code: 'INVALID_OPTION', money: 'untouched' })
    expect(signatures()).toBe(1)
  })
})
