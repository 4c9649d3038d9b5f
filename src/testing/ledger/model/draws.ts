import type { PaymentEvent } from '../../../payment/event.js'
import { type Cap, FREEZE, LIMITS, type Scope, type Value } from '../../../payment/ledger.js'
import type { Charge, Unit } from '../../../payment/payment.js'
import type { Dice } from '../../chance.js'
import type { DraftChange } from '../draft.js'
import { createPresentation } from '../events.js'
import type { History, Step } from './history.js'

const UNITS: readonly Unit[] = ['usd', 'payments/all', 'symbol/EURC']
const HOSTS = ['a', 'b']
const RESOURCES = ['/a', '/b']
const PAY_TO = ['0xAA', '0xaa', 'B']
const NETWORKS = ['example:1', 'example:2', 'other:1'] as const
const TAGS = ['x', 'y']
const PURCHASES = ['weather', 'weather for Ann', 'news']
const COARSE = ['weather', 'news', undefined]
const PAYERS = ['0xA', '0xB', undefined]
const STRETCHES: readonly Pick<Cap, 'windowSeconds' | 'monthIn'>[] = [
  ...[undefined, 0, 1, 10, 60].map((windowSeconds) => ({ windowSeconds })),
  // They begin a month at different times.
  ...['UTC', 'Asia/Tokyo'].map((monthIn) => ({ windowSeconds: undefined, monthIn })),
]
const FAR = [-86_400, 86_400, -86_400, 86_400, -12_000, 12_000, 5000, 31_536_000, -31_536_000, 2_678_400, -2_678_400]
const STATUSES = [401, 404, 500, undefined]
const VALUES = [undefined, 1, { a: [null, 'b'] }]

/** Few payments are judged by them, so they are taken away again soon. */
const LIMITS_DRAWN = { version: 'a' }

/** What a history goes through. */
export type Handles = {
  readonly count: 1 | 2
  readonly crash: boolean
}

/**
 * Draws what is done to a ledger. There is little to choose from, so that payments meet in the same scopes, windows and purchases.
 *
 * @param dice - Decide everything.
 * @param handles - How many handles the ledger has, and whether they crash.
 */
export function drawHistory(dice: Dice, handles: Handles): History {
  return {
    steps: drawMany(dice, 40, () => drawStep(dice, handles)),
    watched: drawWatched(dice),
  }
}

function drawStep(dice: Dice, handles: Handles): Step {
  const handle = dice(handles.count)
  switch (dice(handles.crash ? 13 : 12)) {
    case 0:
    case 1:
    case 2:
    case 3:
      return { do: 'reserve', handle, change: drawChange(dice), caps: drawMany(dice, 2, () => drawCap(dice)) }
    case 4:
      return { do: 'wait', seconds: drawTurn(dice) }
    case 5:
      return { do: 'claim', handle, asked: drawAsked(dice) }
    case 6: {
      const kind = pick(dice, [FREEZE.kind, 'pin', LIMITS.kind])
      const value = pick(dice, VALUES)
      return { do: 'put', handle, kind, value: kind === LIMITS.kind ? toLimits(value) : value, isRight: dice(3) > 0 }
    }
    case 12:
      return { do: 'crash', handle }
    default:
      return { do: 'note', handle, which: dice(6), event: drawEvent(dice) }
  }
}

function toLimits(value: Value | undefined): Value | undefined {
  return value === 1 ? LIMITS_DRAWN : undefined
}

/** How far a clock is turned: now and then as far as a clock that was set wrong, and then mostly back to where it was. */
function drawTurn(dice: Dice): number {
  // Long enough that a purchase is over.
  if (dice(5) === 0) return 700
  const side = dice(61)
  return FAR[side] ?? side - 30
}

function drawAsked(dice: Dice) {
  return {
    purchase: pick(dice, PURCHASES),
    coarse: pick(dice, COARSE),
    isKeyed: dice(4) === 0,
    payers: drawMany(dice, 2, () => pick(dice, PAYERS) ?? '0xa'),
    buysOver: dice(4) === 0,
  }
}

function drawChange(dice: Dice): DraftChange {
  const { payers, buysOver, ...names } = drawAsked(dice)
  const { isKeyed } = names
  const host = pick(dice, HOSTS)
  // Never over while a history lasts: its clocks are apart.
  const purchaseForSeconds = host === HOSTS[0] && names.isKeyed ? 1_000_000_000 : undefined
  const tags = drawMany(dice, 2, () => pick(dice, TAGS))
  return {
    call: {
      ...names,
      ...drawResource(dice),
      purchaseForSeconds,
      host,
      origin: `https://${host}`,
      method: pick(dice, ['GET', 'POST']),
      tags,
    },
    terms: { payTo: pick(dice, PAY_TO), network: pick(dice, NETWORKS) },
    payer: pick(dice, PAYERS),
    charges: drawCharges(dice),
    isPinned: dice(4) === 0,
    by: { payers, buysOver, limits: buysOver && isKeyed && payers.length === 0 ? LIMITS_DRAWN.version : undefined },
  }
}

function drawResource(dice: Dice) {
  return { resource: pick(dice, RESOURCES), asked: dice(4) === 0 ? pick(dice, RESOURCES) : undefined }
}

function drawEvent(dice: Dice): PaymentEvent {
  switch (dice(12)) {
    case 0:
    case 1:
    case 2: {
      const charges = perhaps(dice, () => drawCharges(dice))
      const validUntilSeconds = perhaps(dice, () => 1_700_000_000 + dice(120))
      return { type: 'sent', presentation: createPresentation(), charges, validUntilSeconds }
    }
    case 3:
      return { type: 'sent', purchase: perhaps(dice, () => pick(dice, PURCHASES)) }
    case 4:
    case 5:
    case 6:
      return {
        type: pick(dice, ['answered', 'lost', 'lost', 'delivered'] as const),
        status: pick(dice, STATUSES),
        isSettled: dice(4) === 0,
        transaction: perhaps(dice, () => '0x1'),
      }
    case 7: {
      const charges = perhaps(dice, () => drawCharges(dice))
      return { type: 'settled', charges, charged: perhaps(dice, () => BigInt(dice(6))) }
    }
    case 8:
    case 9:
      return { type: 'released', because: 'dead' }
    case 10:
      return { type: 'canceling', cancellation: '0x3' }
    default:
      return { type: pick(dice, ['freed', 'freed', 'forgotten'] as const) }
  }
}

function drawCap(dice: Dice): Cap {
  return {
    name: 'cap',
    unit: pick(dice, UNITS),
    scope: drawScope(dice),
    ...pick(dice, STRETCHES),
    amount: perhaps(dice, () => BigInt(dice(21))),
    count: perhaps(dice, () => dice(7)),
  }
}

/** Some differ from the first in their scope only: sums are easily mixed up. */
function drawWatched(dice: Dice): readonly Cap[] {
  const [first, ...others] = drawMany(dice, 4, () => drawCap(dice))
  if (first === undefined) return []
  return [first, ...others.map((cap) => (dice(2) === 0 ? { ...first, scope: cap.scope } : cap))]
}

function drawScope(dice: Dice): Scope {
  return {
    host: perhaps(dice, () => pick(dice, HOSTS)),
    resource: dice(4) === 0 ? pick(dice, RESOURCES) : undefined,
    payTo: perhaps(dice, () => pick(dice, PAY_TO)),
    tag: perhaps(dice, () => pick(dice, TAGS)),
  }
}

function drawCharges(dice: Dice): readonly Charge[] {
  return drawMany(dice, 3, () => ({ unit: pick(dice, UNITS), amount: BigInt(dice(6)) }))
}

function drawMany<T>(dice: Dice, most: number, draw: () => T): T[] {
  return Array.from({ length: dice(most + 1) }, draw)
}

function perhaps<T>(dice: Dice, draw: () => T): T | undefined {
  return dice(2) === 0 ? undefined : draw()
}

function pick<T>(dice: Dice, list: readonly T[]): T {
  return list[dice(list.length)] as T // dice stay below the number of their sides
}
