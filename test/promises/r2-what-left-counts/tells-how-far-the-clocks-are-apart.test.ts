import { expect } from 'vitest'
import { createManualClock } from '../../../src/testing/manual-clock.js'
import { throughEveryDoor } from '../../support/conformance/doors.js'
import { askToPay, createRequired } from '../../support/offers.js'

const NOW = 1_700_000_000

for (const [what, seconds, says] of [
  ['behind', -900, '900 seconds behind'],
  ['ahead', 900, '900 seconds ahead of'],
] as const) {
  throughEveryDoor(`tells that our clock is ${what} when the payment is refused`, async ({ open, shop }) => {
    const seller = await open((_request, response) => {
      response.setHeader('date', new Date(NOW * 1000).toUTCString())
      askToPay(response, createRequired(undefined, { error: 'invalid_exact_evm_payload_authorization_valid_before' }))
    })
    const error = await shop({ clock: createManualClock(NOW + seconds) }).refusal(seller.url)
    expect(error).toMatchObject({ code: 'PAYMENT_REJECTED', money: 'in-doubt' })
    expect(error.facts['our clock']).toContain(says)
  })
}

throughEveryDoor(
  'never signs for longer than our own clock allows, whatever the seller’s says',
  async ({ open, shop }) => {
    const seller = await open((_request, response) => {
      response.setHeader('date', new Date((NOW + 10 * 365 * 86_400) * 1000).toUTCString())
      askToPay(response, createRequired())
    })
    await shop({ clock: createManualClock(NOW) }).refusal(seller.url)
    const authorization = new Object(seller.requests[1]?.payment?.payload['authorization'])
    expect(Number(Reflect.get(authorization, 'validBefore'))).toBe(NOW + 60)
  },
)
