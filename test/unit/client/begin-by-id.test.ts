import { privateKeyToAccount } from 'viem/accounts'
import { describe, expect, it } from 'vitest'
import { ExactEvmScheme } from '../../../schemes/evm/index.js'
import { x402Client } from '../../../src/client/x402-client.js'
import { createMemoryLedger } from '../../../src/ledger/book/memory-ledger.js'
import type { Ledger } from '../../../src/payment/ledger.js'
import { createManualClock } from '../../../src/testing/manual-clock.js'
import { encodePaymentRequiredHeader } from '../../../src/wire/challenge.js'
import { createBuyer } from '../../support/create-buyer.js'
import { NETWORK, TRANSACTION } from '../../support/offers.js'
import { askFor } from '../flow/ask-for.js'
import { refusalOf } from '../flow/refusal-of.js'

const url = 'wss://api.example.com/feed'
const receipt = { success: true, transaction: TRANSACTION, network: NETWORK }

describe('begin by an id', () => {
  it.each([
    ['under a key', { url, purchase: 'order-7' }],
    ['without a key', { url }],
    ['without an address', {}],
    ['without an address, under a key', { purchase: 'order-7' }],
  ])('opens what was begun %s, and signs nothing', async (_, options) => {
    const { client, signatures, records } = createBuyer()
    const first = await client.begin(askFor(), options)
    const again = await client.begin(first.id)
    expect(again).toMatchObject({ id: first.id, payment: { money: 'in-doubt', delivery: 'none' } })
    expect(again.payload).toEqual(first.payload)
    expect(await again.answered({ receipt })).toMatchObject({ money: 'settled', delivery: 'delivered' })
    expect(signatures()).toBe(1)
    expect(await records()).toMatchObject([{ state: 'settled', delivery: 'delivered' }])
  })

  it('opens what createPaymentPayload handed out', async () => {
    const { client, records } = createBuyer()
    const paymentPayload = await client.createPaymentPayload(askFor(), { url })
    const [{ id } = { id: '' }] = await records()
    const open = await client.begin(id)
    expect(open.payload).toEqual(paymentPayload)
    expect(await open.answered({ receipt })).toMatchObject({ money: 'settled' })
  })

  it('keeps the names of its purchase, so that what was lost is handed out for it again', async () => {
    const { client } = createBuyer()
    const asked = { url: `${url}?city=Zurich`, tags: ['team-a'], method: 'POST' }
    const first = await client.begin(askFor(), asked)
    await (await client.begin(first.id, { url })).lost()
    expect((await client.begin(askFor(), asked)).id).toBe(first.id)
  })

  it('opens each of several that were lost for one purchase', async () => {
    const { client } = createBuyer()
    const all = [await client.begin(askFor(), { url }), await client.begin(askFor(), { url })]
    for (const one of all) await one.lost()
    for (const { id, payload } of all) {
      const open = await client.begin(id)
      expect([open.id, open.payload]).toEqual([id, payload])
      await open.lost()
    }
    expect(new Set(all.map(({ id }) => id)).size).toBe(2)
  })

  it('tells the client that a person approves it again, and which it is', async () => {
    const shown: unknown[] = []
    const approve = ({ resumed, payment }: { resumed: boolean; payment: string | undefined }) => {
      shown.push([resumed, payment])
      return true
    }
    const { client } = createBuyer({ limits: { approve } })
    const { id } = await client.begin(askFor(), { url, purchase: 'order-7' })
    await client.begin(id)
    expect(shown).toEqual([
      [false, undefined],
      [true, id],
    ])
  })

  type Case = {
    readonly code: string
    readonly money: string
    /** What becomes of the payment first. */
    readonly before?: (id: string, client: x402Client, ledger: Ledger) => Promise<unknown>
    readonly options?: Parameters<x402Client['begin']>[1]
    readonly says?: string
  }
  const refused: Readonly<Record<string, Case>> = {
    'it was delivered': {
      code: 'CANNOT_REOPEN',
      money: 'settled',
      says: 'delivered',
      before: async (id, client) => (await client.begin(id)).answered({ receipt }),
    },
    'it was released': {
      code: 'CANNOT_REOPEN',
      money: 'released',
      says: 'released',
      before: (id, _, ledger) => ledger.note(id, { type: 'released', because: 'dead' }),
    },
    'it was given up': {
      code: 'CANNOT_REOPEN',
      money: 'in-doubt',
      says: 'given up',
      before: (id, client) => client.forget(id),
    },
    'another call presents it': {
      code: 'PURCHASE_UNDER_WAY',
      money: 'in-doubt',
      before: async (id, _, ledger) => {
        for await (const { call } of ledger.list({})) {
          const asker = { payers: createPayers(), nowSeconds: 0, buysOver: false }
          expect(await ledger.claim({ ...call, ...asker })).toMatchObject({ is: 'yours', payment: { id } })
        }
      },
    },
    'another origin is named': {
      code: 'CANNOT_REOPEN',
      money: 'in-doubt',
      says: 'another origin',
      options: { url: 'wss://elsewhere.example/feed' },
    },
    'the call says no more than a cent less': {
      code: 'LIMIT_PER_PAYMENT',
      money: 'in-doubt',
      options: { max: '$0.009' },
    },
    'someone says no': { code: 'NOT_APPROVED', money: 'in-doubt', options: { approve: () => false } },
    'the ledger is frozen': {
      code: 'FROZEN',
      money: 'in-doubt',
      before: (_, __, ledger) => ledger.put('freeze', 'all', true, undefined),
    },
  }

  it.each(Object.entries(refused))('error: when %s, and the payment stays as it is', async (_, given) => {
    const { client, ledger, records, signatures } = createBuyer()
    const { id } = await client.begin(askFor(), { url, purchase: 'order-7' })
    await given.before?.(id, client, ledger)
    const before = await records()
    const error = await refusalOf(client.begin(id, given.options))
    expect(error).toMatchObject({ code: given.code, money: given.money })
    expect(error.message).toContain(given.says ?? '')
    expect(await records()).toEqual(before)
    expect(signatures()).toBe(1)
  })

  it('error: INVALID_OPTION for terms that nobody decoded, which are not printed', async () => {
    const { client, signatures } = createBuyer()
    const header = encodePaymentRequiredHeader(askFor())
    const error = await refusalOf(client.begin(header, { url }))
    expect(error).toMatchObject({ name: 'ConfigurationError', code: 'INVALID_OPTION', money: 'untouched' })
    expect(error.message).toContain('decodePaymentRequiredHeader(text)')
    expect(error.message).not.toContain(header.slice(0, 20))
    expect(signatures()).toBe(0)
  })

  it('error: CANNOT_REOPEN for an id that no one knows, and PAYMENT_NOT_KEPT for one that its ledger dropped', async () => {
    const { client } = createBuyer({ ledger: createMemoryLedger({ keep: 1 }) })
    expect(await refusalOf(client.begin('f'.repeat(32)))).toMatchObject({ code: 'CANNOT_REOPEN', money: 'untouched' })
    const first = await client.begin(askFor(), { url })
    await first.answered({ receipt })
    for (let more = 0; more < 3; more++) await (await client.begin(askFor(), { url })).answered({ receipt })
    expect(await refusalOf(client.begin(first.id))).toMatchObject({ code: 'PAYMENT_NOT_KEPT' })
  })

  it('error: PAID_PERHAPS once it can no longer be taken, and it stays counted', async () => {
    const clock = createManualClock()
    const { client, records } = createBuyer({ clock, ledger: createMemoryLedger({ clock }) })
    const { id } = await client.begin(askFor(), { url, purchase: 'order-7' })
    clock.advance(3600)
    expect(await refusalOf(client.begin(id))).toMatchObject({ code: 'PAID_PERHAPS', money: 'in-doubt' })
    expect(await records()).toMatchObject([{ state: 'sent', delivery: 'lost', claimed: false }])
  })

  it('error: CANNOT_REOPEN from a client without the account that paid', async () => {
    const { client, ledger } = createBuyer()
    const { id } = await client.begin(askFor(), { url, purchase: 'order-7' })
    const other = new x402Client({ ledger }).register(
      'eip155:*',
      new ExactEvmScheme(privateKeyToAccount(`0x${'22'.repeat(32)}`)),
    )
    const error = await refusalOf(other.begin(id))
    expect(error).toMatchObject({ code: 'CANNOT_REOPEN', money: 'in-doubt' })
    expect(error.message).toContain('account')
  })

  it('error: LEDGER_UNAVAILABLE, in doubt, when the ledger can not be asked', async () => {
    const ledger = createMemoryLedger()
    const { client } = createBuyer({ ledger })
    const { id } = await client.begin(askFor(), { url, purchase: 'order-7' })
    const broken: Ledger = {
      ...ledger,
      claim: () => Promise.reject(new Error('the disk is gone')),
    }
    const { client: other } = createBuyer({ ledger: broken })
    expect(await refusalOf(other.begin(id))).toMatchObject({ code: 'LEDGER_UNAVAILABLE', money: 'in-doubt' })
  })
})

function createPayers(): readonly string[] {
  return [privateKeyToAccount(`0x${'11'.repeat(32)}`).address]
}
