import { describe, expect, test } from 'vitest'
import { permit2Allowance } from '../../../schemes/evm/index.js'
import { isX402Error, paymentOf } from '../../../src/index.js'
import { permit2Addresses, plainToken } from '../../support/chain/deploy-permit2.js'
import { permit2Price } from '../../support/chain/official-permit2-seller.js'
import { createPermit2Buyer } from './create-permit2-buyer.js'
import { openPermit2Place, type Permit2Place } from './open-permit2-place.js'

const dollar = 1_000_000n
const unlimited = 2n ** 256n - 1n

let chain: Permit2Place['chain']
let seller: Permit2Place['seller']
openPermit2Place((place) => {
  chain = place.chain
  seller = place.seller
})

describe('exact through Permit2', () => {
  test('pays what the buyer allowed before, and uses the allowance up', async () => {
    const buyer = await createPermit2Buyer(chain)
    await buyer.approve(permit2Price)
    const before = await chain.balanceOf(seller.payTo)
    const response = await buyer.fetch(`${seller.url}/exact`)

    expect(await response.json()).toEqual({ bought: '/exact' })
    expect(paymentOf(response)).toMatchObject({ money: 'settled', receipt: { state: 'verified' } })
    expect(await buyer.balance()).toBe(dollar - permit2Price)
    expect(await chain.balanceOf(seller.payTo)).toBe(before + permit2Price)
    expect(await buyer.allowance()).toBe(0n)
    expect(await buyer.client.payments()).toMatchObject([{ money: 'settled', amount: '10000', allowances: [] }])
  })

  test('error: ALLOWANCE_REQUIRED when nothing is allowed, and the same payment settles once it is', async () => {
    const buyer = await createPermit2Buyer(chain)
    const error = await errorOf(buyer.fetch(`${seller.url}/exact`))
    expect(error).toMatchObject({
      name: 'PaymentRejectedError',
      code: 'ALLOWANCE_REQUIRED',
      money: 'in-doubt',
      response: { status: 412 },
      facts: { token: chain.usdc, spender: permit2Addresses.permit2, needed: '10000 units' },
    })
    expect(await buyer.balance()).toBe(dollar)

    await buyer.approve(permit2Price)
    const response = await buyer.fetch(`${seller.url}/exact`)
    expect(paymentOf(response)).toMatchObject({ money: 'settled', id: error.facts['payment'] })
    expect(await buyer.balance()).toBe(dollar - permit2Price)
    expect(await buyer.client.payments()).toHaveLength(1)
  })

  test('pays from a wallet without ether and without allowance, by a permit for the price and no more', async () => {
    const buyer = await createPermit2Buyer(chain)
    expect([await buyer.ether(), await buyer.allowance()]).toEqual([0n, 0n])
    const response = await buyer.fetch(`${seller.url}/exact/permit`)

    expect(paymentOf(response)).toMatchObject({ money: 'settled' })
    expect(await buyer.balance()).toBe(dollar - permit2Price)
    expect([await buyer.ether(), await buyer.allowance(), await buyer.transactions()]).toEqual([0n, 0n, 0])
    const [payment] = await buyer.client.payments()
    expect(payment?.allowances).toEqual([
      { by: 'eip2612GasSponsoring', asset: chain.usdc, spender: permit2Addresses.permit2, amount: '10000' },
    ])
  })

  test('signs no permit where there is allowance enough', async () => {
    const buyer = await createPermit2Buyer(chain)
    await buyer.approve(2n * permit2Price)
    await buyer.fetch(`${seller.url}/exact/permit`)
    expect(await buyer.allowance()).toBe(permit2Price)
    expect(await buyer.client.payments()).toMatchObject([{ allowances: [] }])
  })

  test('error: ALLOWANCE_REQUIRED where the seller submits permits and the scheme has no chain to ask', async () => {
    const buyer = await createPermit2Buyer(chain, { asks: false })
    expect(await errorOf(buyer.fetch(`${seller.url}/exact/permit`))).toMatchObject({
      code: 'ALLOWANCE_REQUIRED',
      money: 'in-doubt',
    })
    expect(await buyer.client.payments()).toMatchObject([{ allowances: [] }])
  })

  test('error: ALLOWANCE_REQUIRED where the user lets nothing be allowed', async () => {
    const buyer = await createPermit2Buyer(chain, { allowance: 'never' })
    expect(await errorOf(buyer.fetch(`${seller.url}/exact/permit`))).toMatchObject({ code: 'ALLOWANCE_REQUIRED' })
    expect([await buyer.balance(), await buyer.allowance()]).toEqual([dollar, 0n])
  })
})

describe('exact through Permit2, in a token without EIP-2612', () => {
  test('pays by an approval for the price and no more, which the seller sends', async () => {
    const buyer = await createPermit2Buyer(chain)
    expect([await buyer.ether(), await buyer.allowance(plainToken)]).toEqual([0n, 0n])
    const response = await buyer.fetch(`${seller.url}/plain/approval`)

    expect(paymentOf(response)).toMatchObject({ money: 'settled' })
    expect(await buyer.balance(plainToken)).toBe(dollar - permit2Price)
    expect([await buyer.allowance(plainToken), await buyer.transactions()]).toEqual([0n, 1])
    expect(await buyer.client.payments()).toMatchObject([
      { allowances: [{ by: 'erc20ApprovalGasSponsoring', asset: plainToken, amount: '10000' }] },
    ])
  })

  test('allows without end where the user says so, and then signs no approval again', async () => {
    const buyer = await createPermit2Buyer(chain, { allowance: 'standing' })
    await buyer.fetch(`${seller.url}/plain/approval`)
    expect(await buyer.allowance(plainToken)).toBe(unlimited)
    await buyer.fetch(`${seller.url}/plain/approval`)

    expect(await buyer.balance(plainToken)).toBe(dollar - 2n * permit2Price)
    expect(await buyer.transactions()).toBe(1)
    const payments = await buyer.client.payments()
    expect(payments.map(({ allowances }) => allowances.map(({ amount }) => amount))).toEqual([[], [String(unlimited)]])
  })

  test('error: ALLOWANCE_REQUIRED where the seller submits nothing', async () => {
    const buyer = await createPermit2Buyer(chain)
    expect(await errorOf(buyer.fetch(`${seller.url}/plain`))).toMatchObject({
      code: 'ALLOWANCE_REQUIRED',
      facts: { token: plainToken },
    })
  })

  test('pays a dollar whose domain is known by an approval, where the seller submits no permit', async () => {
    const buyer = await createPermit2Buyer(chain)
    const response = await buyer.fetch(`${seller.url}/exact/approval`)
    expect(paymentOf(response)).toMatchObject({ money: 'settled' })
    expect([await buyer.balance(), await buyer.allowance()]).toEqual([dollar - permit2Price, 0n])
  })
})

describe('upto', () => {
  test.each([1n, 1_234n, 10_000n])('is charged %i of the 10,000 units that were signed', async (charge) => {
    const buyer = await createPermit2Buyer(chain)
    await buyer.approve(permit2Price)
    const before = await chain.balanceOf(seller.payTo)
    const response = await buyer.fetch(`${seller.url}/upto?charge=${charge}`)

    expect(paymentOf(response)).toMatchObject({
      money: 'settled',
      terms: { amount: '10000' },
      receipt: { state: 'verified', response: { amount: String(charge) } },
    })
    expect(await buyer.balance()).toBe(dollar - charge)
    expect(await chain.balanceOf(seller.payTo)).toBe(before + charge)
    expect(await buyer.allowance()).toBe(permit2Price - charge)
  })

  test('stays counted where nothing is charged, since it can still be settled', async () => {
    const buyer = await createPermit2Buyer(chain)
    await buyer.approve(permit2Price)
    const response = await buyer.fetch(`${seller.url}/upto?charge=0`)

    expect(response.status).toBe(200)
    expect(paymentOf(response)).toMatchObject({
      money: 'in-doubt',
      delivery: 'delivered',
      receipt: { state: 'accepted', response: { amount: '0', transaction: '' } },
    })
    expect([await buyer.balance(), await buyer.allowance()]).toEqual([dollar, permit2Price])
  })

  test('is charged nothing where the seller wants more than was signed', async () => {
    const buyer = await createPermit2Buyer(chain)
    await buyer.approve(2n * permit2Price)
    expect(await errorOf(buyer.fetch(`${seller.url}/upto?charge=10001`))).toMatchObject({
      code: 'PAYMENT_REJECTED',
      money: 'in-doubt',
    })
    expect(await buyer.balance()).toBe(dollar)
  })

  test('pays from a wallet without ether and without allowance, by a permit for the maximum', async () => {
    const buyer = await createPermit2Buyer(chain)
    const response = await buyer.fetch(`${seller.url}/upto/permit?charge=4000`)
    expect(paymentOf(response)).toMatchObject({ money: 'settled', receipt: { response: { amount: '4000' } } })
    expect([await buyer.balance(), await buyer.allowance()]).toEqual([dollar - 4_000n, 6_000n])
    expect([await buyer.ether(), await buyer.transactions()]).toEqual([0n, 0])
  })

  test('error: ALLOWANCE_REQUIRED when nothing is allowed', async () => {
    const buyer = await createPermit2Buyer(chain)
    expect(await errorOf(buyer.fetch(`${seller.url}/upto?charge=1`))).toMatchObject({
      code: 'ALLOWANCE_REQUIRED',
      facts: { token: chain.usdc, spender: permit2Addresses.permit2, needed: '10000 units' },
    })
  })
})

test('permit2Allowance: tells what approvePermit2 allowed, until it takes it back', async () => {
  const buyer = await createPermit2Buyer(chain)
  const ask = () => permit2Allowance({ rpc: chain.url, network: chain.network, asset: chain.usdc, owner: buyer.owner })
  expect(await ask()).toBe(0n)
  await buyer.approve(7n)
  expect(await ask()).toBe(7n)
  await buyer.approve(0n)
  expect(await ask()).toBe(0n)
})

/** The error of a call that must be refused. */
async function errorOf(call: Promise<unknown>) {
  const thrown: unknown = await call.then(
    () => undefined,
    (error: unknown) => error,
  )
  if (!isX402Error(thrown)) throw new Error('It threw no error of ours.', { cause: thrown })
  return thrown
}
