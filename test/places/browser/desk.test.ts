import type { BrowserContext, Page } from 'playwright-core'
import { describe, expect, it, onTestFinished } from 'vitest'
import { startDemo } from '../../../docs/examples/desk/demo/start-demo.js'
import { startDeskPage } from '../../../docs/examples/desk/start-desk-page.js'
import { openDesk } from '../../../src/desk/index.js'
import { createMemoryLedger } from '../../../src/ledger/book/memory-ledger.js'
import type { LimitsOptions } from '../../../src/limits/create-limits.js'
import type { Ledger } from '../../../src/payment/ledger.js'
import { createManualClock } from '../../../src/testing/manual-clock.js'
import { startSite } from '../../support/browser/start-site.js'
import { useProfile } from '../../support/browser/use-profile.js'
import { createBuyer } from '../../support/create-buyer.js'
import { createReopening } from '../../support/ledger/reopen.js'
import { askToPay, createRequired, deliver, NETWORK } from '../../support/offers.js'
import { startSeller } from '../../support/start-seller.js'
import { refusalOf } from '../../unit/flow/refusal-of.js'

// A stranger's name that leads to this machine, as DNS rebinding makes one.
const profile = useProfile('--host-resolver-rules=MAP stranger.example 127.0.0.1')

const DESKTOP = { width: 1280, height: 800 }
const PHONE = { width: 390, height: 844 }

/** A seller, an agent that needs a yes for everything, and a page for Ann and Bob. */
async function openOffice(description = 'A report on tides', ledger: Ledger = createMemoryLedger()) {
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
async function enter({ addresses }: Awaited<ReturnType<typeof openOffice>>, person: string, size = DESKTOP) {
  const own = (await profile().browser()?.newContext({ viewport: size })) as BrowserContext // it was started
  onTestFinished(() => own.close())
  return openTab(own, addresses[person] ?? '')
}

async function openTab(context: BrowserContext, address: string): Promise<Page> {
  const page = await context.newPage()
  await page.goto(address)
  await page
    .getByText('You decide as')
    .getByText(/Ann|Bob/)
    .waitFor()
  return page
}

/** Sends decisions as the page does, with no browser between. */
async function createSender({ addresses, origin }: Awaited<ReturnType<typeof openOffice>>, person: string) {
  const welcome = await fetch(addresses[person] ?? '')
  const [cookie = ''] = (welcome.headers.get('set-cookie') ?? '').split(';')
  const headers = { cookie, origin, 'content-type': 'application/json' }
  return async (wanted: object) => {
    const body = JSON.stringify({ as: person, reason: '', seen: 'pending', ...wanted })
    return (await fetch(`${origin}/decide`, { method: 'POST', headers, body })).status
  }
}

const card = (page: Page) => page.getByRole('article')
const says = (page: Page, text: string) => card(page).getByText(text).waitFor()
const clickYes = (page: Page) => card(page).getByRole('button', { name: 'Yes, pay $0.01' }).click()
const clickNo = (page: Page) => card(page).getByRole('button', { name: 'No' }).click()
const records = (page: Page) => page.getByRole('region', { name: 'Decided' }).getByRole('listitem')

/** From now on this page is shown what it was shown last, as if it hadn't asked again yet. */
async function keepStale(page: Page): Promise<() => Promise<void>> {
  const body = await page.evaluate(async () => (await fetch('/board')).text())
  await page.route('**/board', (route) => route.fulfill({ contentType: 'application/json', body }))
  return () => page.unroute('**/board')
}

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
    const told = await Promise.all([ann, bob].map((page) => card(page).locator('.said').textContent()))
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

describe('the page over a desk, asked by others', () => {
  it('lets no one in without a token that it gave out', async () => {
    const { origin, addresses } = await openOffice()
    const statuses = ['/', '//', '/board', '/page.js', '/?token=', `/?token=${'A'.repeat(43)}`].map(
      async (path) => (await fetch(`${origin}${path}`)).status,
    )
    expect(await Promise.all(statuses)).toEqual([401, 401, 401, 401, 403, 403])
    expect(new Set(Object.values(addresses)).size).toBe(2)
  })

  it('keeps the token out of the address and out of reach of scripts', async () => {
    const office = await openOffice()
    const page = await enter(office, 'Ann')
    expect(page.url()).toBe(`${office.origin}/`)
    expect(await page.evaluate(() => document.cookie)).toBe('')
    expect(await page.context().cookies()).toMatchObject([{ httpOnly: true, sameSite: 'Strict' }])
    // Nor does the way back lead to it.
    await page.goBack()
    expect(page.url()).toBe('about:blank')
  })

  it('decides nothing for pages of another port, which are sent along with its cookie, and lets them read nothing', async () => {
    const office = await openOffice()
    await refusalOf(office.paidFetch(office.seller.url))
    const [proposal] = await office.desk.approvals()
    const own = await enter(office, 'Ann')
    const elsewhere = await startSite()
    onTestFinished(() => elsewhere.stop())
    const page = await own.context().newPage()
    await page.goto(elsewhere.url)
    const wish = { as: 'Ann', reason: '', want: 'approve', proposal: proposal?.id, seen: 'pending' }
    const seen = await page.evaluate(
      async ({ origin, body }) => {
        const send = (init: RequestInit, path = '/decide') =>
          fetch(`${origin}${path}`, { credentials: 'include', ...init }).then(
            ({ status, type }) => `${type} ${status}`,
            () => 'kept away',
          )
        const post = { method: 'POST', body }
        const json = { 'content-type': 'application/json' }
        return [
          await send({ ...post, mode: 'no-cors' }),
          await send({ ...post, headers: json }),
          await send({}, '/board'),
          await send({ mode: 'no-cors' }, '/board'),
        ]
      },
      { origin: office.origin, body: JSON.stringify(wish) },
    )
    expect(seen).toEqual(['kept away', 'kept away', 'kept away', 'kept away'])
    await page.setContent(
      `<form method="post" enctype="text/plain" action="${office.origin}/decide"><button>Go</button></form>`,
    )
    const [response] = await Promise.all([page.waitForResponse(/decide/), page.getByRole('button').click()])
    expect(response.status()).toBe(403)
    expect(await response.request().headerValue('cookie')).toMatch(/^desk-/)
    expect(await office.desk.decisions()).toEqual([])
  })

  it('appears in no frame of another page', async () => {
    const office = await openOffice()
    const own = await enter(office, 'Ann')
    const elsewhere = await startSite()
    onTestFinished(() => elsewhere.stop())
    const page = await own.context().newPage()
    await page.goto(elsewhere.url)
    await page.setContent(`<iframe src="${office.origin}/"></iframe>`)
    expect(await page.frameLocator('iframe').getByRole('heading', { name: 'The desk' }).count()).toBe(0)
    await expect.poll(() => page.frames()[1]?.url()).toContain('chrome-error:')
  })

  it('knows no other name, even with a token: a name of a stranger may lead here', async () => {
    const office = await openOffice()
    const page = await profile().newPage()
    const address = office.addresses['Ann']?.replace('127.0.0.1', 'stranger.example') ?? ''
    const response = await page.goto(address)
    expect(response?.status()).toBe(421)
    expect(await page.context().cookies()).toEqual([])
    const asked = await page.goto(address.replace('stranger.example', 'localhost'))
    expect(asked?.status()).toBe(421)
  })

  it('decides in the name of the one who was seen on the page, or not at all', async () => {
    const office = await openOffice()
    await refusalOf(office.paidFetch(office.seller.url))
    const page = await enter(office, 'Ann')
    await card(page).waitFor()
    await keepStale(page)
    await openTab(page.context(), office.addresses['Bob'] ?? '')
    await clickYes(page)
    await says(page, 'This browser is signed in as Bob now.')
    expect(await office.desk.decisions()).toEqual([])
  })

  it('takes no decision that is not whole', async () => {
    const office = await openOffice()
    const page = await enter(office, 'Ann')
    const statuses = await page.evaluate(async () => {
      const bodies = ['', '[]', '{"want":"freeze"}', '{"as":"Ann","reason":"","want":"pay"}', `"${'x'.repeat(20_000)}"`]
      const headers = { 'content-type': 'application/json' }
      const send = (body: string) => fetch('/decide', { method: 'POST', headers, body }).then(({ status }) => status)
      return Promise.all(bodies.map(send))
    })
    expect(statuses).toEqual([400, 400, 400, 400, 400])
    expect(await office.desk.decisions()).toEqual([])
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
