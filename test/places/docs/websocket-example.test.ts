import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, it, onTestFinished } from 'vitest'
import { openBuyer } from '../../../docs/examples/websocket/open-buyer.js'
import { startSeller } from '../../../docs/examples/websocket/start-seller.js'
import { createBuyer } from '../../support/create-buyer.js'
import { createReopening } from '../../support/ledger/reopen.js'
import { NETWORK, PAY_TO } from '../../support/offers.js'
import { refusalOf } from '../../unit/flow/refusal-of.js'
import { createOfficialResources } from './official-resources.js'

const sold = {
  '/weather': { price: '$0.01', answer: (query: URLSearchParams) => ({ city: query.get('city'), temperature: 21 }) },
  '/expensive': { price: '$2.50', answer: () => 'a report' },
}

async function openShop() {
  const { resources, settled } = await createOfficialResources()
  const seller = await startSeller(resources, { sold, network: NETWORK, payTo: PAY_TO })
  onTestFinished(() => seller.stop())
  return { resources, settled, seller }
}

function open(...args: Parameters<typeof openBuyer>) {
  const buyer = openBuyer(...args)
  onTestFinished(() => buyer.close())
  return buyer
}

it('the example over a WebSocket: pays the official parts for what it asks, and knows where the money is', async () => {
  const { seller, settled } = await openShop()
  const { client, records } = createBuyer()
  const buyer = open(seller.address, client.restrict({ total: '$1' }))
  expect(await buyer.ask('/weather?city=Zurich')).toMatchObject({
    result: { city: 'Zurich', temperature: 21 },
    payment: { money: 'settled', delivery: 'delivered', terms: { price: '0.01 USDC' } },
  })
  expect(settled).toHaveLength(1)
  expect(await records()).toMatchObject([{ state: 'settled', delivery: 'delivered' }])
})

it('the example over a WebSocket: gets what was lost with the same payment, also after a restart', async () => {
  const { seller, settled, resources } = await openShop()
  const reopen = await createReopening()
  const first = createBuyer({ ledger: await reopen() })
  const losing = open(seller.address, first.client)
  // The reply goes out once the connection is gone, and who asked knows it.
  let isLost: () => void = () => undefined
  const lost = new Promise<void>((resolve) => (isLost = resolve))
  resources.onAfterSettle(async () => {
    losing.close()
    await lost
  })
  const error = await refusalOf(losing.ask('/weather?city=Bern'))
  isLost()
  expect(error).toMatchObject({ code: 'ANSWER_LOST', money: 'in-doubt' })

  const second = createBuyer({ ledger: await reopen() })
  const buyer = open(seller.address, second.client)
  expect(await buyer.ask('/weather?city=Bern')).toMatchObject({
    result: { city: 'Bern' },
    payment: { money: 'settled', delivery: 'delivered' },
  })
  expect(settled).toHaveLength(1)
  expect([first.signatures(), second.signatures()]).toEqual([1, 0])
})

it('the example over a WebSocket: asks forty things at once, and pays for those that its budget allows', async () => {
  const { seller, settled } = await openShop()
  const { client, signatures } = createBuyer({ limits: { total: '$0.05' } })
  const buyer = open(seller.address, client)
  const asked = Array.from({ length: 40 }, (_, index) => buyer.ask(`/weather?city=${index}`))
  const outcomes = await Promise.allSettled(asked)
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(5)
  expect([new Set(settled).size, signatures()]).toEqual([5, 5])
})

it('the example over a WebSocket: refuses what is too dear, and is told what is not sold', async () => {
  const { seller, settled } = await openShop()
  const { client, signatures } = createBuyer()
  const buyer = open(seller.address, client)
  expect(await refusalOf(buyer.ask('/expensive'))).toMatchObject({ code: 'LIMIT_PER_PAYMENT', money: 'untouched' })
  await expect(buyer.ask('/nothing')).rejects.toThrow('Nothing is sold at /nothing.')
  expect([settled.length, signatures()]).toEqual([0, 0])
})

it('the example over a WebSocket: has a program that buys once, and ends', async () => {
  const { stdout } = await promisify(execFile)('npm', ['run', '--silent', 'demo:websocket'])
  expect(stdout).toBe('21 degrees in Zurich, for $0.01: settled\n')
})
