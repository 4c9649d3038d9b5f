import { registerExactEvmScheme } from '@x402/evm/exact/client'
import {
  decodeSignedOffers,
  extractOffersFromPaymentRequired,
  extractReceiptFromResponse,
  findAcceptsObjectFromSignedOffer,
  isJWSSignedOffer,
  verifyOfferSignatureEIP712,
  verifyReceiptMatchesOffer,
} from '@x402/extensions/offer-receipt'
import { type PaymentRequired, x402Client, x402HTTPClient } from '@x402/fetch'
import { registerExactSvmScheme } from '@x402/svm/exact/client'
import type { World } from './world.js'

export async function run({ fetch, url, account, solana }: World) {
  const client = new x402Client()
  registerExactEvmScheme(client, { signer: account })
  registerExactSvmScheme(client, { signer: solana as never })
  const httpClient = new x402HTTPClient(client)
  const unpaid = await fetch(url, { method: 'GET' })
  const body = (await unpaid.json()) as PaymentRequired
  const paymentRequired = httpClient.getPaymentRequiredResponse((name) => unpaid.headers.get(name), body)
  const [offer] = decodeSignedOffers(extractOffersFromPaymentRequired(paymentRequired))
  if (!offer || isJWSSignedOffer(offer.signedOffer)) throw new Error('no signed offer')
  const { signer } = await verifyOfferSignatureEIP712(offer.signedOffer)
  const accepted = findAcceptsObjectFromSignedOffer(offer, paymentRequired.accepts)
  const payload = await client.createPaymentPayload(paymentRequired)
  const paid = await fetch(url, { method: 'GET', headers: httpClient.encodePaymentSignatureHeader(payload) })
  const receipt = extractReceiptFromResponse(paid)
  const isMatching = receipt !== undefined && verifyReceiptMatchesOffer(receipt, offer, [account.address])
  return { signer, amount: accepted?.amount, status: paid.status, isMatching }
}
