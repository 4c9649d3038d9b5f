import type { MoneyState } from '../errors/x402-error.js'
import type { State } from './ports.js'

const MONEY: Readonly<Record<State, MoneyState>> = {
  reserved: 'untouched',
  signed: 'signed',
  sent: 'in-doubt',
  settled: 'settled',
  released: 'released',
}

/** Where the money of a payment is, as users see it: `sent` is in doubt, whatever the seller says. */
export function moneyOf(state: State): MoneyState {
  return MONEY[state]
}
