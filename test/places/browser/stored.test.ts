import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { expect, it, onTestFinished } from 'vitest'
import { openShop } from '../../support/browser/open-shop.js'
import { startProfile } from '../../support/browser/start-profile.js'
import { useProfile } from '../../support/browser/use-profile.js'
import { askToPay, deliver } from '../../support/offers.js'
import type { Handler } from '../../support/start-seller.js'

const profile = useProfile()

/** Drops the connection instead of the first answers to a payment. */
function dropFirst(answers: number): Handler {
  let dropped = 0
  return (request, response) => {
    if (request.payment === undefined) askToPay(response)
    else if (dropped++ < answers) response.destroy()
    else deliver(response, request)
  }
}

/** All that the profile holds of payments, as a text. */
const dump = (tab: Page) =>
  tab.evaluate(
    () =>
      new Promise<string>((resolve) => {
        const opening = indexedDB.open('pay402:ledger:payments')
        opening.onsuccess = () => {
          const reading = opening.result.transaction('rows').objectStore('rows').getAll()
          reading.onsuccess = () => {
            opening.result.close()
            resolve(JSON.stringify(reading.result))
          }
        }
      }),
  )

it('a signed payment: is in the profile only as long as it may have to be presented again', async () => {
  const { seller, openTab, buy } = await openShop(profile(), dropFirst(1))
  const tab = await openTab()
  await buy(tab, { method: 'POST' })
  const signature = String(seller.requests.flatMap(({ payment }) => payment ?? [])[0]?.payload['signature'])
  expect(signature).toMatch(/^0x[0-9a-f]{130}$/)
  expect(await dump(tab)).toContain(signature)
  await buy(tab, { method: 'POST' })
  expect(await dump(tab)).not.toContain(signature)
  expect(await dump(tab)).toContain('settled')
})

it('a browser that is killed after a payment was sent: presents the same when it is started again', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'pay402-profile-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
  const before = await startProfile(folder)
  onTestFinished(before.kill)
  const { seller, openTab, buy } = await openShop(before.context, dropFirst(1))
  expect(await buy(await openTab(), { method: 'POST' })).toMatchObject([{ code: 'ANSWER_LOST', money: 'in-doubt' }])
  await before.kill()

  const after = await startProfile(folder)
  onTestFinished(after.kill)
  expect(await buy(await openTab(after.context), { method: 'POST' })).toMatchObject([{ status: 200, money: 'settled' }])
  expect(seller.authorizations().size).toBe(1)
})
