import { readFile } from 'node:fs/promises'
import type { Page } from 'playwright-core'
import { beforeAll, expect, it, onTestFinished } from 'vitest'
import { bundle } from '../../support/browser/bundle.js'
import { startSite } from '../../support/browser/start-site.js'
import { useProfile } from '../../support/browser/use-profile.js'
import { withCors } from '../../support/browser/with-cors.js'
import { askToPay, createOffer, createRequired, sell } from '../../support/offers.js'
import { type Handler, startSeller } from '../../support/start-seller.js'
import { readBlocks } from '../docs/examples.js'

const profile = useProfile()
let script: string
beforeAll(async () => {
  script = await bundle('test/places/browser/page/react.ts')
})

async function open(handler: Handler = sell, price = '$0.01') {
  const seller = await startSeller(withCors(handler))
  const site = await startSite(`addEventListener('DOMContentLoaded', () => { ${script} })`)
  onTestFinished(() => Promise.all([seller.stop(), site.stop()]).then(() => undefined))
  const page = await profile().newPage()
  await page.goto(`${site.url}/?seller=${encodeURIComponent(seller.url)}`)
  await page.locator('#price').getByText(price).waitFor()
  return { page, seller }
}

const connect = (page: Page) => page.getByRole('button', { name: 'Connect' }).click()
const click = (page: Page, name: string) => page.getByRole('button', { name }).click()
const paid = (page: Page) => page.getByRole('status').getByText('{"ok":true}').waitFor()
const prompts = (page: Page) =>
  page.evaluate(() => Reflect.get(globalThis, 'asked').filter((one: string) => one === 'eth_signTypedData_v4').length)

it('the page on React: prints the hook that these tests run', async () => {
  const [printed] = readBlocks('docs/guides/react.md', await readFile('docs/guides/react.md', 'utf8'))
  expect(printed?.code).toBe(await readFile('test/places/browser/page/use-paid-fetch.ts', 'utf8'))
})

it('usePaidFetch: shows the price before a wallet is connected, and pays once on a click', async () => {
  const { page, seller } = await open()
  expect(await page.locator('#buy').isDisabled()).toBe(true)
  await connect(page)
  await click(page, 'Buy')
  await paid(page)
  expect(seller.authorizations().size).toBe(1)
  expect(await prompts(page)).toBe(1)
})

it('usePaidFetch: pays once when StrictMode runs the effect that buys twice', async () => {
  const { page, seller } = await open()
  await connect(page)
  await page.locator('#buy:enabled').waitFor()
  await click(page, 'Leave')
  await page.evaluate(() => location.assign('#eager'))
  await click(page, 'Return')
  await paid(page)
  expect(await page.evaluate(() => Reflect.get(globalThis, 'effects').count)).toBe(2)
  expect(seller.authorizations().size).toBe(1)
  expect(await prompts(page)).toBe(1)
  // It comes back once more, and its effect buys twice more.
  await click(page, 'Leave')
  await click(page, 'Return')
  await page.getByRole('alert').getByText('You bought this already. Nothing more was paid.').waitFor()
  expect(await page.evaluate(() => Reflect.get(globalThis, 'effects').count)).toBe(4)
  expect(seller.authorizations().size).toBe(1)
})

it('usePaidFetch: presents the same payment when its component went away while the payment was on its way', async () => {
  let paidRequests = 0
  const { page, seller } = await open((request, response) => {
    if (request.headers['payment-signature'] === undefined) return sell(request, response)
    paidRequests += 1
    // The first one is never answered.
    if (paidRequests > 1) return sell(request, response)
  })
  await connect(page)
  await click(page, 'Buy')
  await expect.poll(() => paidRequests).toBe(1)
  await click(page, 'Leave')
  await click(page, 'Return')
  await click(page, 'Buy')
  await paid(page)
  expect(paidRequests).toBe(2)
  expect(seller.authorizations().size).toBe(1)
  expect(await prompts(page)).toBe(1)
})

it('usePaidFetch: says in a sentence that the limit refuses, and signs nothing', async () => {
  const dear: Handler = (_, response) => askToPay(response, createRequired([createOffer({ amount: '20000000' })]))
  const { page } = await open(dear, '$20.00')
  await connect(page)
  await click(page, 'Buy')
  await page.getByRole('alert').getByText('This costs $20.00, and your limit is $0.10. Nothing was paid.').waitFor()
  expect(await prompts(page)).toBe(0)
})
