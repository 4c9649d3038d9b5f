import { learnOf } from './claimed-payment.js'
import type { LedgerRecord, Ports } from './ports.js'
import type { Call } from './steps.js'

/**
 * Ends the purchases of earlier payments that brought nothing, since the same is bought again. They go on counting: that ends the purchase, not
 * the money.
 *
 * A ledger that can't be told would only have them found once more, so that is a warning.
 */
export async function noteBoughtAgain(earlier: readonly LedgerRecord[], call: Call, ports: Ports): Promise<void> {
  for (const one of earlier) {
    const { id } = one
    ports.emit('bought-again', () => ({ payment: id, resource: call.resource }))
    try {
      await learnOf(one, { forgotten: true }, ports.ledger)
    } catch (cause) {
      const message = `The ledger could not note that what payment ${id} paid for is bought again.`
      ports.warn({ code: 'LEDGER_BEHIND', message, cause })
    }
  }
}
