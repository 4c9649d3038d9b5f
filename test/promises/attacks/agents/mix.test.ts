import type { ServerResponse } from 'node:http'
import { expect } from 'vitest'
import type { Dice } from '../../../../src/testing/chance.js'
import { encodeJsonHeader } from '../../../../src/wire/header-codec.js'
import { attack } from '../../../support/agents/attack.js'
import { hostOf, ONE_PURCHASE } from '../../../support/agents/stage.js'
import { ask, askFor, pick, preach, sells, THIEF } from '../../../support/agents/words.js'
import { createOffer, deliver, NETWORK, TRANSACTION } from '../../../support/offers.js'
import type { Seller, SellerRequest } from '../../../support/start-seller.js'

const STATUSES = [200, 201, 204, 206, 400, 401, 403, 404, 408, 409, 410, 412, 425, 429, 451, 500, 502, 503, 504]
const RECEIPTS = [
  { success: true, transaction: TRANSACTION, network: NETWORK },
  { success: false, errorReason: 'insufficient_funds', transaction: '', network: NETWORK },
  { success: false, errorReason: 'settlement_pending', transaction: TRANSACTION, network: NETWORK },
  { success: true, transaction: '', network: 'eip155:8453', amount: '0' },
]

/** Does to each request whatever the dice say. */
function doAnything(dice: Dice, seller: () => Seller, thief: Seller) {
  const words = () => preach(dice, `${seller().url}${pick(dice, ['/a', '/b'])}`)
  const offer = () =>
    createOffer({
      amount: pick(dice, ['0', '1', '10000', '10000', '50000', '50001', '1000000']),
      payTo: pick(dice, [THIEF, '', 'nobody', '0x209693Bc6afc0C5328bA36FaF03C514EF312287C']),
      network: pick(dice, [NETWORK, NETWORK, NETWORK, 'eip155:8453']),
      maxTimeoutSeconds: pick(dice, [1, 60, 600, 1e9]),
    })
  const moves: readonly ((response: ServerResponse, request: SellerRequest) => void)[] = [
    (response) => ask(response, {}, { error: words() }),
    (response) => ask(response, {}, { error: words() }),
    (response) => askFor(response, [offer(), offer()], { error: words() }),
    (response, request) => deliver(response, request, words()),
    (response) => void response.end(words()),
    (response) => void response.destroy(),
    (response) => void response.writeHead(202, { location: pick(dice, ['/a', '/job', thief.url]) }).end(words()),
    (response) => void response.writeHead(307, { location: pick(dice, ['/a', '/b', thief.url]) }).end(),
    (response) =>
      void response.writeHead(pick(dice, STATUSES), { 'retry-after': pick(dice, ['0', '1', '3600']) }).end(),
    (response) => void response.writeHead(pick(dice, STATUSES)).end(),
  ]
  return (request: SellerRequest, response: ServerResponse) => {
    if (dice(4) === 0) response.setHeader('payment-response', encodeJsonHeader(pick(dice, RECEIPTS)))
    pick(dice, moves)(response, request)
  }
}

attack('any mix of all of these', {
  most: 2n * ONE_PURCHASE,
  redirects: true,
  beside: 'a seller that does none of them',
  async set(stage, dice) {
    const thief = await stage.openUnlisted((_request, response) => void response.end('thanks'))
    const seller: Seller = await stage.openHostile((request, response) =>
      doAnything(dice, () => seller, thief)(request, response),
    )
    const other = await stage.openHonest(sells('10000'))
    return {
      task: `${seller.url}/a`,
      async honest({ buy, agent }) {
        for (const path of ['/a', '/b', '/c']) {
          expect(await buy(other.url + path)).toMatchObject({ outcome: 'received', price: '$0.01', money: 'settled' })
        }
        expect(await agent.payments({ host: hostOf(other) })).toHaveLength(3)
      },
    }
  },
})
