import { horizonOf } from '../../payment/calendar.js'
import type { Cap, Sums } from '../../payment/ledger.js'
import { amountIn, type Payment, type Unit } from '../../payment/payment.js'
import { toAddressKey } from '../../wire/address.js'
import type { Names } from './names.js'
import type { Entry, Places } from './places.js'
import { createResources, type Resources, resourceOf } from './resources.js'
import { type Counted, createWindow, isInScope, type Window } from './window.js'

/**
 * The running sums of a ledger: one for each unit, scope and stretch of time that was ever asked for.
 *
 * Reserving reads sums and never scans payments. A window that is asked for the first time is built by one scan, so that changed
 * limits count old payments. Resources are as many as payments: their windows are forgotten when many others were asked for since, and built anew
 * by a look at the payments of that resource alone.
 */
export type Windows = {
  /** What counts against a cap at `nowSeconds`. */
  read(cap: Cap, nowSeconds: number): Sums
  /** Counts a payment that was just added to the places. */
  add(entry: Entry): void
  /** Counts a payment as it is now instead of as it was. */
  replace(place: number, before: Payment, after: Payment): void
  /** Forgets all sums, so that they are built anew: payments count from other times than before. */
  reset(): void
}

/** Resources whose windows are kept: those that were asked for last. */
const MAX_RESOURCES = 1000

/** How far a clock may go back without windows being built anew, in seconds. */
const STEP_SECONDS = 60

/** A tree of host, recipient and tag, where `undefined` leads to the windows that don't ask. Windows are by their seconds, or by the zone of their months. */
type Branch = {
  readonly next: Map<string | undefined, Branch>
  readonly windows: Map<number | string | undefined, Window>
}

type Units = Map<Unit, Branch>

/**
 * Creates the sums over a ledger's payments.
 *
 * @param places - All payments; kept by the ledger.
 * @param toCountedSeconds - When a payment counts from, by its place and when it was reserved.
 * @param names - Those of all payments that are in the places. The windows add those of each payment that they're told.
 */
export function createWindows(
  places: Pick<Places, 'count' | 'look' | 'firstAfter' | 'markOf'>,
  toCountedSeconds: (place: number, atSeconds: number) => number,
  names: Names,
): Windows {
  const units: Units = new Map()
  const ofResources = new Map<string, Units>()
  let resources: Resources | undefined

  function reset(): void {
    units.clear()
    ofResources.clear()
  }

  const from = (place: number, { atSeconds }: { readonly atSeconds: number }) => toCountedSeconds(place, atSeconds)

  /** The windows of a resource, which are the last to be forgotten from now on. */
  function unitsOf(resource: string | undefined): Units {
    if (resource === undefined) return units
    const own: Units = ofResources.get(resource) ?? new Map()
    ofResources.delete(resource)
    ofResources.set(resource, own)
    const [oldest] = ofResources.keys()
    if (ofResources.size > MAX_RESOURCES && oldest !== undefined) ofResources.delete(oldest)
    return own
  }

  function* findPlaces(resource: string | undefined, first: number): Generator<number> {
    if (resource === undefined) {
      for (let place = first; place < places.count(); place++) yield place
      return
    }
    resources ??= createResources(places)
    yield* resources.placesOf(resource, first)
  }

  function build(cap: Cap, nowSeconds: number): Window {
    const { unit, scope } = cap
    // From a little before, so that a clock which goes back by a second has nothing built anew.
    const startSeconds = nowSeconds - STEP_SECONDS
    const window = createWindow(unit, cap, startSeconds, places.look, from)
    const first = places.firstAfter(horizonOf(cap, startSeconds), toCountedSeconds)
    for (const place of findPlaces(scope.resource, first)) {
      const payment = places.look(place)
      if (payment !== undefined && isInScope(payment, scope) && isOf(scope.resource, payment))
        window.push(place, payment)
    }
    return window
  }

  /** The windows that count a payment: at each fork the branch of its own name, and the one that doesn't ask. */
  function visit(payment: Payment, visitor: (window: Window) => void): void {
    if (units.size > 0) visitOf(units, payment, visitor) // none while a ledger is read: nothing was asked yet
    const own = ofResources.size === 0 ? undefined : ofResources.get(resourceOf(payment.call))
    if (own !== undefined) visitOf(own, payment, visitor)
  }

  function visitOf(some: Units, { charges, call, terms }: Payment, visitor: (window: Window) => void): void {
    let names: readonly (readonly string[])[] | undefined
    for (const [index, { unit }] of charges.entries()) {
      // Most units are in no limit.
      const branch = some.get(unit)
      if (branch === undefined || charges.findIndex((charge) => charge.unit === unit) !== index) continue
      names ??= [[call.host], [toAddressKey(terms.payTo)], call.tags]
      forEachWindow(branch, names, 0, visitor)
    }
  }

  return {
    read(cap, nowSeconds) {
      // Of a host, a recipient or a tag that was never paid nothing is built and nothing kept: a seller can have any number of them.
      if (!names.has(cap.scope)) return { held: 0n, spent: 0n, count: 0 }
      const { host, resource, payTo, tag } = cap.scope
      let branch = grow(unitsOf(resource), cap.unit)
      for (const name of [host, payTo && toAddressKey(payTo), tag]) branch = grow(branch.next, name)
      const stretch = cap.monthIn ?? cap.windowSeconds
      const sums = branch.windows.get(stretch)?.read(nowSeconds)
      if (sums !== undefined) return sums
      const window = build(cap, nowSeconds)
      branch.windows.set(stretch, window)
      return window.read(nowSeconds) ?? { held: 0n, spent: 0n, count: 0 }
    },
    add(entry) {
      resources?.add(entry.place)
      names.add(entry.payment)
      visit(entry.payment, (window) => window.push(entry.place, entry.payment))
    },
    replace(place, before, after) {
      if (isCountedAlike(before, after)) return
      // A unit that the payment didn't have: it would have to be let in to the middle of a queue, so the sums are built anew.
      for (const { unit } of after.charges) {
        if (amountIn(unit, before) !== undefined) continue
        units.delete(unit)
        ofResources.get(resourceOf(after.call))?.delete(unit)
      }
      visit(before, (window) => window.replace(place, before, after))
    },
    reset,
  }
}

/** Whether no sum changes: most of what happens to a payment is about its delivery. */
function isCountedAlike(before: Payment, after: Payment): boolean {
  const isHeld = before.state === 'reserved' && after.state === 'sent'
  return before.charges === after.charges && (isHeld || before.state === after.state)
}

/** Whether a payment is for a resource that its mark names, as far as its own is kept. */
function isOf(wanted: string | undefined, { call: { resource, asked } }: Counted): boolean {
  return wanted === undefined || resource === undefined || resourceOf({ resource, asked }) === wanted
}

function grow<Key>(branches: Map<Key, Branch>, key: Key): Branch {
  const branch = branches.get(key) ?? { next: new Map(), windows: new Map() }
  branches.set(key, branch)
  return branch
}

function forEachWindow(
  branch: Branch | undefined,
  names: readonly (readonly string[])[],
  depth: number,
  visit: (window: Window) => void,
): void {
  const some = names[depth]
  if (some === undefined) branch?.windows.forEach(visit)
  else if (branch !== undefined) {
    forEachWindow(branch.next.get(undefined), names, depth + 1, visit)
    for (const name of some) forEachWindow(branch.next.get(name), names, depth + 1, visit)
  }
}
