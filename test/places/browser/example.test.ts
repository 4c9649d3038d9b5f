import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { type Demo, startDemo } from '../../../docs/examples/browser/demo/start-demo.js'
import { startSite } from '../../support/browser/start-site.js'
import { useProfile } from '../../support/browser/use-profile.js'

const profile = useProfile()
let demo: Demo
beforeAll(async () => {
  demo = await startDemo()
})
afterAll(() => demo.stop())

const DESKTOP = { width: 1280, height: 800 }
const PHONE = { width: 390, height: 844 }

async function open(size = DESKTOP): Promise<Page> {
  const page = await profile().newPage()
  await page.setViewportSize(size)
  await page.goto(demo.url)
  return page
}

async function openConnected(size = DESKTOP): Promise<Page> {
  const page = await open(size)
  await page.getByRole('button', { name: 'Connect wallet' }).click()
  await buttonOf(page, 'Weather', 'Buy for $0.01').waitFor()
  return page
}

const card = (page: Page, name: string) => page.getByRole('article', { name })
const buttonOf = (page: Page, name: string, label: string) => card(page, name).getByRole('button', { name: label })
const outcome = (page: Page, name: string) => card(page, name).getByRole('status')
const answerWallet = (page: Page, answer: 'Sign' | 'Decline') =>
  page.getByRole('dialog', { name: 'Sign this payment?' }).getByRole('button', { name: answer }).click()

/** Waits for a state, and reads what the page tells of it. */
async function read(page: Page, name: string, title: string): Promise<string | null> {
  await outcome(page, name).getByRole('heading', { name: title }).waitFor()
  return outcome(page, name).textContent()
}

/** Pays for the story, over the line that breaks each time. */
async function loseTheStory(page: Page): Promise<void> {
  await buttonOf(page, 'A short story', 'Buy for $0.05').click()
  await answerWallet(page, 'Sign')
  await outcome(page, 'A short story').getByText('Presenting the same payment again').waitFor()
  expect(await read(page, 'A short story', 'Perhaps paid')).toContain('you are not charged twice')
}

const isTooWide = (page: Page) =>
  page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth)

describe('the example page', () => {
  it('shows what each thing costs before a wallet is connected', async () => {
    const page = await open()
    await card(page, 'Weather').getByText('$0.01', { exact: true }).waitFor()
    await card(page, 'A short story').getByText('$0.05', { exact: true }).waitFor()
    await card(page, 'Tide table').getByText('$0.02', { exact: true }).waitFor()
    await card(page, 'Your portrait in oil').getByText('$25.00', { exact: true }).waitFor()
    await page.getByRole('button', { name: 'Connect wallet' }).waitFor()
    const budget = page.getByRole('region', { name: 'Your budget today' })
    expect(await budget.textContent()).toContain('$0.00 of $5.00 spent')
  })

  it('asks the wallet, pays, and shows the answer with its receipt', async () => {
    const page = await openConnected()
    const before = await demo.takings()
    await buttonOf(page, 'Weather', 'Buy for $0.01').click()
    await outcome(page, 'Weather').getByText('Confirm in your wallet').waitFor()
    await answerWallet(page, 'Sign')
    const told = await read(page, 'Weather', 'Paid')
    expect(told).toContain('Sunny')
    expect(told).toMatch(/Price\$0\.01Paid to0x\S+Transaction0x\S+Moneysettled/)
    await page.getByText('$0.01 of $5.00 spent').waitFor()
    expect((await demo.takings()) - before).toBe(10_000n)
  })

  it('says that the money is untouched when the person declines in the wallet', async () => {
    const page = await openConnected()
    const before = await demo.takings()
    await buttonOf(page, 'Weather', 'Buy for $0.01').click()
    await answerWallet(page, 'Decline')
    expect(await read(page, 'Weather', 'You said no')).toContain('You declined in your wallet. Nothing was paid.')
    await buttonOf(page, 'Weather', 'Try again').waitFor()
    expect(await demo.takings()).toBe(before)
  })

  it('says that it is over the limit before a click, and asks the wallet for nothing', async () => {
    const page = await openConnected()
    const told = await read(page, 'Your portrait in oil', 'Over your limit')
    expect(told).toContain('This costs $25.00, and your limit is $1.00. Nothing was paid.')
    const button = buttonOf(page, 'Your portrait in oil', 'Over your limit')
    expect(await button.getAttribute('aria-disabled')).toBe('true')
    await button.dispatchEvent('click')
    expect(await page.getByRole('dialog').count()).toBe(0)
  })

  it('presents the same payment when the answer got lost, also after a reload', async () => {
    const page = await openConnected()
    const before = await demo.takings()
    await loseTheStory(page)
    await page.getByText('$0.05 on its way').waitFor()
    await page.reload()
    await read(page, 'A short story', 'Perhaps paid')
    await buttonOf(page, 'A short story', 'Ask again').click()
    expect(await read(page, 'A short story', 'Paid')).toContain('it was his already')
    expect(await page.getByRole('dialog').count()).toBe(0)
    expect((await demo.takings()) - before).toBe(50_000n)
  })

  it('pays a second time only on the button that names the price, and counts both', async () => {
    const page = await openConnected()
    await loseTheStory(page)
    expect(await outcome(page, 'A short story').textContent()).toContain('the first payment may be taken as well')
    await buttonOf(page, 'A short story', 'Pay a second time, $0.05').click()
    await answerWallet(page, 'Sign')
    await page.getByText('$0.10 on its way').waitFor()
    await buttonOf(page, 'A short story', 'Ask again').click()
    await read(page, 'A short story', 'Paid')
    await page.getByText('$0.05 of $5.00 spent, $0.05 on its way').waitFor()
  })

  it('buys through the relay what a seller hides from pages, and the relay reaches no other host', async () => {
    const page = await openConnected()
    const before = await demo.takings()
    await buttonOf(page, 'Tide table', 'Buy for $0.02').click()
    await answerWallet(page, 'Sign')
    expect(await read(page, 'Tide table', 'Paid')).toContain('High water')
    expect((await demo.takings()) - before).toBe(20_000n)
    const elsewhere = await startSite()
    onTestFinished(() => elsewhere.stop())
    const { host } = new URL(elsewhere.url)
    const paths = [`@${host}/`, `.${host}/`, `//${host}/`, `/http://${host}/`, `/@${host}/`]
    const answers = await Promise.all(paths.map(async (path) => (await fetch(`${demo.url}/relay${path}`)).text()))
    for (const answer of answers) expect(answer).not.toContain('A page')
    expect((await fetch(`${demo.url}/relay/weather`, { method: 'POST' })).status).toBe(403)
  })

  it('names the money as play money, explains its states, and links to pages that open', async () => {
    const page = await open()
    await page.getByText('Play money: nothing here costs anything real.').waitFor()
    const legend = page.getByRole('region', { name: 'Where your money can be' })
    expect(await legend.locator('dt').allTextContents()).toEqual([
      'untouched',
      'signed',
      'in doubt',
      'settled',
      'released',
    ])
    const links = await page.getByRole('navigation').getByRole('link').all()
    const addresses = await Promise.all(links.map((link) => link.getAttribute('href')))
    expect(addresses).toHaveLength(3)
    for (const address of addresses) expect((await fetch(`${demo.url}${address}`)).status).toBe(200)
  })

  it('has all cards at one height, before and after something was bought', async () => {
    const page = await openConnected()
    const heights = async () =>
      new Set(await page.locator('.item').evaluateAll((all) => all.map((one) => one.clientHeight)))
    expect((await heights()).size).toBe(1)
    await loseTheStory(page)
    expect((await heights()).size).toBe(1)
  })

  it('can be used with the keyboard alone, and keeps the focus on the button', async () => {
    const page = await open()
    await page.getByRole('button', { name: 'Connect wallet' }).waitFor()
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await buttonOf(page, 'Weather', 'Buy for $0.01').waitFor()
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').waitFor()
    await page.keyboard.press('Escape')
    await read(page, 'Weather', 'You said no')
    const focused = page.evaluate(() => document.activeElement?.textContent)
    expect(await focused).toBe('Try again')
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').waitFor()
    await page.keyboard.press('Enter')
    expect(await read(page, 'Weather', 'Paid')).toContain('Sunny')
  })

  it('says what is missing when there is no wallet', async () => {
    await profile().route('**/pretend-wallet.js', (route) => route.abort())
    const page = await open()
    await page.getByRole('alert').getByText('There is no wallet in this browser.').waitFor()
    await card(page, 'Weather').getByText('$0.01', { exact: true }).waitFor()
  })

  it.each([
    ['a desktop', DESKTOP],
    ['a phone', PHONE],
  ])('fits on %s in each state', async (_, size) => {
    const page = await openConnected(size)
    expect(await isTooWide(page)).toBe(false)
    await buttonOf(page, 'Weather', 'Buy for $0.01').click()
    await answerWallet(page, 'Sign')
    await read(page, 'Weather', 'Paid')
    await read(page, 'Your portrait in oil', 'Over your limit')
    await loseTheStory(page)
    expect(await isTooWide(page)).toBe(false)
  })
})
