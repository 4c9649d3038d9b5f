/** What the seller asks for and answers. Written out, so that the figures of two versions are about the same bytes. */
const terms = {
  x402Version: 2,
  error: 'Payment required',
  resource: { url: 'https://api.example.com/paid', description: 'The weather', mimeType: 'application/json' },
  accepts: [
    {
      scheme: 'exact',
      network: 'eip155:84532',
      amount: '10000',
      asset: '0x036CbD53842c5426634e7929541eC2318f3dCF7e',
      payTo: '0x209693Bc6afc0C5328bA36FaF03C514EF312287C',
      maxTimeoutSeconds: 60,
      extra: { name: 'USDC', version: '2' },
    },
  ],
}

/** Who pays: the account of the key `0x11…`, of the published vectors. */
export const PAYER = '0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A'

/** What it says of each payment. */
export const receipt = { success: true, transaction: `0x${'ab'.repeat(32)}`, network: 'eip155:84532', payer: PAYER }

/** What it asks for, in headers. */
export const challengeHeaders = { 'payment-required': encode(terms), 'content-type': 'application/json' }
const receiptHeaders = { 'payment-response': encode(receipt), 'content-type': 'application/json' }

/** A challenge of many offers, as its JSON. */
export function writeManyOffers(count: number): string {
  const [offer] = terms.accepts
  const accepts = Array.from({ length: count }, (_, index) => ({ ...offer, amount: String(20_000 + index) }))
  return JSON.stringify({ ...terms, accepts })
}

/**
 * Creates a seller in this process that stands in for `fetch`: `/free` is free, all else is paid.
 *
 * The classes that it makes its answers with are those of the moment when this file was loaded, so that counting them later counts what
 * the client makes and nothing else.
 */
export function createSeller(): typeof fetch {
  const { Headers: PlatformHeaders, Request: PlatformRequest, Response: PlatformResponse } = globals
  return async (input, init) => {
    const isRequest = input instanceof PlatformRequest
    const headers = isRequest ? input.headers : new PlatformHeaders(init?.headers)
    if (String(isRequest ? input.url : input).endsWith('/free')) return new PlatformResponse('{}')
    return headers.has('payment-signature')
      ? new PlatformResponse('{}', { headers: receiptHeaders })
      : new PlatformResponse('{}', { status: 402, headers: challengeHeaders })
  }
}

const globals = { Headers, Request, Response }

/** Writes a header as the protocol does: base64 over JSON. */
export function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64')
}
