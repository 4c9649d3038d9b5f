import { x402Client } from '@x402/core/client'
import { decodePaymentRequiredHeader, decodePaymentResponseHeader, encodePaymentSignatureHeader } from '@x402/core/http'
import type { PaymentRequirements } from '@x402/core/types'
import { ExactEvmScheme } from '@x402/evm/exact/client'
import type { World } from './world.js'

/** Without a wrapper; the example that waits for a comment on GitHub pays with the same lines. */
export async function run({ fetch, url, account }: World) {
  const client = new x402Client(
    (_version: number, requirements: PaymentRequirements[]) => requirements[0] as PaymentRequirements,
  ).register('eip155:*', new ExactEvmScheme(account))
  const unpaid = await fetch(url)
  const paymentRequired = decodePaymentRequiredHeader(unpaid.headers.get('PAYMENT-REQUIRED') ?? '')
  const requirements: PaymentRequirements[] = Array.isArray(paymentRequired.accepts)
    ? paymentRequired.accepts
    : [paymentRequired.accepts]
  const payload = await client.createPaymentPayload(paymentRequired)
  const paid = await fetch(url, { headers: { 'PAYMENT-SIGNATURE': encodePaymentSignatureHeader(payload) } })
  const settlement = decodePaymentResponseHeader(paid.headers.get('PAYMENT-RESPONSE') ?? '')
  return { asked: requirements.map(({ amount }) => amount), body: await paid.json(), payer: settlement.payer }
}
