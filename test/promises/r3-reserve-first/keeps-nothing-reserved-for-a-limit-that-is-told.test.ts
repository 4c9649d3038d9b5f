import { describe, expect, it } from 'vitest'
import { createMemoryLedger } from '../../../src/ledger/book/memory-ledger.js'
import type { Sums } from '../../../src/payment/ledger.js'
import { createBuyer } from '../../support/create-buyer.js'
import { sell } from '../../support/offers.js'
import { openSeller } from '../../unit/fetch/open-seller.js'

const sums: Readonly<Record<string, () => Promise<Sums>>> = {
  'throws at once': () => {
    throw new Error('not connected')
  },
  rejects: () => Promise.reject(new Error('not connected')),
  'answers nothing that can be read': async () => JSON.parse('{}'),
}

describe('R3, how near a limit is, is told and changes nothing, where a ledger that is asked for its sums', () => {
  it.each(Object.entries(sums))('%s', async (_, spent) => {
    const seller = await openSeller(sell)
    const limits = { perDay: { payments: 1 } }
    const { client, paidFetch, records } = createBuyer({ limits, ledger: { ...createMemoryLedger(), spent } })
    client.on('payment', () => undefined)
    expect((await paidFetch(seller.url)).status).toBe(200)
    expect(await records()).toMatchObject([{ state: 'settled' }])
  })
})
