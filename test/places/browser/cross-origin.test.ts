import { expect, it, onTestFinished } from 'vitest'
import { openSite } from '../../support/browser/open-site.js'
import { useProfile } from '../../support/browser/use-profile.js'
import { type Cors, PAYABLE, withCors } from '../../support/browser/with-cors.js'
import { askToPay, createRequired, sell } from '../../support/offers.js'
import { type Handler, startSeller } from '../../support/start-seller.js'

const profile = useProfile('--host-resolver-rules=MAP shop.example 127.0.0.1')

/** Buys, in a page, from a seller at another origin. */
async function buy(
  handler: Handler,
  { cors = PAYABLE, host = '127.0.0.1', ...init }: { cors?: Cors; host?: string; method?: string } = {},
) {
  const site = await openSite()
  const seller = await startSeller(withCors(handler, cors))
  onTestFinished(() => seller.stop())
  const tab = await profile().newPage()
  await tab.goto(site.url.replace('127.0.0.1', host))
  const told = await tab.evaluate(
    async ({ url, init }) => {
      const { ExactEvmScheme, privateKeyToAccount, wrapFetchWithPayment, x402Client } = pay402
      const account = privateKeyToAccount(`0x${'11'.repeat(32)}`)
      let signatures = 0
      const signer = {
        address: account.address,
        signTypedData(typedData: Parameters<typeof account.signTypedData>[0]) {
          signatures++
          return account.signTypedData(typedData)
        },
      }
      const warnings: { code: string; message: string }[] = []
      const client = new x402Client()
      client.on('payment', (event) => {
        if (event.type === 'warning') warnings.push({ code: event.warning.code, message: event.warning.message })
      })
      client.register('eip155:*', new ExactEvmScheme(signer))
      const paidFetch = wrapFetchWithPayment(fetch, client)
      const answer = await tell(() => paidFetch(url, init))
      const [payment] = await client.payments()
      return { answer, warnings, signatures, receipt: payment?.transaction, delivery: payment?.delivery }
    },
    { url: `${seller.url}/paid?key=1`, init },
  )
  return { ...told, seller }
}

it('a seller whose CORS shows its headers: is paid, and its receipt is read', async () => {
  const { answer, warnings, receipt } = await buy(sell)
  expect(answer).toEqual({ status: 200, text: '{"ok":true}', money: 'settled' })
  expect(receipt).toMatch(/^0x/)
  expect(warnings).toEqual([])
})

it('a seller whose CORS hides the terms: its 402 is handed on untouched, with the warning TERMS_HIDDEN_BY_CORS', async () => {
  const { answer, warnings, signatures, seller } = await buy(sell, { cors: { allow: 'PAYMENT-SIGNATURE' } })
  expect(answer).toEqual({ status: 402, text: '{}', money: undefined })
  expect(signatures).toBe(0)
  expect(warnings.map(({ code }) => code)).toEqual(['TERMS_HIDDEN_BY_CORS'])
  expect(warnings[0]?.message.replace(seller.url, 'http://seller')).toMatchInlineSnapshot(
    `"The 402 of GET http://seller/paid came from another origin, without terms that this page can read. If the seller means x402, CORS may hide them: it has to send \`Access-Control-Expose-Headers: PAYMENT-REQUIRED, PAYMENT-RESPONSE\` with its responses, and \`Access-Control-Allow-Headers: PAYMENT-SIGNATURE\` with its response to OPTIONS."`,
  )
})

it('a 402 that is a page for people: is handed on with the warning, since its terms may be in a header', async () => {
  const { answer, warnings } = await buy(
    (_request, response) => void response.writeHead(402, { 'content-type': 'text/html' }).end('<h1>Pay</h1>'),
    { cors: {} },
  )
  expect(answer).toEqual({ status: 402, text: '<h1>Pay</h1>', money: undefined })
  expect(warnings.map(({ code }) => code)).toEqual(['TERMS_HIDDEN_BY_CORS'])
})

it('a seller that writes its terms in the body: is paid though CORS hides its headers, and nothing is warned of', async () => {
  const offer = {
    scheme: 'exact',
    network: 'base-sepolia',
    maxAmountRequired: '10000',
    payTo: '0x209693Bc6afc0C5328bA36FaF03C514EF312287C',
    asset: '0x036CbD53842c5426634e7929541eC2318f3dCF7e',
    maxTimeoutSeconds: 60,
    resource: 'http://127.0.0.1/paid',
    description: '',
    mimeType: '',
    extra: { name: 'USDC', version: '2' },
  }
  const { answer, warnings } = await buy(
    (request, response) => {
      if (request.payment !== undefined) return void response.end('bought')
      response.writeHead(402, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ x402Version: 1, accepts: [offer] }))
    },
    { cors: { allow: 'X-PAYMENT' } },
  )
  expect(answer).toEqual({ status: 200, text: 'bought', money: 'in-doubt' })
  expect(warnings).toEqual([])
})

it('a seller whose CORS forbids the payment: never gets it, and the error says how that can be', async () => {
  const { answer, signatures, seller } = await buy(sell, { cors: { expose: 'PAYMENT-REQUIRED' }, method: 'POST' })
  expect(answer).toMatchObject({ code: 'ANSWER_LOST', money: 'in-doubt' })
  expect(answer).toHaveProperty('message', expect.stringContaining('Access-Control-Allow-Headers: PAYMENT-SIGNATURE'))
  expect(signatures).toBe(1)
  expect(seller.authorizations().size).toBe(0)
})

it('error: REDIRECTED when the paid request is redirected, which a browser hides: the money is in doubt', async () => {
  const { answer, delivery, seller } = await buy((request, response) => {
    if (request.payment === undefined) return askToPay(response, createRequired())
    response.writeHead(307, { location: '/elsewhere' }).end()
  })
  expect(answer).toMatchObject({ code: 'REDIRECTED', money: 'in-doubt' })
  expect(delivery).toBe('lost')
  expect(seller.requests.some(({ path }) => path === '/elsewhere')).toBe(false)
})

it('error: INSECURE_CONTEXT when the page came over http: nothing is signed', async () => {
  const { answer, signatures } = await buy(sell, { host: 'shop.example' })
  expect(answer).toMatchObject({ code: 'INSECURE_CONTEXT', money: 'untouched' })
  expect(signatures).toBe(0)
})

it('client.diagnose: says in a page that CORS hides the terms', async () => {
  const site = await openSite()
  const seller = await startSeller(withCors(sell, { allow: 'PAYMENT-SIGNATURE' }))
  onTestFinished(() => seller.stop())
  const tab = await profile().newPage()
  await tab.goto(site.url)
  const codes = await tab.evaluate(async (url) => {
    const { findings } = await new pay402.x402Client().diagnose(url)
    return findings.map(({ code, blocks }) => [code, blocks])
  }, seller.url)
  expect(codes).toEqual([['CORS_HIDES_TERMS', true]])
})
