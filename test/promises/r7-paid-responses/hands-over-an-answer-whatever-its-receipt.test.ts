import { expect } from 'vitest'
import { encodeJsonHeader } from '../../../src/wire/header-codec.js'
import { throughEveryDoor } from '../../support/conformance/doors.js'
import { askToPay, NETWORK, TRANSACTION } from '../../support/offers.js'

const receipts: Record<string, [header: string | undefined, state: string, money: string]> = {
  none: [undefined, 'missing', 'in-doubt'],
  garbage: ['%%%', 'malformed', 'in-doubt'],
  'another network': [encode({ network: 'eip155:1' }), 'mismatch', 'in-doubt'],
  'another payer': [encode({ payer: `0x${'22'.repeat(20)}` }), 'mismatch', 'in-doubt'],
  'more than was signed': [encode({ amount: '10001' }), 'mismatch', 'in-doubt'],
  'no transaction yet': [encode({ transaction: '' }), 'accepted', 'in-doubt'],
  failed: [encode({ success: false, errorReason: 'settlement_pending' }), 'failed', 'in-doubt'],
  good: [encode({}), 'verified', 'settled'],
}

for (const [kind, [header, state, money]] of Object.entries(receipts)) {
  throughEveryDoor(`hands over the answer when its receipt is: ${kind}`, async ({ open, shop }) => {
    const seller = await open((request, response) => {
      if (request.payment === undefined) return askToPay(response)
      if (header !== undefined) response.setHeader('payment-response', header)
      response.end('bought')
    })
    const answer = await shop().request(seller.url)
    expect(answer).toMatchObject({ status: 200, text: 'bought', payment: { money, receipt: { state } } })
  })
}

function encode(changes: object): string {
  return encodeJsonHeader({ success: true, transaction: TRANSACTION, network: NETWORK, ...changes })
}
