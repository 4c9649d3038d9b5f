import { expect } from 'vitest'
import type { LimitsOptions } from '../../../src/limits/create-limits.js'
import type { CallOptions } from '../../../src/payment/exchange.js'
import { throughEveryDoor } from '../../support/conformance/doors.js'
import { ledgers } from '../../support/conformance/ledgers.js'
import type { Narrow } from '../../support/create-buyer.js'
import { calling } from '../../support/money/create-brisk-buyer.js'
import { sell } from '../../support/offers.js'

const tagged = (...tags: string[]) => calling({ tags })

/** Where the same limits are set. */
const places: Readonly<Record<string, (limits: LimitsOptions) => { limits?: LimitsOptions; narrow?: Narrow }>> = {
  'a client': (limits) => ({ limits }),
  'a restricted client': (limits) => ({ narrow: (client) => client.restrict({ reach: 'anywhere', ...limits }) }),
  'a client with a name': (limits) => ({
    narrow: (client) => client.restrict({ reach: 'anywhere', ...limits, name: 'shop' }),
  }),
}

for (const [place, set] of Object.entries(places)) {
  for (const [where, createLedger] of ledgers) {
    throughEveryDoor(`\`perTag\` of ${place} limits each tag by itself${where}`, async ({ open, shop }) => {
      const seller = await open(sell)
      const { limits, narrow } = set({ perTag: { total: '$0.02', perHour: { payments: 2 } } })
      const shopper = shop({ limits, ledger: createLedger() }, narrow)
      await shopper.request(`${seller.url}/1`, tagged('ann'))
      await shopper.request(`${seller.url}/2`, tagged('ann', 'bob', 'ann'))
      const error = await shopper.refusal(`${seller.url}/3`, tagged('ann'))
      expect(error).toMatchObject({ code: 'LIMIT_COUNT', money: 'untouched' })
      const option = narrow === undefined ? 'limits' : 'restrict'
      expect(error.facts['limit']).toBe(`${option}.perTag.perHour.payments`)
      // A restricted client counts by a label that says more than the tag of the call.
      expect(error.facts['tag']).toBe(narrow === undefined ? 'ann' : undefined)
      expect(await shopper.refusal(`${seller.url}/4`, tagged('cid', 'ann'))).toMatchObject({ code: 'LIMIT_COUNT' })
      await shopper.request(`${seller.url}/5`, tagged('bob'))
      await shopper.request(`${seller.url}/6`, tagged('cid'))
      expect((await shopper.request(`${seller.url}/7`)).status).toBe(200)
      expect(shopper.signatures()).toBe(5)
    })
  }

  const fits: readonly CallOptions[] = [{ tags: ['customer:7'] }, { tags: ['customer:7', 'internal'] }]
  const doesNot: readonly CallOptions[] = [
    {},
    { tags: [] },
    { tags: ['other'] },
    { tags: ['customer:7', 'other'] },
    { tags: ['customer:'] },
    { tags: ['Customer:7'] },
    { tags: [' customer:7'] },
    { tags: ['internal2'] },
    { tags: [''] },
  ]
  throughEveryDoor(
    `\`onlyTags\` of ${place} pays for calls whose tags are on the list alone`,
    async ({ open, shop }) => {
      const seller = await open(sell)
      const { limits, narrow } = set({ onlyTags: ['customer:*', 'internal'] })
      const shopper = shop({ limits }, narrow)
      for (const options of fits) expect((await shopper.request(seller.url, calling(options))).status).toBe(200)
      for (const options of doesNot) {
        const error = await shopper.refusal(seller.url, calling(options))
        expect(error).toMatchObject({ code: 'TAG_NOT_ALLOWED', money: 'untouched' })
        expect(error.message).toContain('Give the call tags of that list')
      }
      expect(shopper.signatures()).toBe(fits.length)
    },
  )
}
