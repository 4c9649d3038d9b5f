import { expect, inject, it, onTestFinished } from 'vitest'
import { createGate } from '../../support/money/create-gate.js'
import { askToPay, deliver } from '../../support/offers.js'
import { openSeller } from '../../unit/fetch/open-seller.js'
import { bundleScenario } from './bundle-scenario.js'
import { placeScenario } from './install-project.js'
import { installRuntime } from './install-runtime.js'
import { runtimes } from './runtimes.js'
import { startWorkerd } from './start-workerd.js'

const [workerd] = runtimes.flatMap(({ package: from, way }) =>
  way.kind === 'workerd' && from !== undefined ? [{ from, way }] : [],
)

it('workerd: lets one of two requests at once that buy under one key pay, and the other pays nothing', async () => {
  if (workerd === undefined) throw new Error('workerd is no runtime any more')
  const folder = await placeScenario(inject('project').folder, 'under one key', [])
  const bundle = await bundleScenario(folder, 'workerd')
  const worker = await startWorkerd(await installRuntime(workerd.from), bundle, workerd.way)
  onTestFinished(worker.stop)

  const payment = createGate()
  const answer = createGate()
  const seller = await openSeller(async (request, response) => {
    if (request.payment === undefined) return askToPay(response)
    payment.open()
    await answer.passed
    deliver(response, request)
  })
  const body = JSON.stringify({ situation: 'keyed', seller: seller.url })
  const first = fetch(worker.url, { method: 'POST', body })
  await payment.passed
  const second = fetch(worker.url, { method: 'POST', body })
  // Two asked for the price, and one of them paid.
  while (seller.requests.length < 3) await new Promise((resolve) => setTimeout(resolve, 20))
  answer.open()

  expect(await (await first).json()).toMatchObject({ status: 200, money: 'settled' })
  // Its own timeout ends it, or the runtime does, which lets no request wait for another.
  await (await second).text()
  expect(seller.authorizations().size).toBe(1)
})
