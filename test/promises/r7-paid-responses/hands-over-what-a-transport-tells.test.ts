import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createMemoryLedger } from '../../../src/ledger/book/memory-ledger.js'
import type { Ledger } from '../../../src/payment/ledger.js'
import { account, createBuyer } from '../../support/create-buyer.js'
import { listWarnings } from '../../support/list-warnings.js'
import { NETWORK, TRANSACTION } from '../../support/offers.js'
import { askFor } from '../../unit/flow/ask-for.js'

const url = 'wss://api.example.com/feed'
const receipt = { success: true, transaction: TRANSACTION, network: NETWORK, payer: account.address }

/** What a seller may write: anything that a transport carries, and what looks like a receipt or terms. */
const written = fc.oneof(
  fc.jsonValue({ maxDepth: 4 }),
  fc.string(),
  fc.base64String(),
  fc.bigInt(),
  fc.array(fc.record({ success: fc.jsonValue(), transaction: fc.jsonValue(), network: fc.jsonValue() }), {
    maxLength: 4,
  }),
  fc.record({ x402Version: fc.constantFrom(1, 2, 3), accepts: fc.jsonValue(), error: fc.jsonValue() }),
)

const told = fc.record(
  {
    receipt: written,
    required: written,
    reason: written,
    delivered: fc.boolean(),
    status: fc.integer({ min: 100, max: 599 }),
  },
  { requiredKeys: [] },
)

it('answered: throws nothing that a seller writes, and what it says frees nothing', async () => {
  const property = fc.asyncProperty(told, fc.boolean(), async (facts, isKeyed) => {
    const { client, signatures, records } = createBuyer()
    const purchase = isKeyed ? 'order-7' : undefined
    const open = await client.begin(askFor(), { url, purchase })
    const { money, delivery } = await open.answered(facts)
    // Only a receipt that fits settles it, and none of these does.
    expect([money, delivery]).toEqual(['in-doubt', (await records())[0]?.delivery])
    const again = await client.begin(askFor(), { url, purchase })
    expect(again.id === open.id).toBe(delivery !== 'delivered')
    expect(signatures()).toBe(delivery === 'delivered' ? 2 : 1)
  })
  await fc.assert(property, { numRuns: 300 })
})

/** A ledger that takes note of what left, and of nothing that came back. */
function createForgetful(): { ledger: Ledger; mend(): void } {
  const book = createMemoryLedger()
  let isBroken = true
  const note: Ledger['note'] = (id, event) =>
    isBroken && event.type !== 'sent' ? Promise.reject(new Error('the disk is full')) : book.note(id, event)
  return { ledger: { ...book, note }, mend: () => (isBroken = false) }
}

it('answered: hands the summary over though the ledger fails, and tells it before the same is bought again', async () => {
  const { ledger, mend } = createForgetful()
  const { client, records, signatures } = createBuyer({ ledger })
  const warnings = listWarnings(client)
  const open = await client.begin(askFor(), { url })
  expect(await open.answered({ delivered: false })).toMatchObject({
    id: open.id,
    money: 'in-doubt',
    delivery: 'answered',
  })
  expect(warnings).toMatchObject([{ code: 'RESOURCE_ELSEWHERE' }, { code: 'LEDGER_BEHIND' }])
  expect(await records()).toMatchObject([{ state: 'sent', delivery: 'none' }])
  mend()
  expect((await client.begin(askFor(), { url })).id).toBe(open.id)
  expect(signatures()).toBe(1)
})

it('answered: hands the summary over though a hook throws', async () => {
  const { client } = createBuyer()
  const warnings = listWarnings(client)
  client.onPaymentResponse(() => {
    throw new Error('my hook')
  })
  const open = await client.begin(askFor(), { url })
  expect(await open.answered({ receipt })).toMatchObject({ money: 'settled', delivery: 'delivered' })
  expect(warnings).toContainEqual(expect.objectContaining({ code: 'HOOK_FAILED' }))
})

it('answered and lost: told at once by two who hold it, it is delivered', async () => {
  const { client, records } = createBuyer()
  const open = await client.begin(askFor(), { url, purchase: 'order-7' })
  const other = await client.begin(open.id)
  await Promise.all([open.lost(), other.answered({ receipt }), open.lost(), other.lost()])
  expect(await records()).toMatchObject([{ state: 'settled', delivery: 'delivered' }])
})
