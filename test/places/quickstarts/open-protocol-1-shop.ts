import { x402Facilitator } from '@x402/core/facilitator'
import { decodePaymentSignatureHeader, encodePaymentResponseHeader } from '@x402/core/http'
import type { Network, PaymentRequirements } from '@x402/core/types'
import type { PaymentPayloadV1, PaymentRequirementsV1 } from '@x402/core/types/v1'
import { ExactEvmSchemeV1 } from '@x402/evm/exact/v1/facilitator'
import { createMadeUpChain } from './create-made-up-chain.js'
import { createRecorder, type Shop } from './shop.js'

/** USDC on Base Sepolia; `@x402/*` 2.27. */
const USDC = '0x036CbD53842c5426634e7929541eC2318f3dCF7e'
/** The official type of a network wants a colon in it, which the names of protocol 1 don't have. */
const NETWORK = 'base-sepolia' as string as Network

/** Opens a shop of protocol 1 in this process: the official facilitator verifies and settles, a cent for any path. */
export function openProtocol1Shop(): Shop<PaymentPayloadV1> {
  const facilitator = new x402Facilitator().registerV1([NETWORK], new ExactEvmSchemeV1(createMadeUpChain([USDC])))
  return createRecorder<PaymentPayloadV1>('x-payment', async (request) => {
    const terms: PaymentRequirementsV1 = {
      scheme: 'exact',
      network: NETWORK,
      maxAmountRequired: '10000',
      resource: request.url,
      description: '',
      mimeType: 'application/json',
      outputSchema: {},
      payTo: '0x209693Bc6afc0C5328bA36FaF03C514EF312287C',
      maxTimeoutSeconds: 300,
      asset: USDC,
      extra: { name: 'USDC', version: '2' },
    }
    const ask = (error: string | undefined) =>
      Response.json({ x402Version: 1, error, accepts: [terms] }, { status: 402 })
    const header = request.headers.get('x-payment')
    if (header === null) return ask('X-PAYMENT header is required')
    const payment = decodePaymentSignatureHeader(header)
    // The facilitator's methods are typed for protocol 2 and take the shapes of protocol 1 where that is what was registered.
    const requirements = terms as unknown as PaymentRequirements
    const verified = await facilitator.verify(payment, requirements)
    if (!verified.isValid) return ask(verified.invalidReason)
    const settled = await facilitator.settle(payment, requirements)
    if (!settled.success) return ask(settled.errorReason)
    return Response.json({ ok: true }, { headers: { 'x-payment-response': encodePaymentResponseHeader(settled) } })
  })
}
