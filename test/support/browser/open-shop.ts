import type { BrowserContext, Page } from 'playwright-core'
import { onTestFinished } from 'vitest'
import type { Told } from '../../places/browser/page/library.js'
import { type Handler, type Seller, startSeller } from '../start-seller.js'
import { openSite } from './open-site.js'
import { withCors } from './with-cors.js'

/** How a tab's client is made, and what it's asked. */
export type Visit = {
  /** Most that may be spent in all. @default '$1' */
  total?: string | undefined
  /** @default 'GET' */
  method?: string | undefined
  /** The key of the purchase. @default none */
  purchase?: string | undefined
  /** How often the call is made, at once. @default 1 */
  calls?: number | undefined
}

/** A site whose pages have pay402, and a seller at another origin. */
export type Shop = {
  readonly seller: Seller
  /** A new tab, if need be of another profile. */
  openTab(profile?: BrowserContext): Promise<Page>
  /** Buys in a tab, with a client of its own on the profile's ledger. */
  buy(tab: Page, visit?: Visit): Promise<Told[]>
}

/** Opens a shop for one test. */
export async function openShop(own: BrowserContext, handler: Handler): Promise<Shop> {
  const site = await openSite()
  const seller = await startSeller(withCors(handler))
  onTestFinished(() => seller.stop())
  return {
    seller,
    async openTab(profile = own) {
      const tab = await profile.newPage()
      await tab.goto(site.url)
      return tab
    },
    buy: (tab, { total = '$1', method = 'GET', purchase, calls = 1 } = {}) =>
      tab.evaluate(
        async ({ url, total, method, purchase, calls }) => {
          const { createBrowserLedger, ExactEvmScheme, privateKeyToAccount, wrapFetchWithPayment, x402Client } = pay402
          const ledger = await createBrowserLedger()
          const client = new x402Client({ ledger, limits: { total } })
          client.register('eip155:*', new ExactEvmScheme(privateKeyToAccount(`0x${'11'.repeat(32)}`)))
          const paidFetch = wrapFetchWithPayment(fetch, client)
          const made = Array.from({ length: calls }, () => tell(() => paidFetch(url, { method, x402: { purchase } })))
          return Promise.all(made)
        },
        { url: seller.url, total, method, purchase, calls },
      ),
  }
}
