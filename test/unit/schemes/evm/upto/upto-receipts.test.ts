import { expect, test } from 'vitest'
import { UptoEvmScheme } from '../../../../../schemes/evm/index.js'
import { x402Client } from '../../../../../src/client/x402-client.js'
import { wrapFetchWithPayment } from '../../../../../src/fetch/wrap-fetch-with-payment.js'
import { paymentOf } from '../../../../../src/payment/summary.js'
import { encodeJsonHeader } from '../../../../../src/wire/header-codec.js'
import { account } from '../../../../support/create-buyer.js'
import { askToPay, createOffer, createRequired, NETWORK, TRANSACTION } from '../../../../support/offers.js'
import { openSeller } from '../../../fetch/open-seller.js'

const extra = { name: 'USDC', version: '2', assetTransferMethod: 'permit2', facilitatorAddress: `0x${'11'.repeat(20)}` }

/** Buys for up to a cent from a seller whose receipt names this charge. */
async function buy(amount: string, transaction = TRANSACTION) {
  const seller = await openSeller(({ payment }, response) => {
    if (payment === undefined) return askToPay(response, createRequired([createOffer({ scheme: 'upto', extra })]))
    const receipt = { success: true, transaction, network: NETWORK, payer: account.address, amount }
    response.setHeader('payment-response', encodeJsonHeader(receipt))
    response.end('bought')
  })
  const client = new x402Client().register('eip155:*', new UptoEvmScheme(account))
  const response = await wrapFetchWithPayment(fetch, client)(seller.url)
  return { payment: paymentOf(response), client }
}

test.each(['1', '9999', '10000'])(
  'UptoEvmScheme: a receipt of %s of the 10,000 units that were signed fits',
  async (amount) => {
    const { payment } = await buy(amount)
    expect(payment).toMatchObject({
      money: 'settled',
      terms: { amount: '10000' },
      receipt: { state: 'verified', response: { amount } },
    })
  },
)

test.each(['10001', '-1', '1.5', '0x1'])(
  'UptoEvmScheme: a receipt of %s is a mismatch, and the money stays in doubt',
  async (amount) => {
    const { payment, client } = await buy(amount)
    expect(payment).toMatchObject({ money: 'in-doubt', delivery: 'delivered', receipt: { state: 'mismatch' } })
    expect(await client.inDoubt()).toMatchObject([{ scheme: 'upto', amount: '10000' }])
  },
)

test('UptoEvmScheme: a charge of nothing settles nothing, since the signature can still be used', async () => {
  const { payment, client } = await buy('0', '')
  expect(payment).toMatchObject({ money: 'in-doubt', receipt: { state: 'accepted' } })
  expect(await client.inDoubt()).toHaveLength(1)
})
