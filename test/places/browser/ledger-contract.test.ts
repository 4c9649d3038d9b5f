import { afterAll, expect, it } from 'vitest'
import { bundle } from '../../support/browser/bundle.js'
import { startSite } from '../../support/browser/start-site.js'
import { startChromium } from '../../support/start-chromium.js'

const site = await startSite(await bundle('test/places/browser/page/ledger-contract.ts'))
const browser = await startChromium()
const page = await browser.newPage()
await page.goto(site.url)
const names = await page.evaluate(() => ledgerContract.names())

afterAll(async () => {
  await browser.close()
  await site.stop()
})

it('the contract of ledgers: is there', () => {
  expect(names.length).toBeGreaterThan(100)
})

it.each(names)('%s', async (name) => {
  await page.evaluate((asked) => ledgerContract.run(asked), name)
})
