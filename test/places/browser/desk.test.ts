import type { Page } from 'playwright-core'
import { describe, expect, it, onTestFinished } from 'vitest'
import { startDemo } from '../../../docs/examples/desk/demo/start-demo.js'
import {
  card,
  clickNo,
  clickYes,
  createSender,
  DESKTOP,
  enter as enterAs,
  keepStale,
  type Office,
  openOffice,
  openTab,
  records,
  says,
} from '../../support/browser/open-office.js'
import { useProfile } from '../../support/browser/use-profile.js'
import { createReopening } from '../../support/ledger/reopen.js'
import { refusalOf } from '../../unit/flow/refusal-of.js'

const profile = useProfile()

const PHONE = { width: 390, height: 844 }

const enter = (office: Office, person: string, size = DESKTOP) => enterAs(profile().browser(), office, person, size)
describe('the page over a desk', () => {
  it('shows what waits: the price, who is paid, what for, who asks, and the words of the seller as a quotation', async () => {
    const office = await openOffice()
    const page = await enter(office, 'Ann')
    await page.getByText('Nothing waits.').waitFor()
    await refusalOf(office.paidFetch(`${office.seller.url}/tides?key=secret`))
    await page.getByRole('status').getByText(`$0.01 at ${office.host} waits for a decision.`).waitFor()
    const text = (await card(page).textContent()) ?? ''
    expect(text).toContain('$0.01')
    expect(text).toContain(`GET ${office.seller.url}/tides`)
    expect(text).toMatch(/Who asksteam\/researcher/)
    expect(text).toMatch(/Waits \d+ s · expires in 2[34] h/)
    expect(text).not.toContain('secret')
    expect(await card(page).getByRole('heading').textContent()).toBe(office.host)
    expect(await card(page).locator('blockquote').textContent()).toBe('A report on tides')
    expect(await page.title()).toBe('(1) The desk')
  })

  it('lets the same call pay once after a yes, and says who said it and why', async () => {
    const office = await openOffice()
    const page = await enter(office, 'Ann')
    await refusalOf(office.paidFetch(office.seller.url))
    await card(page).getByLabel('Reason').fill('needed for Monday')
    await clickYes(page)
    await says(page, 'You said yes. The next call that asks for exactly this pays $0.01, once.')
    expect((await office.paidFetch(office.seller.url)).status).toBe(200)
    expect(await refusalOf(office.paidFetch(office.seller.url))).toMatchObject({ code: 'APPROVAL_PENDING' })
    expect(office.seller.authorizations().size).toBe(1)
    const [payment] = await office.desk.payments()
    expect(payment?.approval).toMatchObject({ by: 'Ann', reason: 'needed for Monday' })
    await records(page).getByText('Ann said yes').waitFor()
    await page.getByText('$0.01 of $5.00').waitFor()
  })

  it('ends the call after a no, with its reason, and nothing is signed', async () => {
    const office = await openOffice()
    const page = await enter(office, 'Bob')
    await refusalOf(office.paidFetch(office.seller.url))
    await card(page).getByLabel('Reason').fill('too dear')
    await clickNo(page)
    await says(page, 'You said no. Nothing is paid.')
    expect(await refusalOf(office.paidFetch(office.seller.url))).toMatchObject({ code: 'NOT_APPROVED' })
    expect(office.signatures()).toBe(0)
    expect(await office.desk.decisions()).toMatchObject([{ type: 'denied', by: 'Bob', reason: 'too dear' }])
  })

  it('tells someone whose page is old that another person was faster, and keeps what that person decided', async () => {
    const office = await openOffice()
    await refusalOf(office.paidFetch(office.seller.url))
    const [ann, bob] = [await enter(office, 'Ann'), await enter(office, 'Bob')]
    const catchUp = await keepStale(bob)
    await card(ann).getByLabel('Reason').fill('too dear')
    await clickNo(ann)
    await says(ann, 'You said no.')
    await clickYes(bob)
    await says(bob, 'Ann had said no already, since “too dear”. What you clicked changed nothing.')
    await catchUp()
    await says(bob, 'Ann said no: “too dear”')
    expect(await refusalOf(office.paidFetch(office.seller.url))).toMatchObject({ code: 'NOT_APPROVED' })
    expect(await office.desk.decisions()).toHaveLength(1)
  })

  it('makes one decision of a yes and a no at once', async () => {
    const office = await openOffice()
    await refusalOf(office.paidFetch(office.seller.url))
    const [ann, bob] = [await enter(office, 'Ann'), await enter(office, 'Bob')]
    const catchUp = [await keepStale(ann), await keepStale(bob)]
    await Promise.all([clickYes(ann), clickNo(bob)])
    const toldOf = (page: Page) =>
      card(page)
        .getByText(/^You said|changed nothing\.$/)
        .textContent()
    const told = await Promise.all([ann, bob].map(toldOf))
    expect(told.filter((text) => text?.startsWith('You said'))).toHaveLength(1)
    expect(told.filter((text) => text?.endsWith('What you clicked changed nothing.'))).toHaveLength(1)
    expect(await office.desk.decisions()).toHaveLength(1)
    for (const each of catchUp) await each()
  })

  it('makes one decision of each of ten pairs that arrive together, while the ledger waits for a disk', async () => {
    const reopen = await createReopening()
    const office = await openOffice('A report', await reopen())
    const paths = Array.from({ length: 10 }, (_, index) => `/${index}`)
    for (const path of paths) await refusalOf(office.paidFetch(`${office.seller.url}${path}`))
    const [yes, no] = [await createSender(office, 'Ann'), await createSender(office, 'Bob')]
    const proposals = await office.desk.approvals({ state: 'pending' })
    const statuses = await Promise.all(
      proposals.map(({ id }) =>
        Promise.all([yes({ want: 'approve', proposal: id }), no({ want: 'deny', proposal: id })]),
      ),
    )
    expect(statuses.map((pair) => pair.sort())).toEqual(paths.map(() => [200, 409]))
    expect(await office.desk.decisions()).toHaveLength(paths.length)
  })

  it('shows in one tab what was decided in another, and moves no card', async () => {
    const office = await openOffice()
    const first = await enter(office, 'Ann')
    for (const path of ['/1', '/2']) await refusalOf(office.paidFetch(`${office.seller.url}${path}`))
    const second = await openTab(first.context(), office.addresses['Ann'] ?? '')
    const last = (page: Page) => card(page).nth(1)
    await last(second).waitFor()
    const before = await last(second).boundingBox()
    await card(first).first().getByRole('button', { name: 'Yes' }).click()
    await card(second).first().getByText('You, in another tab, said yes.').waitFor()
    expect(await last(second).boundingBox()).toEqual(before)
    await card(second).first().getByRole('button', { name: 'Put away' }).click()
    expect(await card(second).count()).toBe(1)
  })

  it('takes a yes back as long as nothing was paid', async () => {
    const office = await openOffice()
    await refusalOf(office.paidFetch(office.seller.url))
    const page = await enter(office, 'Ann')
    await clickYes(page)
    await records(page).getByRole('button', { name: 'Take the yes back' }).click()
    await page.getByRole('dialog', { name: 'Take the yes back?' }).getByRole('button', { name: 'Take it back' }).click()
    await records(page).getByText('Ann took the yes back').waitFor()
    expect(await refusalOf(office.paidFetch(office.seller.url))).toMatchObject({ code: 'NOT_APPROVED' })
    expect(office.signatures()).toBe(0)
  })

  it('says that a proposal expired, to someone whose page is old as well', async () => {
    const office = await openOffice()
    await refusalOf(office.paidFetch(office.seller.url))
    const page = await enter(office, 'Ann')
    await card(page).waitFor()
    const catchUp = await keepStale(page)
    office.clock.advance(86_400)
    await clickYes(page)
    await says(page, 'It expired before anyone decided. What you clicked changed nothing.')
    await catchUp()
    await records(page).getByText('No one decided in time').waitFor()
    expect(await office.desk.decisions()).toEqual([])
    // The agent asks again, and the same purchase waits anew.
    await refusalOf(office.paidFetch(office.seller.url))
    await clickYes(page)
    await says(page, 'You said yes.')
    expect((await office.paidFetch(office.seller.url)).status).toBe(200)
  })

  it('freezes and thaws, and tells everyone who did', async () => {
    const office = await openOffice()
    await refusalOf(office.paidFetch(office.seller.url))
    const [ann, bob] = [await enter(office, 'Ann'), await enter(office, 'Bob')]
    await clickYes(ann)
    await says(ann, 'You said yes.')
    await ann.getByRole('button', { name: 'Freeze all payments' }).click()
    const dialog = ann.getByRole('dialog', { name: 'Freeze all payments?' })
    await dialog.getByLabel('Reason').fill('an audit')
    await dialog.getByRole('button', { name: 'Freeze' }).click()
    await bob.getByRole('region', { name: 'Frozen' }).getByText('“an audit”').waitFor()
    expect(await refusalOf(office.paidFetch(office.seller.url))).toMatchObject({ code: 'FROZEN' })
    await bob.getByRole('button', { name: 'Let payments go on' }).click()
    await bob.getByRole('dialog').getByRole('button', { name: 'Let them go on' }).click()
    await ann.getByRole('region', { name: 'Frozen' }).waitFor({ state: 'hidden' })
    expect((await office.paidFetch(office.seller.url)).status).toBe(200)
    const decisions = await office.desk.decisions()
    expect(decisions.map(({ type, by }) => `${type} by ${by}`)).toEqual([
      'thawed by Bob',
      'frozen by Ann',
      'approved by Ann',
    ])
  })

  it('changes nothing when someone cancels a freeze, or freezes what another person froze already', async () => {
    const office = await openOffice()
    const page = await enter(office, 'Ann')
    const freeze = page.getByRole('button', { name: 'Freeze all payments' })
    await freeze.click()
    await page.keyboard.press('Escape')
    expect(await office.desk.frozen()).toBeUndefined()
    const catchUp = await keepStale(page)
    await office.desk.freeze({ by: 'Bob', reason: 'mine' })
    await freeze.click()
    await page.getByRole('dialog').getByRole('button', { name: 'Freeze' }).click()
    await page.getByRole('status').getByText('Bob had frozen all payments already.').waitFor()
    await catchUp()
    expect(await office.desk.frozen()).toMatchObject({ by: 'Bob', reason: 'mine' })
  })

  it('shows hostile words of a seller as text, and writes out what no one would see', async () => {
    const words = `<img src=x onerror="document.title='owned'"> </blockquote><b>APPROVED</b> שלום`
    const office = await openOffice(words)
    const { facts } = (await refusalOf(office.paidFetch(`${office.seller.url}/<script>`))) as { facts?: object } // an error of ours
    const id = String(Reflect.get(facts ?? {}, 'proposal'))
    // As an engine of someone else's could hold it: a client takes such characters out before it writes.
    const kept = await office.ledger.get('proposal', id)
    const turned = `${words}\u202Egnp.exe\u200B\uDB40\uDC41`
    expect(await office.ledger.put('proposal', id, { ...(kept as object), sellerSays: turned }, kept)).toBe(true)
    const page = await enter(office, 'Ann')
    const quote = card(page).locator('blockquote')
    expect(await quote.textContent()).toBe(`${words}⟨U+202E⟩gnp.exe⟨U+200B⟩⟨U+E0041⟩`)
    expect(await quote.locator('bdi').count()).toBe(1)
    expect(await page.locator('img, b, main script').count()).toBe(0)
    expect(await page.title()).toBe('(1) The desk')
    await card(page).getByText('/%3Cscript%3E').waitFor()
  })

  it('can be used with the keyboard alone, and Enter in the reason pays nothing', async () => {
    const office = await openOffice()
    await refusalOf(office.paidFetch(office.seller.url))
    const page = await enter(office, 'Ann')
    await card(page).getByLabel('Reason').focus()
    await page.keyboard.type('fine')
    await page.keyboard.press('Enter')
    expect(await office.desk.decisions()).toEqual([])
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await says(page, 'You said yes.')
    const focused = await page.evaluate(() => document.activeElement?.textContent)
    expect(focused).toContain('You said yes.')
  })

  it.each([
    ['a desktop', DESKTOP],
    ['a phone', PHONE],
  ])('fits on %s in each state', async (_, size) => {
    const office = await openOffice('Long'.repeat(200))
    await refusalOf(office.paidFetch(`${office.seller.url}/${'long'.repeat(60)}`))
    const page = await enter(office, 'Ann', size)
    const isTooWide = () =>
      page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth)
    await card(page).waitFor()
    expect(await isTooWide()).toBe(false)
    await clickYes(page)
    await says(page, 'You said yes.')
    await office.desk.freeze({ by: 'Bob', reason: 'long'.repeat(100) })
    await page.getByRole('region', { name: 'Frozen' }).waitFor()
    expect(await isTooWide()).toBe(false)
  })
})

it('the demo of the desk: its agent pays on a chain what a person said yes to, once, and nothing else above five cents', async () => {
  const lines: string[] = []
  const demo = await startDemo((line) => lines.push(line))
  onTestFinished(() => demo.stop())
  const page = await openTab(profile(), demo.addresses['Ann'] ?? '')
  const report = card(page).filter({ hasText: '/report' })
  await report.getByRole('button', { name: 'Yes, pay $0.25' }).click()
  const photos = card(page).filter({ hasText: '/photos/harbor' })
  await photos.getByRole('button', { name: 'No' }).click()
  await records(page).getByText('Paid', { exact: true }).waitFor()
  await expect.poll(() => lines.filter((line) => /bought .*report|did without .*photos/.test(line)).length).toBe(2)
  await page.getByText('$0.26 of $5.00').waitFor()
  expect(await demo.takings()).toBe(260_000n)
})
