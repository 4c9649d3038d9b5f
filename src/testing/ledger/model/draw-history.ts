import type { Cap, Charge, Delivery, Scope, State, Unit } from '../../../flow/ports.js'
import type { Dice } from '../../create-dice.js'
import type { History, Step } from './history.js'

const UNITS: readonly Unit[] = ['usd', 'payments/all', 'symbol/EURC']
const HOSTS = ['a', 'b']
const PAYEES = ['0xAA', '0xaa', 'B']
const TAGS = ['x', 'y']
const PURCHASES = ['weather', 'news']
const WINDOWS = [undefined, 0, 1, 10, 60]
const STATES: readonly State[] = ['signed', 'sent', 'settled', 'released']
const DELIVERIES: readonly Delivery[] = ['none', 'lost', 'answered', 'delivered']

/**
 * Draws what is done to a ledger. There is little to choose from, so that payments meet in the same scopes, windows and purchases.
 *
 * @param dice - Decide everything.
 * @param handles - How many handles the ledger has.
 */
export function drawHistory(dice: Dice, handles: number): History {
  return {
    steps: drawMany(dice, 40, () => drawStep(dice, handles)),
    watched: drawMany(dice, 4, () => drawCap(dice)),
  }
}

function drawStep(dice: Dice, handles: number): Step {
  const handle = dice(handles)
  switch (dice(7)) {
    case 0:
    case 1:
    case 2: {
      const change = {
        purchase: pick(dice, PURCHASES),
        host: pick(dice, HOSTS),
        payTo: pick(dice, PAYEES),
        tags: drawMany(dice, 2, () => pick(dice, TAGS)),
        charges: drawCharges(dice),
      }
      return { do: 'reserve', handle, change, caps: drawMany(dice, 3, () => drawCap(dice)) }
    }
    case 3:
      return { do: 'wait', seconds: dice(61) - 30 }
    case 4:
      return { do: 'claim', handle, purchase: pick(dice, PURCHASES) }
    default: {
      const charges = perhaps(dice, () => drawCharges(dice))
      return { do: 'move', handle, which: dice(6), to: pick(dice, STATES), delivery: pick(dice, DELIVERIES), charges }
    }
  }
}

function drawCap(dice: Dice): Cap {
  return {
    name: 'cap',
    unit: pick(dice, UNITS),
    scope: drawScope(dice),
    windowSeconds: pick(dice, WINDOWS),
    amount: perhaps(dice, () => BigInt(dice(21))),
    count: perhaps(dice, () => dice(7)),
  }
}

function drawScope(dice: Dice): Scope {
  return {
    host: perhaps(dice, () => pick(dice, HOSTS)),
    payTo: perhaps(dice, () => pick(dice, PAYEES)),
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
