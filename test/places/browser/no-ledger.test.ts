import { randomBytes } from 'node:crypto'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { createPresentation, sent } from '../../../src/testing/ledger/events.js'
import { openSite } from '../../support/browser/open-site.js'
import { useProfile } from '../../support/browser/use-profile.js'

// A name that isn't a loopback's is what pages of the internet have: over http they are no secure contexts.
const profile = useProfile('--host-resolver-rules=MAP shop.example 127.0.0.1')

async function openTab({ host = '127.0.0.1' }: { host?: string } = {}): Promise<Page> {
  const { url } = await openSite()
  const tab = await profile().newPage()
  await tab.goto(url.replace('127.0.0.1', host))
  return tab
}

/** More than there is room for, and hard to compress. */
const large = randomBytes(1_000_000).toString('base64')

const open = (tab: Page) => tab.evaluate(() => refusal(() => pay402.createBrowserLedger()))

describe('error: LEDGER_UNAVAILABLE', () => {
  it('when the page is no secure context, and so has no Web Locks', async () => {
    const error = await open(await openTab({ host: 'shop.example' }))
    expect(error).toMatchObject({ code: 'LEDGER_UNAVAILABLE', money: 'untouched' })
    expect(error.message).toContain('served over https or from localhost')
  })

  it('when there is no IndexedDB', async () => {
    const tab = await openTab()
    await tab.evaluate(() => Object.defineProperty(globalThis, 'indexedDB', { value: undefined }))
    expect(await open(tab)).toMatchObject({ code: 'LEDGER_UNAVAILABLE', money: 'untouched' })
  })

  it('when the page is in a frame that may store nothing', async () => {
    const tab = await openTab()
    const frame = await tab.evaluateHandle(() => {
      const made = document.createElement('iframe')
      made.sandbox.add('allow-scripts')
      made.src = '/'
      document.body.append(made)
      return new Promise<HTMLIFrameElement>((resolve) => {
        made.onload = () => resolve(made)
      })
    })
    const inside = await frame.asElement()?.contentFrame()
    const error = await inside?.evaluate(() => refusal(() => pay402.createBrowserLedger()))
    expect(error).toMatchObject({ code: 'LEDGER_UNAVAILABLE', money: 'untouched', cause: 'SecurityError' })
  })

  it('when a newer version of pay402 made the database', async () => {
    const tab = await openTab()
    await tab.evaluate(
      () =>
        new Promise((resolve) => {
          const opening = indexedDB.open('pay402:ledger:payments', 2)
          opening.onsuccess = resolve
        }),
    )
    await tab.reload()
    const error = await open(tab)
    expect(error).toMatchObject({ code: 'LEDGER_UNAVAILABLE', money: 'untouched', cause: 'VersionError' })
    expect(error.message).toContain('a newer version of pay402 wrote it')
  })

  it.each([
    ['reserved', 'untouched'],
    ['sent', 'signed'],
  ])(
    'when a payment is to be %s and there is no room left: the money is %s, and room makes it work again',
    async (to, money) => {
      const tab = await openTab()
      const devtools = await profile().newCDPSession(tab)
      const setQuota = (quotaSize: number) =>
        devtools.send('Storage.overrideQuotaForOrigin', { origin: new URL(tab.url()).origin, quotaSize })
      /** Chromium looks how much room there is only where a write is larger than what it found the last time, compressed. */
      const write = () =>
        tab.evaluate(
          async ({ to, large, event }) => {
            const [id = ''] = (await pay402.readAll(kept.ledger)).map((payment) => payment.id)
            if (to === 'sent') await kept.ledger.note(id, event)
            else await kept.ledger.reserve(pay402.createDraft({ call: { purchase: large } }), [])
          },
          { to, large, event: { ...sent, presentation: createPresentation({ large }) } },
        )
      await setQuota(500_000)
      await tab.evaluate(async () => {
        kept.ledger = await pay402.createBrowserLedger()
        await kept.ledger.reserve(pay402.createDraft(), [])
      })
      await expect(write()).rejects.toThrow(`Money: ${money}.`)
      await expect(write()).rejects.toThrow('there is no room left for it')
      const states = () => tab.evaluate(async () => (await pay402.readAll(kept.ledger)).map(({ state }) => state))
      expect(await states()).toEqual(['reserved'])
      await setQuota(50_000_000)
      await write()
      expect(await states()).toContain(to)
    },
  )
})

it('error: UNKNOWN_OPTION when an option is misspelt, and INVALID_OPTION when the name is none', async () => {
  const tab = await openTab()
  const codes = tab.evaluate(async () => [
    (await refusal(() => pay402.createBrowserLedger(Object.fromEntries([['nme', 'shop']])))).code,
    (await refusal(() => pay402.createBrowserLedger({ name: '' }))).code,
  ])
  expect(await codes).toEqual(['UNKNOWN_OPTION', 'INVALID_OPTION'])
})
