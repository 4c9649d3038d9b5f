import { invalidOption } from '../../errors/options.js'
import type { Presentation } from '../../flow/ports.js'
import { readRequirements } from '../../wire/requirements.js'
import { createRecord } from './create-record.js'

/** The signed payment of a record, as it is presented. */
export function createPresentation(): Presentation {
  const { scheme, network, amount, asset, payTo } = createRecord()
  const extra = { name: 'USD Coin', version: '2' }
  const entry = { scheme, network, amount: String(amount), asset, payTo: payTo, maxTimeoutSeconds: 60, extra }
  const requirements = readRequirements(entry, 2)
  if ('problem' in requirements) throw invalidOption('entry', requirements.problem)
  return {
    headers: { 'PAYMENT-SIGNATURE': 'abc' },
    payload: { x402Version: 2, payload: { nonce: '0x1' }, accepted: entry },
    requirements: requirements.value,
    entry,
  }
}
