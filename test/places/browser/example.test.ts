import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Demo, startDemo } from '../../../docs/examples/browser/demo/start-demo.js'
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

const isTooWide = (page: Page) =>
  page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth)

describe('the example page', () => {
  it('shows what each thing costs, before anything is paid', async () => {
    const page = await openConnected()
    await buttonOf(page, 'A short story', 'Buy for $0.05').waitFor()
    await buttonOf(page, 'Your portrait in oil', 'Buy for $25.00').waitFor()
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
    expect(await read(page, 'Weather', 'You said no')).toContain('Your money is untouched.')
    await buttonOf(page, 'Weather', 'Try again').waitFor()
    expect(await demo.takings()).toBe(before)
  })

  it('says that the money is untouched when it costs more than the page may pay', async () => {
    const page = await openConnected()
    await buttonOf(page, 'Your portrait in oil', 'Buy for $25.00').click()
    const told = await read(page, 'Your portrait in oil', 'Over your limit')
    expect(told).toContain('This page pays $1.00 at most for one answer. Your money is untouched.')
    expect(await page.getByRole('dialog').count()).toBe(0)
  })

  it('presents the same payment when the answer got lost, also after a reload', async () => {
    const page = await openConnected()
    const before = await demo.takings()
    await buttonOf(page, 'A short story', 'Buy for $0.05').click()
    await answerWallet(page, 'Sign')
    await outcome(page, 'A short story').getByText('Presenting the same payment again').waitFor()
    expect(await read(page, 'A short story', 'The answer got lost')).toContain('you are not charged twice')
    await page.getByText('$0.05 on its way').waitFor()
    await page.reload()
    await read(page, 'A short story', 'The answer got lost')
    await page.locator('[data-path="/story"][data-priced]').waitFor()
    await buttonOf(page, 'A short story', 'Try again').click()
    expect(await read(page, 'A short story', 'Paid')).toContain('it was his already')
    expect(await page.getByRole('dialog').count()).toBe(0)
    expect((await demo.takings()) - before).toBe(50_000n)
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
    await buttonOf(page, 'Your portrait in oil', 'Buy for $25.00').click()
    await read(page, 'Your portrait in oil', 'Over your limit')
    await buttonOf(page, 'A short story', 'Buy for $0.05').click()
    await answerWallet(page, 'Sign')
    await read(page, 'A short story', 'The answer got lost')
    expect(await isTooWide(page)).toBe(false)
  })
})
