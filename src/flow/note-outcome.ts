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
  const note = async () => {
    try {
      await ports.ledger.move(signed.id, [toSentState(signed)], to, facts)
    } catch (cause) {
      if (!(await noteSettled(signed, facts, ports))) throw cause
    }
  }
  const message = `The ledger could not note what became of payment ${signed.id}.`
  await tryAgain(note, ports).catch((cause: unknown) => ports.warn({ code: 'LEDGER_BEHIND', message, cause }))
}

/** How often a step of the ledger is tried that nobody else would make up for, and how long is waited between, in milliseconds. */
const MAX_TRIES = 3
const TRY_PAUSE_MS = 50

/**
 * Does a step of the ledger that no later call would make up for, and does it again where it fails: one write that went wrong would leave a
 * payment in flight for good.
 *
 * @throws What the last try threw.
 */
export async function tryAgain(step: () => Promise<void>, { wait }: Ports): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      return await step()
    } catch (error) {
      if (tries === MAX_TRIES) throw error
      await wait(TRY_PAUSE_MS, undefined)
    }
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
