import { describe, expect, it } from 'vitest'
import { beginToPrepay, readCounted } from '../../support/begin-to-prepay.js'

const OTHER = '0x1111111111111111111111111111111111111111'

describe.each([
  ['a higher price', { amount: '20000' }],
  ['a lower price', { amount: '5000' }],
  ['another recipient', { payTo: OTHER }],
  ['another asset', { asset: OTHER }],
  ['another network', { network: 'eip155:8453' }],
  ['another scheme', { scheme: 'upto' }],
])('a seller that asks for %s', (_, changes) => {
  it('gets what was remembered and nothing more, and is asked again next time', async () => {
    const { seller, buyer, buy } = await beginToPrepay()
    seller.change(changes)
    await expect(buy()).rejects.toMatchObject({
      code: 'PRICE_CHANGED',
      money: 'in-doubt',
      response: { status: 402 },
      facts: { prepaid: '10000 units', changed: Object.keys(changes).join() },
    })
    expect(seller.authorizations().size).toBe(2)
    expect(seller.value()).toBe(20_000n)
    expect(buyer.signatures()).toBe(2)
    expect(await readCounted(buyer)).toEqual(['sent 10000', 'settled 10000'])
    expect(seller.counts()).toEqual([3, 1])
    // The same purchase isn't paid for twice while its first payment can still be taken.
    await expect(buy()).rejects.toMatchObject({ code: 'TERMS_CHANGED_WHILE_PAID', money: 'in-doubt' })
    expect(seller.counts()).toEqual([4, 2])
    expect(seller.authorizations().size).toBe(2)
  })
})
