import { type Address, generateKeyPairSigner } from '@solana/kit'
import type { PaymentPayload as OfficialPayload, PaymentRequirements as OfficialRequirements } from '@x402/core/types'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ExactSvmScheme } from '../../../schemes/svm/index.js'
import { wrapFetchWithPayment } from '../../../src/fetch/index.js'
import { type ClientOptions, x402Client } from '../../../src/index.js'
import { createOfficialSvmFacilitator } from '../../support/chain/svm/create-official-svm-facilitator.js'
import { createSvmChain, type SvmChain, USDC_MINT } from '../../support/chain/svm/create-svm-chain.js'
import { createBriskClock } from '../../support/money/create-brisk-clock.js'
import { askToPay, createOffer, createRequired } from '../../support/offers.js'
import { openSeller } from '../../unit/fetch/open-seller.js'
import { paymentFor } from './create-chain-buyer.js'

let chain: SvmChain
let payTo: Address
beforeEach(async () => {
  chain = await createSvmChain()
  payTo = (await generateKeyPairSigner()).address
  await chain.writeAccount(payTo)
})
afterEach(() => chain.stop())

const createSvmOffer = () =>
  createOffer({ network: chain.network, asset: USDC_MINT, payTo, extra: { feePayer: chain.facilitator.address } })

/** What a seller does with a payment: settle it or not, and answer or not. */
type Conduct = { settles: boolean; answers: 'delivery' | '402' | 'nothing' }

/** A seller of one cent, who conducts himself as a test says at the time. */
async function openShop(conduct: Conduct) {
  const facilitator = createOfficialSvmFacilitator(chain)
  const presented: string[] = []
  const seller = await openSeller(async ({ payment }, response) => {
    const ask = () => askToPay(response, createRequired([createSvmOffer()]))
    if (payment === undefined) return ask()
    presented.push(String(payment.payload['transaction']))
    const asked = [payment, createSvmOffer()] as unknown as [OfficialPayload, OfficialRequirements]
    const receipt = conduct.settles ? await facilitator.settle(...asked) : undefined
    if (conduct.answers === '402') return ask()
    if (conduct.answers === 'nothing') {
      response.destroy()
      return
    }
    const header = Buffer.from(JSON.stringify(receipt)).toString('base64')
    response.writeHead(200, { 'payment-response': header }).end('{"ok":true}')
  })
  return { ...seller, presented, conduct }
}

async function createBuyer(options: ClientOptions = {}) {
  const signer = await generateKeyPairSigner()
  await chain.writeAccount(signer.address, { amount: 1_000_000n })
  const clock = createBriskClock(1_790_000_000)
  const scheme = new ExactSvmScheme(signer, { rpc: { [chain.network]: chain.url } })
  const client = new x402Client({ clock, ...options }).register(chain.network, scheme)
  return {
    client,
    address: signer.address,
    fetch: wrapFetchWithPayment(fetch, client),
    /** Lets blocks pass until no older transaction can be taken, and that is final. */
    outlive() {
      chain.advance(151 + 32)
      clock.advance(160)
    },
  }
}

test('a lost answer: the same transaction is presented again while it lives, and settles once', async () => {
  const shop = await openShop({ settles: false, answers: 'nothing' })
  const buyer = await createBuyer()
  await expect(buyer.fetch(shop.url)).rejects.toMatchObject({ money: 'in-doubt' })
  Object.assign(shop.conduct, { settles: true, answers: 'delivery' } satisfies Conduct)
  const response = await buyer.fetch(shop.url)
  expect(paymentFor(response)).toMatchObject({ money: 'settled', receipt: { state: 'verified' } })
  expect(new Set(shop.presented).size).toBe(1)
  expect(await chain.balanceOf(payTo)).toBe(10_000n)
})

test('a silent settlement: reconcile finds it, by the buyer’s signature in a transaction of another name', async () => {
  const shop = await openShop({ settles: true, answers: '402' })
  const buyer = await createBuyer()
  await expect(buyer.fetch(shop.url)).rejects.toMatchObject({ code: 'PAYMENT_REJECTED', money: 'in-doubt' })
  expect(await buyer.client.reconcile()).toMatchObject([
    { money: 'settled', transaction: chain.landed.at(-1)?.signature },
  ])
})

test('a payment that nobody settled: it counts until its last block is final, then it is released', async () => {
  const shop = await openShop({ settles: false, answers: '402' })
  const buyer = await createBuyer({ limits: { perDay: '$0.01' } })
  await expect(buyer.fetch(shop.url)).rejects.toMatchObject({ code: 'PAYMENT_REJECTED', money: 'in-doubt' })
  expect(await buyer.client.reconcile()).toMatchObject([{ money: 'in-doubt' }])
  await expect(buyer.fetch(`${shop.url}/other`)).rejects.toMatchObject({ code: 'LIMIT_WINDOW' })
  buyer.outlive()
  expect(await buyer.client.reconcile()).toMatchObject([{ money: 'released' }])
  Object.assign(shop.conduct, { settles: true, answers: 'delivery' } satisfies Conduct)
  expect(paymentFor(await buyer.fetch(shop.url))).toMatchObject({ money: 'settled' })
  expect(await chain.balanceOf(payTo)).toBe(10_000n)
})

test('a seller that settles silently and waits out each blockhash takes one payment, not one per blockhash', async () => {
  const shop = await openShop({ settles: true, answers: '402' })
  const buyer = await createBuyer({ resign: 'when-proven-unspent' })
  await expect(buyer.fetch(shop.url)).rejects.toMatchObject({ code: 'PAYMENT_REJECTED' })
  for (let round = 0; round < 3; round++) {
    buyer.outlive()
    await expect(buyer.fetch(shop.url)).rejects.toMatchObject({ money: 'settled' })
  }
  expect(new Set(shop.presented).size).toBe(1)
  expect(await chain.balanceOf(payTo)).toBe(10_000n)
})

test('a new signature: only once the old transaction is proven dead, and then the purchase is paid once', async () => {
  const shop = await openShop({ settles: false, answers: 'nothing' })
  const buyer = await createBuyer({ resign: 'when-proven-unspent' })
  await expect(buyer.fetch(shop.url)).rejects.toMatchObject({ money: 'in-doubt' })
  Object.assign(shop.conduct, { settles: true, answers: 'delivery' } satisfies Conduct)
  buyer.outlive()
  expect(paymentFor(await buyer.fetch(shop.url))).toMatchObject({ money: 'settled' })
  expect(new Set(shop.presented).size).toBe(2)
  expect(await chain.balanceOf(payTo)).toBe(10_000n)
})
