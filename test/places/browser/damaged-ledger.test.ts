import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { openSite } from '../../support/browser/open-site.js'
import { useProfile } from '../../support/browser/use-profile.js'

const profile = useProfile()

/** A tab whose ledger has three payments, and is open. */
async function openTab(): Promise<Page> {
  const { url } = await openSite()
  const tab = await profile().newPage()
  await tab.goto(url)
  await tab.evaluate(async () => {
    kept.ledger = await pay402.createBrowserLedger()
    for (let made = 0; made < 3; made++) await kept.ledger.reserve(pay402.createRecord(), [])
  })
  return tab
}

/** How a test damages what is stored. */
type Edit = (stores: { payments: IDBObjectStore; head: IDBObjectStore }, older: unknown) => void

/** Changes the ledger's database behind its back; `older` is how the first payment stood before it was moved. */
function damage(tab: Page, edit: Edit): Promise<void> {
  return tab.evaluate(async (text) => {
    const database = await new Promise<IDBDatabase>((resolve) => {
      const opening = indexedDB.open('pay402-ledger:payments')
      opening.onsuccess = () => resolve(opening.result)
    })
    const older = await new Promise<unknown>((resolve) => {
      const reading = database.transaction('payments').objectStore('payments').get(0)
      reading.onsuccess = () => resolve(reading.result)
    })
    const first = (await pay402.readAll(kept.ledger)).at(-1)
    if (first !== undefined) await kept.ledger.move(first.id, ['reserved'], 'sent', { delivery: 'lost' })
    const transaction = database.transaction(['payments', 'head'], 'readwrite')
    const stores = { payments: transaction.objectStore('payments'), head: transaction.objectStore('head') }
    // biome-ignore lint/security/noGlobalEval: a function of a test, as a text
    globalThis.eval(`(${text})`)(stores, older)
    await new Promise((resolve) => {
      transaction.oncomplete = resolve
    })
    database.close()
  }, edit.toString())
}

const use = (tab: Page) =>
  tab.evaluate(() => refusal(() => kept.ledger.reserve(pay402.createRecord(), [pay402.createCap(9)])))
const reopen = async (tab: Page) => {
  await tab.reload()
  return tab.evaluate(() => refusal(() => pay402.createBrowserLedger()))
}

const CHANGED: [string, Edit][] = [
  [
    'a payment was edited',
    ({ payments }) => {
      const reading = payments.get(1)
      reading.onsuccess = () => {
        payments.put({ ...reading.result, text: reading.result.text.replace('1000000000000000000', '1') })
      }
    },
  ],
  ['a payment was removed', ({ payments }) => void payments.delete(1)],
  ['the newest payment was removed', ({ payments }) => void payments.delete(2)],
  ['a payment was put back to what it was', ({ payments }, older) => void payments.put(older)],
  ['a payment is none', ({ payments }) => void payments.put({ place: 1, version: 2 })],
  ['all payments were removed', ({ payments }) => void payments.clear()],
  ['the head was removed', ({ head }) => void head.clear()],
  ['the head is none', ({ head }) => void head.put({ format: 2, version: 'new' }, 'head')],
]

it.each(CHANGED)('error: LEDGER_CORRUPT when %s, and it is not opened', async (_, edit) => {
  const tab = await openTab()
  await damage(tab, edit)
  const error = await reopen(tab)
  expect(error).toMatchObject({ code: 'LEDGER_CORRUPT', money: 'in-doubt' })
  expect(error.message).toContain('ledger: payments')
  expect(error.message).not.toContain('api.example.com')
})

it('error: LEDGER_CORRUPT when an open ledger was emptied, and nothing is reserved', async () => {
  const tab = await openTab()
  await damage(tab, ({ payments, head }) => {
    payments.clear()
    head.clear()
  })
  expect(await use(tab)).toMatchObject({ code: 'LEDGER_CORRUPT', money: 'in-doubt' })
  expect(await use(tab)).toMatchObject({ code: 'LEDGER_CORRUPT', money: 'in-doubt' })
})

it('error: LEDGER_CORRUPT when the data of the site was cleared under an open page, which begins anew when it is reloaded', async () => {
  const tab = await openTab()
  await tab.evaluate(
    () =>
      new Promise((resolve, reject) => {
        const deleting = indexedDB.deleteDatabase('pay402-ledger:payments')
        deleting.onsuccess = resolve
        deleting.onerror = reject
      }),
  )
  expect(await use(tab)).toMatchObject({ code: 'LEDGER_CORRUPT', money: 'in-doubt' })
  await tab.reload()
  const count = tab.evaluate(async () => (await pay402.readAll(await pay402.createBrowserLedger())).length)
  expect(await count).toBe(0)
})
