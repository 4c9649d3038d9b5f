import { expect, it } from 'vitest'
import { createMemoryLedger } from '../../../src/ledger/book/memory-ledger.js'
import { createBuyer } from '../../support/create-buyer.js'
import { listWarnings } from '../../support/list-warnings.js'
import { createBriskClock } from '../../support/money/create-brisk-clock.js'
import { drops, inTurn, pays } from '../../support/money/paid-answers.js'
import { openSeller } from '../fetch/open-seller.js'
import { refusalOf } from './refusal-of.js'

it('ends an earlier payment’s purchase when it is bought again, though the chain has settled that payment meanwhile', async () => {
  const seller = await openSeller(inTurn(drops, pays))
  const clock = createBriskClock()
  const works = createMemoryLedger({ clock })
  let earlier: string | undefined
  const ledger: typeof works = {
    ...works,
    async reserve(draft, caps) {
      // Another process asks the chain between two steps of this one.
      if (earlier !== undefined) await works.note(earlier, { type: 'settled' })
      return works.reserve(draft, caps)
    },
  }
  const buyer = createBuyer({ ledger, clock })
  const warnings = listWarnings(buyer.client)
  const call = () => buyer.paidFetch(seller.url, { x402: { redeliver: 'never' } } as RequestInit)
  expect(await refusalOf(call())).toMatchObject({ code: 'ANSWER_LOST' })
  earlier = (await buyer.records())[0]?.id
  clock.advance(60 + 600)
  expect((await call()).status).toBe(200)
  expect(warnings).toEqual([])
  expect(await buyer.records()).toMatchObject([
    { state: 'settled', delivery: 'delivered' },
    { id: earlier, state: 'settled', delivery: 'lost', forgotten: true },
  ])
})
