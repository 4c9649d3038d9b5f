import { describe, expect, it, onTestFinished } from 'vitest'
import {
  card,
  clickYes,
  DESKTOP,
  enter as enterAs,
  keepStale,
  type Office,
  openOffice,
  openTab,
  says,
} from '../../support/browser/open-office.js'
import { startSite } from '../../support/browser/start-site.js'
import { useProfile } from '../../support/browser/use-profile.js'
import { refusalOf } from '../../unit/flow/refusal-of.js'

// A stranger's name that leads to this machine, as DNS rebinding makes one.
const profile = useProfile('--host-resolver-rules=MAP stranger.example 127.0.0.1')

const enter = (office: Office, person: string, size = DESKTOP) => enterAs(profile().browser(), office, person, size)
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
