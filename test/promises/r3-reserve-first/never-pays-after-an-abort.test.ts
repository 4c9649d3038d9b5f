import { expect } from 'vitest'
import { createMemoryLedger } from '../../../src/ledger/book/memory-ledger.js'
import { throughEveryDoor } from '../../support/conformance/doors.js'
import { inTurn, pays, says } from '../../support/money/paid-answers.js'
import { askToPay, sell } from '../../support/offers.js'

throughEveryDoor('signs nothing when the call is aborted before the 402', async ({ open, shop }) => {
  const abort = new AbortController()
  const seller = await open(() => abort.abort())
  const shopper = shop()
  await expect(shopper.request(seller.url, { signal: abort.signal })).rejects.toMatchObject({ name: 'AbortError' })
  expect(shopper.signatures()).toBe(0)
})

throughEveryDoor('releases the money when the call is aborted before the payment is sent', async ({ open, shop }) => {
  const abort = new AbortController()
  const seller = await open(sell)
  const shopper = shop()
  shopper.client.onAfterPaymentCreation(async () => abort.abort())
  const error = await shopper.refusal(seller.url, { signal: abort.signal })
  expect(error).toMatchObject({ name: 'AbortError', money: 'released' })
  expect(seller.requests).toHaveLength(1)
  expect(await shopper.records()).toMatchObject([{ state: 'released' }])
})

throughEveryDoor('is in doubt when the call is aborted after the payment was sent', async ({ open, shop }) => {
  const abort = new AbortController()
  const seller = await open((request, response) => {
    if (request.payment === undefined) askToPay(response)
    else abort.abort()
  })
  const shopper = shop()
  const error = await shopper.refusal(seller.url, { signal: abort.signal })
  expect(error).toMatchObject({ name: 'AbortError', code: 'ABORTED', money: 'in-doubt' })
  expect(await shopper.records()).toMatchObject([{ state: 'sent', delivery: 'lost' }])
})

throughEveryDoor(
  'presents nothing again once the call is aborted, and leaves what is known',
  async ({ open, shop }) => {
    const abort = new AbortController()
    const seller = await open(inTurn(says(409), pays))
    const ledger = createMemoryLedger()
    let aborts = false
    const claim: typeof ledger.claim = async (claimant) => {
      if (aborts) abort.abort()
      return ledger.claim(claimant)
    }
    const shopper = shop({ ledger: { ...ledger, claim } })
    await shopper.request(seller.url)
    aborts = true
    const error = await shopper.refusal(seller.url, { signal: abort.signal })
    expect(error).toMatchObject({ name: 'AbortError', code: 'ABORTED', money: 'in-doubt' })
    expect(seller.requests.filter(({ payment }) => payment !== undefined)).toHaveLength(1)
    expect(await shopper.records()).toMatchObject([
      { state: 'sent', delivery: 'answered', status: 409, claimed: false },
    ])
    aborts = false
    expect(await shopper.request(seller.url)).toMatchObject({ status: 200 })
    expect(shopper.signatures()).toBe(1)
  },
)
