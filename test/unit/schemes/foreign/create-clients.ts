import { x402Client as OfficialClient } from '@x402/core/client'
import type { PaymentRequired as OfficialRequired } from '@x402/core/types'
import { type ClientOptions, type Network, type SchemeNetworkClient, x402Client } from '../../../../src/index.js'
import type { PaymentRequired } from '../../../../src/wire/challenge.js'

const url = 'https://api.example.com/report'

/** A 402 of protocol 2 with one offer. */
export function askFor(offer: object): object {
  return { x402Version: 2, error: 'Payment required', resource: { url }, accepts: [offer] }
}

/** The same in protocol 1, whose entries name the most that is asked. */
export function askForV1({ amount, ...offer }: Readonly<Record<string, unknown>>): object {
  const entry = { ...offer, maxAmountRequired: amount, resource: url, description: '', mimeType: '' }
  return { x402Version: 1, error: 'Payment required', accepts: [entry] }
}

/** What the official client makes of a 402 with this scheme. */
export async function payOfficially(network: Network, scheme: SchemeNetworkClient, required: object): Promise<unknown> {
  const client = new OfficialClient().register(network, scheme as never)
  return JSON.parse(
    JSON.stringify(await client.setSpendControls(false).createPaymentPayload(required as OfficialRequired)),
  )
}

/** What ours makes of it. */
export function pay(
  network: Network,
  scheme: SchemeNetworkClient,
  required: object,
  limits?: ClientOptions['limits'],
): Promise<{ payload: unknown }> {
  const client = new x402Client({ limits }).register(network, scheme)
  return client.createPaymentPayload(required as PaymentRequired, { url })
}
