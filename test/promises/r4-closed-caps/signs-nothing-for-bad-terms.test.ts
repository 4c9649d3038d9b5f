import { expect } from 'vitest'
import { throughEveryDoor } from '../../support/conformance/doors.js'
import { askToPay, createOffer, createRequired, PAY_TO, sell, USDC } from '../../support/offers.js'

const badOffers: Record<string, Record<string, unknown>> = {
  'an amount of zero': { amount: '0' },
  'a negative amount': { amount: '-1' },
  'an amount with a point': { amount: '1.5' },
  'an amount in hex': { amount: '0x2710' },
  'an amount with an exponent': { amount: '1e4' },
  'an amount with a space': { amount: ' 10000' },
  'an amount with a leading zero': { amount: '010000' },
  'a number as amount': { amount: 10000 },
  'no amount': { amount: undefined },
  'an amount of 2^256': { amount: (2n ** 256n).toString() },
  'an amount of 8,000 digits': { amount: '9'.repeat(8000) },
  'two different amounts': { maxAmountRequired: '20000' },
  'a timeout of zero': { maxTimeoutSeconds: 0 },
  'a negative timeout': { maxTimeoutSeconds: -60 },
  'a fractional timeout': { maxTimeoutSeconds: 1.5 },
  'a timeout as text': { maxTimeoutSeconds: '60' },
  'an empty timeout': { maxTimeoutSeconds: '' },
  'a timeout of 2^53': { maxTimeoutSeconds: 2 ** 53 },
  'no payTo': { payTo: undefined },
  'a payTo that is no address': { payTo: 'alice.eth' },
  'the zero address as payTo': { payTo: `0x${'00'.repeat(20)}` },
  'a badly checksummed payTo': { payTo: PAY_TO.replace('afc0', 'afC0') },
  'the token as payTo': { payTo: USDC },
  'a badly checksummed asset': { asset: USDC.replace('CbD', 'cbD') },
  'the zero address as asset': { asset: `0x${'00'.repeat(20)}` },
  'an unknown asset': { asset: `0x${'77'.repeat(20)}` },
  'an unknown symbol as asset': { asset: 'DOLLAR' },
  'an asset and another token': { token: `0x${'77'.repeat(20)}` },
  'no asset where three are known': { network: 'eip155:42220', asset: undefined, extra: undefined },
  'an unknown transfer method': { extra: { name: 'USDC', version: '2', assetTransferMethod: 'magic' } },
  'a domain name of another token': { extra: { name: 'USD Coin', version: '2' } },
  'a legacy network name': { network: 'base-sepolia' },
  'an unknown scheme': { scheme: 'exactly' },
  'extra that is no object': { extra: 'USDC' },
}

for (const [what, changes] of Object.entries(badOffers)) {
  throughEveryDoor(`signs nothing for ${what}`, async ({ open, shop }) => {
    const seller = await open((_request, response) => askToPay(response, createRequired([createOffer(changes)])))
    const shopper = shop()
    const error = await shopper.refusal(seller.url)
    expect(error.money).toBe('untouched')
    expect(['NO_PAYABLE_OFFER', 'ASSET_NOT_ALLOWED']).toContain(error.code)
    expect(error.message.length).toBeLessThan(1000)
    expect(shopper.signatures()).toBe(0)
    expect(seller.requests).toHaveLength(1)
  })
}

throughEveryDoor('pays the good offer between bad ones', async ({ open, shop }) => {
  const bad = [null, 7, 'text', [], {}, ...Object.values(badOffers).map((changes) => createOffer(changes))].filter(
    (entry) => JSON.stringify(entry).length < 1000,
  )
  const accepts = [...bad.slice(0, 15), createOffer(), ...bad.slice(15)]
  const seller = await open((request, response) => {
    if (request.payment === undefined) askToPay(response, createRequired(accepts))
    else sell(request, response)
  })
  expect(await shop().request(seller.url)).toMatchObject({ status: 200, payment: { money: 'settled' } })
  expect(seller.requests[1]?.payment?.accepted).toEqual(createOffer())
})

for (const [what, required] of Object.entries({
  'an unknown version': createRequired(undefined, { x402Version: 3 }),
  'no version': createRequired(undefined, { x402Version: undefined }),
  'accepts that is no list': createRequired(undefined, { accepts: {} }),
  'no offers': createRequired([]),
  'a list instead of an object': [createOffer()],
})) {
  throughEveryDoor(`signs nothing for a 402 with ${what}`, async ({ open, shop }) => {
    const seller = await open((_request, response) => askToPay(response, required))
    const shopper = shop()
    const error = await shopper.refusal(seller.url)
    expect(error).toMatchObject({ money: 'untouched' })
    expect(['CHALLENGE_MALFORMED', 'UNSUPPORTED_VERSION', 'NO_OFFERS']).toContain(error.code)
    expect(shopper.signatures()).toBe(0)
  })
}
