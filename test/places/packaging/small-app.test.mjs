import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { http } from 'msw'
import { setupServer } from 'msw/node'
import { ExactEvmScheme } from 'pay402/evm'
import { createSeller, forbidMainnets, paymentMatchers, TestScheme, testAccounts } from 'pay402/testing'
import { privateKeyToAccount } from 'viem/accounts'
// biome-ignore lint/correctness/useImportExtensions: Node runs it as it is
import { createForecasts } from './small-app.mjs'

const BASE = [{ network: 'eip155:8453' }]
const seller = createSeller({
  url: 'https://api.example.com',
  accepts: BASE,
  routes: {
    '/forecasts': { answer: (request) => ({ weather: `rain in ${new URL(request.url).searchParams.get('city')}` }) },
  },
})
const server = setupServer(...seller.handlers(http))
const mainnets = forbidMainnets({ afterEach: () => undefined })

before(() => server.listen({ onUnhandledRequest: 'error' }))
afterEach(() => seller.reset())
after(() => {
  server.close()
  mainnets.lift()
})

/** An assertion of the kit, for a runner without an `expect`. */
async function assertThat(received, matcher, ...expected) {
  const { pass, message } = await paymentMatchers[matcher](received, ...expected)
  assert.ok(pass, message())
}

test('buys a forecast', async () => {
  const forecasts = createForecasts(new TestScheme())
  assert.equal(await forecasts.of('Bern'), 'rain in Bern')
  await assertThat(forecasts.client, 'toHavePaid', '$0.01')
  assert.deepEqual(
    seller.requests.map(({ status }) => status),
    [402, 200],
  )
})

test('buys none that is too dear', async () => {
  seller.whenPaid({ raisesTo: '$0.09' })
  const forecasts = createForecasts(new TestScheme())
  await assert.rejects(forecasts.of('Bern'), { code: 'PAYMENT_REJECTED', money: 'in-doubt' })
  const others = createForecasts(new TestScheme())
  assert.equal(await others.of('Bern'), undefined)
  await assertThat(others.client, 'toHaveSpentNothing')
})

test('says where the money is when the response is lost', async () => {
  seller.whenPaid('loses-response')
  const forecasts = createForecasts(new TestScheme())
  await assert.rejects(forecasts.of('Bern'), { code: 'PAID_NOT_DELIVERED', money: 'in-doubt' })
  assert.equal(seller.payments.length, 1)
  assert.equal(seller.payments[0].state, 'settled')
})

test('never signs for its mainnet in a test', async () => {
  const forecasts = createForecasts(new ExactEvmScheme(privateKeyToAccount(testAccounts.evm.privateKey)))
  await assert.rejects(forecasts.of('Bern'), { code: 'MAINNET_FORBIDDEN', money: 'untouched' })
  assert.deepEqual(mainnets.refused, ['eip155:8453 GET https://api.example.com/forecasts'])
  assert.throws(() => mainnets.assertNone(), { code: 'MAINNET_FORBIDDEN' })
  assert.deepEqual(seller.payments, [])
})
