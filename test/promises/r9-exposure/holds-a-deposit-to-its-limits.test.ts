import { BatchSettlementEvmScheme } from '@x402/evm/batch-settlement/client'
import { expect } from 'vitest'
import type { ClientOptions } from '../../../src/client/options.js'
import { type Situation, throughEveryDoor } from '../../support/conformance/doors.js'
import { createCountingSigner } from '../../support/create-buyer.js'
import { askToPay, createOffer, createRequired } from '../../support/offers.js'
import type { SellerRequest } from '../../support/start-seller.js'

/** A thousand dollars, for a tenth of a cent. */
const offer = createOffer({
  scheme: 'batch-settlement',
  amount: '1000',
  extra: {
    name: 'USDC',
    version: '2',
    receiverAuthorizer: `0x${'66'.repeat(20)}`,
    withdrawDelay: 900,
    minDeposit: '1000000000',
  },
})
const required = createRequired([offer])

/** The official object as the page on migrating registers it, with a wallet that counts. */
function shopByChannel({ shop }: Situation, options: ClientOptions) {
  const { signer, signatures } = createCountingSigner()
  const shopper = shop(options)
  shopper.client.register('eip155:*', new BatchSettlementEvmScheme(signer as never))
  return { ...shopper, signatures }
}

function readDeposit({ payment }: SellerRequest): unknown {
  return Reflect.get(new Object(payment?.payload['deposit']), 'amount')
}

throughEveryDoor('signs and sends no deposit that is above its limit, whatever the price', async (tools) => {
  const seller = await tools.open((_request, response) => askToPay(response, required))
  const shopper = shopByChannel(tools, { limits: { perPayment: '$0.01' } })
  const error = await shopper.refusal(seller.url)
  expect(error).toMatchObject({ code: 'LIMIT_PER_PAYMENT', money: 'untouched' })
  expect(error.facts['exposure']).toBe('1000.00 USDC, which others could take by what is signed')
  expect(shopper.signatures()).toBe(0)
  expect(seller.requests.map(({ payment }) => payment)).toEqual([undefined])
  expect(await shopper.records()).toEqual([])
})

throughEveryDoor('pays a deposit that its limits allow, and counts it whole', async (tools) => {
  const seller = await tools.open((request, response) => {
    if (request.payment === undefined) askToPay(response, required)
    else response.end('{"ok":true}')
  })
  const shopper = shopByChannel(tools, { limits: { perPayment: '$1000', perDay: '$1500' } })
  expect(await shopper.request(seller.url)).toMatchObject({ status: 200 })
  expect(seller.requests.map(readDeposit)).toEqual([undefined, '1000000000'])
  expect(await shopper.client.spending()).toMatchObject([{ limit: 'perDay', held: '$1000.00', left: '$500.00' }])
  const error = await shopper.refusal(`${seller.url}/another`)
  expect(error).toMatchObject({ code: 'LIMIT_WINDOW', money: 'untouched' })
})
