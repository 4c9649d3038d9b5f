import type { State } from '../../flow/ports.js'

/** All states, in the order in which a payment may walk through them. */
export const STATES: readonly State[] = ['reserved', 'signed', 'sent', 'settled', 'released']

const LEGAL = new Set([
  'reserved signed',
  'reserved sent',
  'reserved released',
  'signed sent',
  'signed released',
  'sent sent',
  'sent settled',
  'sent released',
  'settled settled',
])

/** Whether a payment may go from one state to another: written out here once more, since a ledger may bring a table of its own. */
export function isLegalMove(from: State, to: State): boolean {
  return LEGAL.has(`${from} ${to}`)
}
