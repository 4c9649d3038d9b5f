import type { Call } from '../../../src/payment/call.js'
import { writeResource } from '../../../src/payment/call.js'
import { createPrices } from '../../../src/prices/prices.js'
import { type PrepayOptions, readPrepay } from '../../../src/prices/rules.js'
import { createManualClock } from '../../../src/testing/manual-clock.js'
import { type Envelope, readEnvelope } from '../../../src/wire/challenge.js'
import { createRequired } from '../../support/offers.js'

const ORIGIN = 'https://api.example.com'

/** Opens the memory of the prices of one origin, whose calls are named by their paths. */
export function openPrices(terms?: PrepayOptions['terms']) {
  const prices = createPrices(readPrepay([{ route: ORIGIN, terms }]), createManualClock())
  return {
    /** Remembers what was paid for a call; where `asked` is another path, a redirect led from there. */
    remember: (path: string, required = createRequired(), asked = path) =>
      prices.remember(toCall(path, asked), toEnvelope(required)),
    forget: (path: string, asked = path) => prices.forget(toCall(path, asked)),
    /** What a call is prepaid at; `undefined` where its seller has to be asked. */
    recall: (path: string): Envelope['accepts'] | undefined =>
      prices.recall({ method: 'GET', url: `${ORIGIN}${path}` })?.envelope.accepts,
  }
}

function toCall(path: string, asked: string): Pick<Call, 'method' | 'url' | 'asked'> {
  const method = 'GET'
  return { method, url: new URL(path, ORIGIN), asked: () => writeResource(method, new URL(asked, ORIGIN)) }
}

function toEnvelope(required: object): Envelope {
  const decoded = readEnvelope(required)
  if ('problem' in decoded) throw new Error(decoded.problem)
  return decoded.value
}
