import { describe, expect, it } from 'vitest'
import type { RestrictedClient } from '../../../src/client/restricted-client.js'
import type { x402Client } from '../../../src/client/x402-client.js'
import { createMemoryLedger } from '../../../src/ledger/book/memory-ledger.js'
import { ledgers } from '../../support/conformance/ledgers.js'
import { account, createBuyer } from '../../support/create-buyer.js'
import { createOffer, NETWORK, TRANSACTION } from '../../support/offers.js'
import { askFor } from '../../unit/flow/ask-for.js'
import { refusalOf } from '../../unit/flow/refusal-of.js'

const url = 'wss://api.example.com/feed'
const receipt = { success: true, transaction: TRANSACTION, network: NETWORK, payer: account.address }

/** Begins as many payments at once, each for a purchase of its own, and tells of each what `tell` does. */
async function beginMany(buyer: Pick<RestrictedClient, 'begin'>, many: number, tell: number) {
  const outcomes = await Promise.allSettled(
    Array.from({ length: many }, async (_, index) => {
      const open = await buyer.begin(askFor(), { url: `${url}/${index}` })
      if (index % 3 === tell) await open.answered({ receipt })
      if (index % 3 === tell + 1) await open.lost()
    }),
  )
  return outcomes.filter(({ status }) => status === 'fulfilled').length
}

for (const [where, createLedger] of ledgers) {
  it(`begin: a hundred at once spend no more than the total allows, whatever is told of them${where}`, async () => {
    const { client, signatures } = createBuyer({ ledger: createLedger(), limits: { total: '$0.20' } })
    expect(await beginMany(client, 100, 0)).toBe(20)
    expect(signatures()).toBe(20)
  })

  it(`begin: a restricted client begins within its own total and its owner’s${where}`, async () => {
    const { client, signatures } = createBuyer({ ledger: createLedger(), limits: { total: '$0.10' } })
    const [one, other] = [client.restrict({ total: '$0.06' }), client.restrict({ name: 'team', total: '$0.06' })]
    const begun = await Promise.all([beginMany(one, 30, 1), beginMany(other, 30, 1)])
    expect(Math.max(...begun)).toBeLessThanOrEqual(6)
    expect(begun.reduce((sum, count) => sum + count)).toBe(10)
    expect(signatures()).toBe(10)
  })
}

describe('begin by an id', () => {
  const clients: Readonly<Record<string, (client: x402Client) => x402Client | RestrictedClient>> = {
    'the client': (client) => client,
    'a restricted client': (client) => client.restrict({ total: '$1' }),
    'the name': (client) => client.restrict({ name: 'team/researcher' }),
    'a name above it': (client) => client.restrict({ name: 'team' }),
    'a name beside it': (client) => client.restrict({ name: 'team/writer' }),
    'a name below it': (client) => client.restrict({ name: 'team/researcher/poems' }),
    'a client of the name without a name': (client) => client.restrict({ name: 'team/researcher' }).restrict({}),
  }
  const opens: Readonly<Record<string, readonly string[]>> = {
    // What it could present without the id: of its own space, where a restricted one knows its own payments alone.
    'the client': ['the client', 'a restricted client'],
    'a restricted client': [],
    'the name': ['the name', 'a client of the name without a name'],
  }

  for (const [opener, mayOpen] of Object.entries(opens)) {
    it(`of ${opener}: opens what it could present, and is told nothing more`, async () => {
      for (const [maker, narrow] of Object.entries(clients)) {
        const { client, ledger } = createBuyer({ ledger: createMemoryLedger() })
        const { id } = await narrow(client).begin(askFor(), { url, purchase: 'order-7', tags: ['poems'] })
        const open = clients[opener]?.(createBuyer({ ledger }).client)
        const opened = await open?.begin(id).then(
          (begun) => begun.id,
          (error) => error.code,
        )
        expect([maker, opened]).toEqual([maker, mayOpen.includes(maker) ? id : 'CANNOT_REOPEN'])
      }
    })
  }

  it('opens a payment of its own again, and lets nobody else', async () => {
    const { client } = createBuyer()
    const [agent, other] = [client.restrict({ total: '$1' }), client.restrict({ total: '$1' })]
    const { id } = await agent.begin(askFor(), { url, purchase: 'order-7' })
    expect((await agent.begin(id)).id).toBe(id)
    const unknown = await refusalOf(other.begin('f'.repeat(32)))
    const foreign = await refusalOf(other.begin(id))
    expect(foreign.message.replaceAll(id, '…')).toBe(unknown.message.replaceAll('f'.repeat(32), '…'))
  })

  const tighter = {
    'a host that is not on its list': { limits: { hosts: ['other.example.com'] }, code: 'HOST_NOT_ALLOWED' },
    'a price above its limit': { limits: { perPayment: '$0.009' }, code: 'LIMIT_PER_PAYMENT' },
    'a network that is not on its list': { limits: { networks: ['eip155:1'] }, code: 'NETWORK_NOT_ALLOWED' },
  } as const

  it.each(Object.entries(tighter))('refuses %s, though the payment was made before', async (_, { limits, code }) => {
    const ledger = createMemoryLedger()
    const wide = createBuyer({ ledger }).client.restrict({ name: 'team' })
    const { id } = await wide.begin(askFor(), { url, purchase: 'order-7' })
    const { client, signatures } = createBuyer({ ledger })
    const tight = client.restrict({ name: 'team', ...limits } as never)
    expect(await refusalOf(tight.begin(id))).toMatchObject({ code, money: 'in-doubt' })
    expect(signatures()).toBe(0)
    expect((await wide.begin(id)).id).toBe(id)
  })

  it('adds nothing to what was spent, however often it is opened and told', async () => {
    const { client } = createBuyer({ limits: { total: '$0.01' } })
    const { id } = await client.begin(askFor(), { url, purchase: 'order-7' })
    for (let times = 0; times < 5; times++) await (await client.begin(id)).lost()
    await (await client.begin(id)).answered({ receipt })
    expect(await client.spending()).toMatchObject([
      { limit: 'perDay', spent: '$0.01', held: '$0.00' },
      { limit: 'total', spent: '$0.01', left: '$0.00' },
    ])
  })
})

it('begin: refuses a host that is unknown in a restricted client, with nothing signed', async () => {
  const { client, signatures } = createBuyer()
  const refused = await refusalOf(client.restrict({ total: '$1' }).begin(askFor(), { purchase: 'order-7' }))
  expect(refused).toMatchObject({ code: 'HOST_UNKNOWN', money: 'untouched' })
  expect(signatures()).toBe(0)
})

it('begin: refuses what costs more than the call says, with nothing signed', async () => {
  const { client, signatures } = createBuyer()
  const dear = askFor([createOffer({ amount: '20000' })])
  expect(await refusalOf(client.begin(dear, { url, max: '$0.01' }))).toMatchObject({ code: 'LIMIT_PER_PAYMENT' })
  expect(signatures()).toBe(0)
})
