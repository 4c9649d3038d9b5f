import type { Facts, Ports, State } from './ports.js'
import type { Signed } from './steps.js'

/** The state of a payment that has left: `sent`, unless a receipt settled it before it was presented again. */
export function toSentState(signed: Signed): State {
  return signed.state === 'settled' ? 'settled' : 'sent'
}

/**
 * Writes down what became of a payment that has left.
 *
 * The caller's answer never depends on it (R7): a ledger that lags behind still counts the full amount, so it is a warning.
 */
export async function noteOutcome(signed: Signed, to: State, facts: Facts, ports: Ports): Promise<void> {
  try {
    await ports.ledger.move(signed.id, [toSentState(signed)], to, facts)
  } catch (cause) {
    if (await noteSettled(signed, facts, ports)) return
    ports.warn({
      code: 'LEDGER_BEHIND',
      message: `The ledger could not note what became of payment ${signed.id}.`,
      cause,
    })
  }
}

/** The chain may have settled the payment while its answer was under way: what was delivered is noted all the same. */
async function noteSettled({ id, state }: Signed, facts: Facts, { ledger }: Ports): Promise<boolean> {
  if (state === 'settled') return false
  try {
    await ledger.move(id, ['settled'], 'settled', facts)
    return true
  } catch {
    return false // the first failure is the one to tell of
  }
}
