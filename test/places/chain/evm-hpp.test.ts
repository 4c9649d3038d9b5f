import axios from 'axios'
import ky from 'ky'
import { expect, test } from 'vitest'
import { wrapAxiosWithPayment } from '../../../src/axios/index.js'
import { paymentOf } from '../../../src/index.js'
import { wrapKyWithPayment } from '../../../src/ky/index.js'
import { permit2Addresses } from '../../support/chain/deploy-permit2.js'
import { createPermit2Buyer } from './create-permit2-buyer.js'
import { openPermit2Place, type Permit2Place } from './open-permit2-place.js'

/** HPP's chain, and its "Bridged USDC", version 2. Source: `@x402/evm` 2.27. */
const CHAIN_ID = 190_415
const BRIDGED_USDC = '0x401eCb1D350407f13ba348573E5630B83638E30D'

let chain: Permit2Place['chain']
let seller: Permit2Place['seller']
openPermit2Place(
  (place) => {
    chain = place.chain
    seller = place.seller
  },
  { chainId: CHAIN_ID, usdc: BRIDGED_USDC, isBridged: true },
)

type Buyer = Awaited<ReturnType<typeof createPermit2Buyer>>

const doors: [string, (buyer: Buyer, url: string) => Promise<ReturnType<typeof paymentOf>>][] = [
  ['fetch', async (buyer, url) => paymentOf(await buyer.fetch(url))],
  ['axios', async ({ client }, url) => paymentOf(await wrapAxiosWithPayment(axios.create(), client).get(url))],
  ['ky', async ({ client }, url) => paymentOf(await wrapKyWithPayment(ky, client).get(url))],
]

test.each(doors)('upto on HPP: a wallet without ether pays what was used, through %s', async (_door, pay) => {
  const buyer = await createPermit2Buyer(chain)
  expect([await buyer.ether(), await buyer.allowance()]).toEqual([0n, 0n])
  const before = await chain.balanceOf(seller.payTo)

  const payment = await pay(buyer, `${seller.url}/upto/permit?charge=4000`)
  expect(payment).toMatchObject({
    money: 'settled',
    terms: { network: 'eip155:190415', asset: BRIDGED_USDC, price: '0.01 USDC.e', dollars: '$0.01' },
    receipt: { state: 'verified', response: { amount: '4000' } },
  })
  expect(await chain.balanceOf(seller.payTo)).toBe(before + 4_000n)
  expect([await buyer.balance(), await buyer.allowance()]).toEqual([996_000n, 6_000n])
  expect([await buyer.ether(), await buyer.transactions()]).toEqual([0n, 0])
  // A permit for the maximum, in the name that the token has there.
  const { permit2 } = permit2Addresses
  expect(await buyer.client.payments()).toMatchObject([
    { allowances: [{ by: 'eip2612GasSponsoring', asset: BRIDGED_USDC, spender: permit2, amount: '10000' }] },
  ])
})

test('upto on HPP: a wallet without ether pays again from what the first permit left, and then by another', async () => {
  const buyer = await createPermit2Buyer(chain)
  for (const charge of [4_000, 6_000, 1]) {
    const response = await buyer.fetch(`${seller.url}/upto/permit?charge=${charge}`)
    expect(paymentOf(response)).toMatchObject({ money: 'settled' })
  }
  expect([await buyer.balance(), await buyer.ether()]).toEqual([989_999n, 0n])
})

test('exact on HPP: a wallet without ether pays the bridged dollar by EIP-2612', async () => {
  const buyer = await createPermit2Buyer(chain)
  const response = await buyer.fetch(`${seller.url}/exact/permit`)
  expect(paymentOf(response)).toMatchObject({ money: 'settled', receipt: { state: 'verified' } })
  expect([await buyer.balance(), await buyer.ether()]).toEqual([990_000n, 0n])
})
