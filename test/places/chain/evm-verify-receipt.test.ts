import type { FacilitatorClient } from '@x402/core/server'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { ExactEvmScheme } from '../../../schemes/evm/index.js'
import { wrapFetchWithPayment } from '../../../src/fetch/index.js'
import { encodePaymentResponseHeader, x402Client } from '../../../src/index.js'
import { type Chain, createChain } from '../../support/chain/create-chain.js'
import { startOfficialExpressSeller } from '../../support/chain/official-express-seller.js'
import { createOfficialFacilitator } from '../../support/chain/official-facilitator.js'
import { listWarnings } from '../../support/list-warnings.js'
import { askToPay, createOffer, createRequired } from '../../support/offers.js'
import { openSeller } from '../../unit/fetch/open-seller.js'
import { paymentFor } from './create-chain-buyer.js'

/** Blocks that anvil mines before it calls one final: two epochs of 32. */
const FINALITY = 70

let chain: Chain
beforeAll(async () => {
  chain = await createChain()
})
afterAll(() => chain.stop())

/** A buyer with a dollar, whose scheme asks the chain by two ways. */
async function createAskingBuyer() {
  const account = privateKeyToAccount(generatePrivateKey())
  await chain.mint(account.address, 1_000_000n)
  const scheme = new ExactEvmScheme(account, { rpc: { [chain.network]: [chain.url, chain.publicClient] } })
  const client = new x402Client().register(chain.network, scheme)
  const warnings = listWarnings(client)
  const paidFetch = wrapFetchWithPayment(fetch, client)
  /** Buys once; the payment must have an id. */
  const buy = async (url: string) => {
    const payment = paymentFor(await paidFetch(url))
    return { ...payment, id: payment.id ?? '' }
  }
  return { address: account.address, client, buy, warnings }
}

/** The official seller, whose facilitator may be one that lies. */
async function openOfficialSeller(facilitator: FacilitatorClient = createOfficialFacilitator(chain)) {
  const seller = await startOfficialExpressSeller({ facilitator, network: chain.network })
  onTestFinished(seller.stop)
  return seller
}

/** Settles nothing, and names a transaction all the same. */
function createLiar(transaction: string): FacilitatorClient {
  const { verify, getSupported } = createOfficialFacilitator(chain)
  return {
    verify,
    getSupported,
    settle: async () => ({ success: true, transaction, network: chain.network }),
  }
}

test('verifyReceipt: finds a payment to the official seller on the chain, first mined and then final', async () => {
  const seller = await openOfficialSeller()
  const { client, buy } = await createAskingBuyer()
  const { id, transaction } = await buy(`${seller.url}/weather`)
  const found = { verdict: 'settled', amount: 10_000n, id, transaction, money: 'settled' }
  expect(await client.verifyReceipt(id)).toEqual({ ...found, final: false })
  await chain.mine(FINALITY)
  expect(await client.verifyReceipt(id)).toEqual({ ...found, final: true })
  expect(await chain.balanceOf(seller.payTo)).toBe(10_000n)
})

test('verifyReceipt: tells that the seller named the transaction of somebody else', async () => {
  const honest = await openOfficialSeller()
  const somebody = await createAskingBuyer()
  const { transaction = '' } = await somebody.buy(`${honest.url}/weather`)
  const liar = await openOfficialSeller(createLiar(transaction))
  const { address, client, buy, warnings } = await createAskingBuyer()
  const payment = await buy(`${liar.url}/weather`)
  expect(payment).toMatchObject({ money: 'settled', receipt: { state: 'verified' }, transaction })
  expect(await client.verifyReceipt(payment.id)).toMatchObject({
    verdict: 'mismatch',
    problems: [
      `the transaction has another payer than ${address}`,
      `the transaction has another payTo than ${liar.payTo}`,
      'the transaction did not use the authorization that was signed',
    ],
    money: 'settled',
  })
  expect(warnings).toMatchObject([{ code: 'RECEIPT_MISMATCH' }])
  expect((await client.spending())[0]).toMatchObject({ spent: '$0.01' })
  expect(await chain.balanceOf(liar.payTo)).toBe(0n)
})

test('verifyReceipt: tells that the seller named an earlier payment of the same buyer', async () => {
  const official = createOfficialFacilitator(chain)
  let first: Awaited<ReturnType<FacilitatorClient['settle']>> | undefined
  const seller = await openOfficialSeller({
    ...official,
    async settle(payload, requirements) {
      first ??= await official.settle(payload, requirements)
      return first
    },
  })
  const { client, buy } = await createAskingBuyer()
  const paid = await buy(`${seller.url}/weather`)
  const unpaid = await buy(`${seller.url}/weather`)
  expect(unpaid.transaction).toBe(paid.transaction)
  expect(await client.verifyReceipt(paid.id)).toMatchObject({ verdict: 'settled' })
  expect(await client.verifyReceipt(unpaid.id)).toMatchObject({
    verdict: 'mismatch',
    problems: ['the transaction did not use the authorization that was signed'],
  })
})

test('verifyReceipt: knows nothing of a transaction that nobody ever sent', async () => {
  const seller = await openOfficialSeller(createLiar(`0x${'0f'.repeat(32)}`))
  const { client, buy, warnings } = await createAskingBuyer()
  const { id } = await buy(`${seller.url}/weather`)
  expect(await client.verifyReceipt(id)).toMatchObject({
    verdict: 'unknown',
    because: 'the chain has no such transaction yet',
    money: 'settled',
  })
  expect(warnings).toEqual([])
})

/** A seller that settles and answers with something else than the receipt. */
async function openMumbler(toHeader: (transaction: string) => string | undefined) {
  const offer = createOffer({ network: chain.network, asset: chain.usdc })
  const facilitator = createOfficialFacilitator(chain)
  const settled: string[] = []
  const seller = await openSeller(async ({ payment }, response) => {
    if (payment === undefined) return askToPay(response, createRequired([offer]))
    const { transaction } = await facilitator.settle(payment as never, offer as never)
    settled.push(transaction)
    const header = toHeader(transaction)
    if (header !== undefined) response.setHeader('payment-response', header)
    response.end('bought')
  })
  return { ...seller, settled }
}

test('verifyReceipt: settles a payment in doubt, whose receipt names its transaction and another payer', async () => {
  const payer = privateKeyToAccount(generatePrivateKey()).address
  const seller = await openMumbler((transaction) =>
    encodePaymentResponseHeader({ success: true, transaction, network: chain.network, payer }),
  )
  const { client, buy } = await createAskingBuyer()
  const { id, money, receipt } = await buy(seller.url)
  expect({ money, state: receipt?.state }).toEqual({ money: 'in-doubt', state: 'mismatch' })
  expect(await client.verifyReceipt(id)).toMatchObject({ verdict: 'settled', amount: 10_000n, money: 'settled' })
  expect(await client.payments()).toMatchObject([{ id, money: 'settled', transaction: seller.settled[0] }])
})

test('verifyReceipt: settles a payment in doubt, whose receipt is malformed and whose transaction is known', async () => {
  const seller = await openMumbler(() => '%%%')
  const { client, buy } = await createAskingBuyer()
  const { id, money, receipt } = await buy(seller.url)
  expect({ money, state: receipt?.state }).toEqual({ money: 'in-doubt', state: 'malformed' })
  expect(await client.verifyReceipt(id)).toMatchObject({ verdict: 'unknown', money: 'in-doubt' })
  const [transaction = ''] = seller.settled
  expect(await client.verifyReceipt(id, { transaction })).toMatchObject({ verdict: 'settled', money: 'settled' })
  expect(await client.payments()).toMatchObject([{ id, money: 'settled', transaction }])
  expect((await client.spending())[0]).toMatchObject({ spent: '$0.01', held: '$0.00' })
})
