import { expect, it } from 'vitest'
import { ExactEvmScheme } from '../../../schemes/evm/index.js'
import { x402Client } from '../../../src/client/x402-client.js'
import { x402HTTPClient } from '../../../src/client/x402-http-client.js'
import { wrapFetchWithPayment } from '../../../src/fetch/wrap-fetch-with-payment.js'
import type { ChainVerdict } from '../../../src/payment/scheme.js'
import { account } from '../../support/create-buyer.js'
import { createGate } from '../../support/money/create-gate.js'
import { stopTimers } from '../../support/money/stop-timers.js'
import { createRequired, sell } from '../../support/offers.js'
import { openSeller } from '../../unit/fetch/open-seller.js'
import { refusalOf } from '../../unit/flow/refusal-of.js'

it('R4: a limit refuses after ten seconds, where the chain is asked what may be free again and never answers', async () => {
  const seller = await openSeller(sell)
  const asked = createGate()
  const scheme = Object.assign(new ExactEvmScheme(account), {
    canReconcile: () => true,
    reconcile() {
      asked.open()
      return new Promise<ChainVerdict>(() => undefined)
    },
  })
  const client = new x402Client({ limits: { total: '$0.01' } }).register('eip155:*', scheme)
  const http = new x402HTTPClient(client)
  // Handed out, so that it is in doubt.
  const required = http.getPaymentRequiredResponse(() => null, createRequired())
  await http.createPaymentPayload(required, { url: seller.url })
  const pass = stopTimers()
  const refusal = refusalOf(wrapFetchWithPayment(fetch, client)(`${seller.url}/other`))
  await asked.passed
  pass(10_000)
  expect(await refusal).toMatchObject({ code: 'LIMIT_TOTAL', money: 'untouched' })
  expect(seller.requests.map(({ payment }) => payment)).toEqual([undefined])
})
