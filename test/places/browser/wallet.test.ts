import { expect, it, onTestFinished } from 'vitest'
import { openSite } from '../../support/browser/open-site.js'
import { useProfile } from '../../support/browser/use-profile.js'
import { withCors } from '../../support/browser/with-cors.js'
import { sell } from '../../support/offers.js'
import { startSeller } from '../../support/start-seller.js'

const profile = useProfile()

/** Buys twice in a page with a wallet that asks a person, who answers each time as told. */
async function buyTwice(answers: readonly ('yes' | 'no')[]) {
  const site = await openSite()
  const seller = await startSeller(withCors(sell))
  onTestFinished(() => seller.stop())
  const tab = await profile().newPage()
  await tab.goto(site.url)
  const told = await tab.evaluate(
    async ({ url, answers }) => {
      const { baseSepolia, createWalletClient, custom, ExactEvmScheme, privateKeyToAccount } = pay402
      const key = privateKeyToAccount(`0x${'11'.repeat(32)}`)
      const asked: string[] = []
      /** A wallet as extensions put it into a page. Source: EIP-1193; 4001 is "the user rejected the request". */
      const wallet = {
        async request({ method, params }: { method: string; params?: unknown }): Promise<unknown> {
          asked.push(method)
          if (method === 'eth_requestAccounts' || method === 'eth_accounts') return [key.address]
          if (method === 'eth_chainId') return '0x14a34'
          if (method !== 'eth_signTypedData_v4' || !Array.isArray(params)) throw new Error(method)
          const isYes = answers[asked.filter((one) => one === method).length - 1] === 'yes'
          if (!isYes) throw Object.assign(new Error('User rejected the request.'), { code: 4001 })
          return key.signTypedData(JSON.parse(params[1]))
        },
      }
      const [account] = await createWalletClient({ transport: custom(wallet) }).requestAddresses()
      if (account === undefined) throw new Error('the wallet has no account')
      const signer = createWalletClient({ account, chain: baseSepolia, transport: custom(wallet) })
      const ledger = await pay402.createBrowserLedger()
      const client = new pay402.x402Client({ ledger, limits: { total: '$0.01' } })
      client.register('eip155:*', new ExactEvmScheme(signer))
      const paidFetch = pay402.wrapFetchWithPayment(fetch, client)
      const first = await tell(() => paidFetch(url))
      const second = await tell(() => paidFetch(url))
      const states = (await pay402.readAll(ledger)).map(({ state }) => state)
      return { first, second, states, prompts: asked.filter((method) => method === 'eth_signTypedData_v4').length }
    },
    { url: seller.url, answers },
  )
  return { ...told, seller }
}

const PAID = { status: 200, text: '{"ok":true}', money: 'settled' }

it('a wallet in the page: is asked once for each payment, and its signature pays', async () => {
  const { first, second, prompts, seller } = await buyTwice(['yes', 'yes'])
  expect(first).toEqual(PAID)
  expect(second).toMatchObject({ code: 'LIMIT_TOTAL', money: 'untouched' })
  expect(prompts).toBe(1)
  expect(seller.authorizations().size).toBe(1)
})

it('error: SIGNING_REJECTED when the person says no: the money is untouched, and nothing of the budget is gone', async () => {
  const { first, second, prompts, states } = await buyTwice(['no', 'yes'])
  expect(first).toMatchObject({ code: 'SIGNING_REJECTED', money: 'untouched' })
  expect(first).toHaveProperty('cause', expect.stringContaining('User rejected the request'))
  expect(second).toEqual(PAID)
  expect(prompts).toBe(2)
  expect(states).toEqual(['settled', 'released'])
})
