import { tryAgain } from './note-outcome.js'
import type { Ports } from './ports.js'
import type { Signed } from './steps.js'

/**
 * Gives back what was reserved for a payment that never left, and ends the claim on one that left before.
 *
 * A ledger that can't be told leaves it counted, which is a warning: the reason why the payment never left is what the caller is told.
 *
 * @param payment - Which payment, and what the ledger holds of it.
 */
export async function releaseUnsent({ id, state }: Pick<Signed, 'id' | 'state'>, ports: Ports): Promise<void> {
  const release = () =>
    state === 'reserved'
      ? // A step that failed may have happened all the same, so it may be `sent` in the ledger though it never left: only this call has its signature.
        ports.ledger.move(id, ['reserved', 'signed', 'sent'], 'released', {})
      : // For the same reason it may say that a response is waited for, so that nothing would ever present it again.
        ports.ledger.move(id, [state], state, { delivery: 'lost' })
  const message = `The ledger could not release payment ${id}; it stays counted.`
  await tryAgain(release, ports).catch((cause: unknown) => ports.warn({ code: 'LEDGER_BEHIND', message, cause }))
}
