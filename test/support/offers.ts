import type { ServerResponse } from 'node:http'
import { encodeJsonHeader } from '../../src/wire/header-codec.js'
import type { SellerRequest } from './start-seller.js'

/** USDC on Base Sepolia; `@x402/*` 2.27. */
export const USDC = '0x036CbD53842c5426634e7929541eC2318f3dCF7e'
export const NETWORK = 'eip155:84532'
export const PAY_TO = '0x209693Bc6afc0C5328bA36FaF03C514EF312287C'
export const TRANSACTION = `0x${'ab'.repeat(32)}`

/** A good offer of one cent, with what a test changes; `undefined` takes a field away. */
export function createOffer(changes: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  const offer = {
    scheme: 'exact',
    network: NETWORK,
    amount: '10000',
    asset: USDC,
    payTo: PAY_TO,
    maxTimeoutSeconds: 60,
    extra: { name: 'USDC', version: '2' },
    ...changes,
  }
  return Object.fromEntries(Object.entries(offer).filter(([, value]) => value !== undefined))
}

/** A good protocol-2 challenge around some offers. */
export function createRequired(accepts: readonly unknown[] = [createOffer()], changes: object = {}): object {
  return { x402Version: 2, error: 'Payment required', resource: { url: 'http://127.0.0.1/paid' }, accepts, ...changes }
}

/** Answers 402 as the official seller does: terms in the header, an empty object in the body. */
export function askToPay(response: ServerResponse, required: object = createRequired()): void {
  response.writeHead(402, { 'payment-required': encodeJsonHeader(required), 'content-type': 'application/json' })
  response.end('{}')
}

/** Answers a paid request with a good receipt. */
export function deliver(response: ServerResponse, request: SellerRequest, body = '{"ok":true}'): void {
  writePaidHead(response, request)
  response.end(body)
}

function writePaidHead(response: ServerResponse, { payment }: SellerRequest): void {
  const payer = Reflect.get(new Object(payment?.payload['authorization']), 'from')
  response.writeHead(200, {
    'payment-response': encodeJsonHeader({ success: true, transaction: TRANSACTION, network: NETWORK, payer }),
    'content-type': 'application/json',
  })
}

/** Asks to be paid until a payment comes, then delivers. */
export function sell(request: SellerRequest, response: ServerResponse): void {
  if (request.payment === undefined) askToPay(response)
  else deliver(response, request)
}

/** Asks to be paid until a payment comes, then answers with a good receipt and the first part of a body, which the test ends. */
export function startToDeliver(request: SellerRequest, response: ServerResponse): void {
  if (request.payment === undefined) {
    askToPay(response)
    return
  }
  writePaidHead(response, request)
  response.write('{"ok":')
}
