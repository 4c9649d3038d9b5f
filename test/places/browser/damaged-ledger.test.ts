import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import type { PaymentEvent } from '../../../src/payment/event.js'
import { lost, sent } from '../../../src/testing/ledger/events.js'
import { openSite } from '../../support/browser/open-site.js'
import { useProfile } from '../../support/browser/use-profile.js'

const profile = useProfile()

/** A tab whose ledger has three payments and a value, and is open. */
async function openTab(): Promise<Page> {
  const { url } = await openSite()
  const tab = await profile().newPage()
  await tab.goto(url)
  await tab.evaluate(async () => {
    kept.ledger = await pay402.createBrowserLedger()
    for (let made = 0; made < 3; made++) await kept.ledger.reserve(pay402.createDraft(), [])
    await kept.ledger.put('price', 'of one', 'ten cents', undefined)
  })
  return tab
}

/** How a test damages what is stored. */
type Edit = (stores: { rows: IDBObjectStore; head: IDBObjectStore }, older: unknown) => void

/** Changes the ledger's database behind its back; `older` is what the first payment was before it was sent. */
function damage(tab: Page, edit: Edit): Promise<void> {
  const edited = async ([text, events]: readonly [string, readonly PaymentEvent[]]) => {
    const database = await new Promise<IDBDatabase>((resolve) => {
      const opening = indexedDB.open('pay402:ledger:payments')
      opening.onsuccess = () => resolve(opening.result)
    })
    const older = await new Promise<unknown>((resolve) => {
      const reading = database.transaction('rows').objectStore('rows').get(0)
      reading.onsuccess = () => resolve(reading.result)
    })
    const first = (await pay402.readAll(kept.ledger)).at(-1)
    for (const event of events) if (first !== undefined) await kept.ledger.note(first.id, event)
    const transaction = database.transaction(['rows', 'head'], 'readwrite')
    const stores = { rows: transaction.objectStore('rows'), head: transaction.objectStore('head') }
    // biome-ignore lint/security/noGlobalEval: a function of a test, as a text
    globalThis.eval(`(${text})`)(stores, older)
    await new Promise((resolve) => {
      transaction.oncomplete = resolve
    })
    database.close()
  }
  return tab.evaluate(edited, [edit.toString(), [sent, lost]] as const)
}

const use = (tab: Page) =>
  tab.evaluate(() => refusal(() => kept.ledger.reserve(pay402.createDraft(), [pay402.createCap(9)])))
const reopen = async (tab: Page) => {
  await tab.reload()
  return tab.evaluate(() => refusal(() => pay402.createBrowserLedger()))
}

const CHANGED: [string, Edit][] = [
  [
    'a payment was edited',
    ({ rows }) => {
      const reading = rows.get(1)
      reading.onsuccess = () => {
        rows.put({ ...reading.result, text: reading.result.text.replace('1000000000000000000', '1') })
      }
    },
  ],
  ['a payment was removed', ({ rows }) => void rows.delete(1)],
  ['the newest payment was removed', ({ rows }) => void rows.delete(2)],
  ['a payment was put back to what it was', ({ rows }, older) => void rows.put(older)],
  ['a payment is none', ({ rows }) => void rows.put({ key: 1, version: 2 })],
  ['all payments were removed', ({ rows }) => void rows.clear()],
  [
    'a value of the register was edited',
    ({ rows }) => {
      const reading = rows.get('["price","of one"]')
      reading.onsuccess = () => {
        rows.put({ ...reading.result, text: reading.result.text.replace('ten', 'two') })
      }
    },
  ],
  ['a value of the register was removed', ({ rows }) => void rows.delete('["price","of one"]')],
  ['the head was removed', ({ head }) => void head.clear()],
  ['the head is none', ({ head }) => void head.put({ format: 3, version: 'new' }, 'head')],
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
  await damage(tab, ({ rows, head }) => {
    rows.clear()
    head.clear()
  })
  expect(await use(tab)).toMatchObject({ code: 'LEDGER_CORRUPT', money: 'in-doubt' })
  expect(await use(tab)).toMatchObject({ code: 'LEDGER_CORRUPT', money: 'in-doubt' })
})

it('error: LEDGER_CORRUPT when the data of the site was cleared under an open page, which begins again when it is reloaded', async () => {
  const tab = await openTab()
  await tab.evaluate(
    () =>
      new Promise((resolve, reject) => {
        const deleting = indexedDB.deleteDatabase('pay402:ledger:payments')
        deleting.onsuccess = resolve
        deleting.onerror = reject
      }),
  )
  expect(await use(tab)).toMatchObject({ code: 'LEDGER_CORRUPT', money: 'in-doubt' })
  await tab.reload()
  const count = tab.evaluate(async () => (await pay402.readAll(await pay402.createBrowserLedger())).length)
  expect(await count).toBe(0)
})
