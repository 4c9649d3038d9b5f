import type { Browser, BrowserContext, Page } from 'playwright-core'
import { onTestFinished } from 'vitest'
import { startDeskPage } from '../../../docs/examples/desk/start-desk-page.js'
import { openDesk } from '../../../src/desk/index.js'
import { createMemoryLedger } from '../../../src/ledger/book/memory-ledger.js'
import type { LimitsOptions } from '../../../src/limits/create-limits.js'
import type { Ledger } from '../../../src/payment/ledger.js'
import { createManualClock } from '../../../src/testing/manual-clock.js'
import { createBuyer } from '../create-buyer.js'
import { askToPay, createRequired, deliver, NETWORK } from '../offers.js'
import { startSeller } from '../start-seller.js'

export const DESKTOP = { width: 1280, height: 800 }

export type Office = Awaited<ReturnType<typeof openOffice>>

/** A seller, an agent that needs a yes for everything, and a page for Ann and Bob. */
export async function openOffice(description = 'A report on tides', ledger: Ledger = createMemoryLedger()) {
  const limits = { perDay: '$5', approve: 'later' } satisfies LimitsOptions
  const clock = createManualClock(Math.floor(Date.now() / 1000))
  const seller = await startSeller((request, response) => {
    if (request.payment !== undefined) return deliver(response, request)
    const url = `${seller.url}${request.path}`
    askToPay(response, createRequired(undefined, { resource: { url, description } }))
  })
  onTestFinished(() => seller.stop())
  const { host } = new URL(seller.url)
  const { paidFetch, signatures } = createBuyer({ ledger, limits, clock }, {}, (client) =>
    client.restrict({ name: 'team/researcher', networks: [NETWORK], hosts: [host] }),
  )
  const desk = openDesk(ledger, { limits, clock })
  const { addresses, stop } = await startDeskPage(desk, {
    people: ['Ann', 'Bob'],
    nowSeconds: () => clock.nowSeconds(),
  })
  onTestFinished(stop)
  const origin = new URL(addresses['Ann'] ?? '').origin
  return { ledger, clock, seller, host, paidFetch, signatures, desk, addresses, origin }
}

/** Opens the page as someone, in a browser profile of their own. */
export async function enter(
  browser: Browser | null,
  { addresses }: Office,
  person: string,
  size = DESKTOP,
): Promise<Page> {
  if (browser === null) throw new Error('the browser was not started')
  const own = await browser.newContext({ viewport: size })
  onTestFinished(() => own.close())
  return openTab(own, addresses[person] ?? '')
}

export async function openTab(context: BrowserContext, address: string): Promise<Page> {
  const page = await context.newPage()
  await page.goto(address)
  await page
    .getByText('You decide as')
    .getByText(/Ann|Bob/)
    .waitFor()
  return page
}

/** Sends decisions as the page does, with no browser between. */
export async function createSender({ addresses, origin }: Office, person: string) {
  const welcome = await fetch(addresses[person] ?? '')
  const [cookie = ''] = (welcome.headers.get('set-cookie') ?? '').split(';')
  const headers = { cookie, origin, 'content-type': 'application/json' }
  return async (wanted: object) => {
    const body = JSON.stringify({ as: person, reason: '', seen: 'pending', ...wanted })
    return (await fetch(`${origin}/decide`, { method: 'POST', headers, body })).status
  }
}

/** Each proposal on the page. */
export const card = (page: Page) => page.getByRole('article')
/** Waits until a card says something. */
export const says = (page: Page, text: string) => card(page).getByText(text).waitFor()
export const clickYes = (page: Page) => card(page).getByRole('button', { name: 'Yes, pay $0.01' }).click()
export const clickNo = (page: Page) => card(page).getByRole('button', { name: 'No' }).click()
export const records = (page: Page) => page.getByRole('region', { name: 'Decided' }).getByRole('listitem')

/** From now on this page is shown what it was shown last, as if it hadn't asked again yet. */
export async function keepStale(page: Page): Promise<() => Promise<void>> {
  const body = await page.evaluate(async () => (await fetch('/board')).text())
  await page.route('**/board', (route) => route.fulfill({ contentType: 'application/json', body }))
  return () => page.unroute('**/board')
}
