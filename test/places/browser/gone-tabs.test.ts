import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import type { PaymentEvent } from '../../../src/payment/event.js'
import type { DraftChange } from '../../../src/testing/ledger/draft.js'
import { delivered, lost, sent } from '../../../src/testing/ledger/events.js'
import { openShop } from '../../support/browser/open-shop.js'
import { openSite } from '../../support/browser/open-site.js'
import { useProfile } from '../../support/browser/use-profile.js'
import { sell } from '../../support/offers.js'

const profile = useProfile()

/** Two tabs on one ledger. */
async function openTabs(): Promise<[Page, Page]> {
  const { url } = await openSite()
  const open = async () => {
    const tab = await profile().newPage()
    await tab.goto(url)
    await tab.evaluate(async () => {
      kept.ledger = await pay402.createBrowserLedger()
    })
    return tab
  }
  return [await open(), await open()]
}

/** Reserves a dollar in a tab, and notes what happened to it. */
function pay(tab: Page, ...events: readonly PaymentEvent[]): Promise<string> {
  return payFor(tab, {}, events)
}

/** Reserves a dollar in a tab for a purchase that the caller named. */
function payUnderKey(tab: Page): Promise<string> {
  return payFor(tab, { isKeyed: true }, [])
}

function payFor(tab: Page, call: DraftChange['call'], events: readonly PaymentEvent[]): Promise<string> {
  return tab.evaluate(
    async ({ call, events }) => {
      const reserved = await kept.ledger.reserve(pay402.createDraft({ call }), [])
      if ('by' in reserved) throw new Error('refused')
      kept.locks ??= ((await navigator.locks.query()).held ?? []).map(({ name = '' }) => name)
      for (const event of events) await kept.ledger.note(reserved.id, event)
      return reserved.id
    },
    { call, events },
  )
}

const note = (tab: Page, id: string, event: PaymentEvent) =>
  tab.evaluate(({ id, event }) => kept.ledger.note(id, event), { id, event })

const count = (tab: Page) => tab.evaluate(async () => (await kept.ledger.spent(pay402.createCap(9))).count)
const claim = (tab: Page) =>
  tab.evaluate(async () => {
    const claimed = await kept.ledger.claim(pay402.createClaimant())
    return claimed.is === 'yours' ? claimed.payment.id : undefined
  })
/** Which payment keeps a tab from making the purchase under its key, if any does. */
const underWay = (tab: Page) =>
  tab.evaluate(async () => {
    const reserved = await kept.ledger.reserve(pay402.createDraft({ call: { isKeyed: true } }), [])
    return 'by' in reserved && reserved.by === 'open' ? reserved.open.payment.id : undefined
  })
const list = (tab: Page) =>
  tab.evaluate(async () =>
    (await pay402.readAll(kept.ledger)).map(({ state, delivery, claimed }) => ({ state, delivery, claimed })),
  )

/** Lets a tab go, and waits until the browser has noticed. */
async function leave(how: 'closed' | 'broken down', tab: Page, other: Page): Promise<void> {
  const locks = await tab.evaluate(() => kept.locks ?? [])
  if (how === 'closed') await tab.close()
  else await breakDown(tab)
  await other.evaluate(
    (locks) => Promise.all(locks.map((name) => navigator.locks.request(name, () => undefined))),
    locks,
  )
}

/** Its process ends as by a fault of the browser. */
async function breakDown(tab: Page): Promise<void> {
  const brokenDown = tab.waitForEvent('crash')
  await tab.goto('chrome://crash').catch(() => undefined)
  await brokenDown
}

describe('a payment that is reserved', () => {
  it('counts in other tabs as long as its tab is there', async () => {
    const [first, second] = await openTabs()
    await pay(first)
    expect(await count(second)).toBe(1)
    await second.reload()
    await second.evaluate(async () => {
      kept.ledger = await pay402.createBrowserLedger()
    })
    expect(await list(second)).toEqual([{ state: 'reserved', delivery: 'none', claimed: false }])
    expect(await count(first)).toBe(1)
  })

  it.each(['closed', 'broken down'] as const)(
    'counts no more once its tab is %s, in a tab that was there before',
    async (how) => {
      const [first, second] = await openTabs()
      await pay(first)
      expect(await count(second)).toBe(1)
      await leave(how, first, second)
      expect(await count(second)).toBe(0)
      expect(await list(second)).toEqual([{ state: 'released', delivery: 'none', claimed: false }])
    },
  )

  it.each(['closed', 'broken down'] as const)(
    'keeps other tabs from the same purchase until its tab is %s, and not a moment longer',
    async (how) => {
      const [first, second] = await openTabs()
      const id = await payUnderKey(first)
      expect(await underWay(second)).toBe(id)
      if (how === 'closed') await first.close()
      else await breakDown(first)
      // The browser may not have noticed yet: the ledger waits for it.
      expect(await underWay(second)).toBeUndefined()
    },
  )

  it('counts no more once its page closed the ledger', async () => {
    const [first, second] = await openTabs()
    await pay(first)
    await first.evaluate(() => kept.ledger.close())
    expect(await count(second)).toBe(0)
    expect(await first.evaluate(() => refusal(() => kept.ledger.reserve(pay402.createDraft(), [])))).toMatchObject({
      code: 'LEDGER_UNAVAILABLE',
      money: 'untouched',
    })
  })

  it('is never sent after others took its tab for gone, since its lock was stolen', async () => {
    const [first, second] = await openTabs()
    const id = await pay(first)
    await first.evaluate(async () => {
      const { held = [] } = await navigator.locks.query()
      for (const { name = '' } of held) await navigator.locks.request(name, { steal: true }, () => undefined)
    })
    expect(await count(second)).toBe(0)
    const late = first.evaluate(({ id, event }) => refusal(() => kept.ledger.note(id, event)), { id, event: sent })
    expect(await late).toMatchObject({ code: 'LEDGER_CONFLICT', money: 'signed' })
    await pay(first)
    expect(await count(second)).toBe(1)
  })
})

/** Buys in a tab up to the first note of a payment that is signed, and no further: it is held up before the ledger is told, or after. */
function signAndHoldUp(tab: Page, url: string, at: 'before' | 'after'): Promise<void> {
  return tab.evaluate(
    async ({ url, at }) => {
      const { createBrowserLedger, ExactEvmScheme, privateKeyToAccount, wrapFetchWithPayment, x402Client } = pay402
      const ledger = await createBrowserLedger()
      await new Promise<void>((isThere) => {
        const heldUp: typeof ledger = {
          ...ledger,
          async note(id, event) {
            if (event.type !== 'sent') return ledger.note(id, event)
            if (at === 'after') await ledger.note(id, event)
            isThere()
            return new Promise(() => undefined)
          },
        }
        const client = new x402Client({ ledger: heldUp })
        client.register('eip155:*', new ExactEvmScheme(privateKeyToAccount(`0x${'11'.repeat(32)}`)))
        void wrapFetchWithPayment(fetch, client)(url)
      })
    },
    { url, at },
  )
}

describe('a payment that is signed when its tab breaks down', () => {
  it.each([
    ['before', ['settled', 'released']],
    ['after', ['settled']],
  ] as const)('costs the next tab no second one, %s the ledger wrote it down', async (at, states) => {
    const { seller, openTab, buy } = await openShop(profile(), sell)
    const [first, second] = [await openTab(), await openTab()]
    await signAndHoldUp(first, seller.url, at)
    await breakDown(first)
    expect(await buy(second)).toMatchObject([{ status: 200, money: 'settled' }])
    expect(seller.authorizations().size).toBe(1)
    const listed = await second.evaluate(async () => pay402.readAll(await pay402.createBrowserLedger()))
    expect(listed.map(({ state }) => state)).toEqual(states)
  })
})

describe('a payment that was sent', () => {
  it('is left to its tab as long as that is there', async () => {
    const [first, second] = await openTabs()
    await pay(first, sent)
    expect(await claim(second)).toBeUndefined()
    expect(await list(second)).toEqual([{ state: 'sent', delivery: 'none', claimed: false }])
  })

  it.each(['closed', 'broken down'] as const)(
    'is lost once its tab is %s: it counts, and the next tab presents it',
    async (how) => {
      const [first, second] = await openTabs()
      const id = await pay(first, sent)
      await leave(how, first, second)
      expect(await list(second)).toEqual([{ state: 'sent', delivery: 'lost', claimed: false }])
      expect(await count(second)).toBe(1)
      expect(await claim(second)).toBe(id)
    },
  )

  it('is presented by one tab at a time, and by another when that one is closed', async () => {
    const [first, second] = await openTabs()
    const id = await pay(first, sent, lost)
    expect(await claim(first)).toBe(id)
    expect(await claim(second)).toBeUndefined()
    await leave('closed', first, second)
    expect(await claim(second)).toBe(id)
  })

  it('is left to the tab that sends it, also where none had it in flight before', async () => {
    const [first, second] = await openTabs()
    const id = await pay(first, sent, lost)
    await note(first, id, { type: 'sent' })
    expect(await list(second)).toEqual([{ state: 'sent', delivery: 'none', claimed: false }])
  })

  it('is written down whole, when the ledger is closed in the same go', async () => {
    const [first, second] = await openTabs()
    const id = await pay(first)
    await first.evaluate(({ id, event }) => Promise.all([kept.ledger.note(id, event), kept.ledger.close()]), {
      id,
      event: sent,
    })
    expect(await list(second)).toEqual([{ state: 'sent', delivery: 'lost', claimed: false }])
  })

  it('is what it was once it was answered, also when its tab is closed', async () => {
    const [first, second] = await openTabs()
    await pay(first, sent, { ...delivered, isSettled: true })
    await leave('closed', first, second)
    expect(await list(second)).toEqual([{ state: 'settled', delivery: 'delivered', claimed: false }])
  })
})

it('the register: is one for all tabs, of whom exactly one puts a value', async () => {
  const [first, second] = await openTabs()
  const put = (tab: Page, value: string | undefined, expected: string | undefined) =>
    tab.evaluate(([value, expected]) => kept.ledger.put('price', 'of one', value, expected), [value, expected] as const)
  const read = (tab: Page) => tab.evaluate(() => kept.ledger.get('price', 'of one'))
  const won = await Promise.all([put(first, 'a', undefined), put(second, 'b', undefined)])
  expect(won.toSorted()).toEqual([false, true])
  expect(await read(first)).toBe(await read(second))
  const value = won[0] ? 'a' : 'b'
  expect(await put(second, undefined, value)).toBe(true)
  expect(await read(first)).toBeUndefined()
  expect(await put(first, 'c', undefined)).toBe(true)
  await second.reload()
  await second.evaluate(async () => {
    kept.ledger = await pay402.createBrowserLedger()
  })
  expect(await read(second)).toBe('c')
})

it('the register: freezes all tabs', async () => {
  const [first, second] = await openTabs()
  await first.evaluate(() => kept.ledger.put('freeze', 'all', { by: 'Ann' }, undefined))
  const reserved = await second.evaluate(() => kept.ledger.reserve(pay402.createDraft(), []))
  expect(reserved).toEqual({ by: 'frozen', value: { by: 'Ann' } })
})

it('time: never goes back behind what another tab wrote', async () => {
  const [first, second] = await openTabs()
  const at = (tab: Page, seconds: number) =>
    tab.evaluate(async (seconds) => {
      const clock = { nowSeconds: () => seconds, monotonicMs: () => 0 }
      const ledger = await pay402.createBrowserLedger({ name: 'times', clock })
      await ledger.reserve(pay402.createDraft(), [])
      return (await pay402.readAll(ledger)).map(({ atSeconds }) => atSeconds)
    }, seconds)
  expect(await at(first, 2000)).toEqual([2000])
  expect(await at(second, 1000)).toEqual([2000, 2000])
  expect(await at(first, 3000)).toEqual([3000, 2000, 2000])
})

it('names: keep the payments of two ledgers apart', async () => {
  const [first] = await openTabs()
  await pay(first)
  const count = await first.evaluate(async () => {
    const other = await pay402.createBrowserLedger({ name: 'other' })
    return (await other.spent(pay402.createCap(9))).count
  })
  expect(count).toBe(0)
})
