import { createServer, type IncomingMessage } from 'node:http'
import type { FacilitatorClient } from '@x402/core/server'
import { generatePrivateKey, privateKeyToAddress } from 'viem/accounts'
import { type Listening, listen } from './listen.js'

/** A seller that speaks protocol 1. */
export type V1Seller<PayTo extends string = `0x${string}`> = Listening & {
  payTo: PayTo
  /** Payment headers that arrived. */
  readonly payments: readonly string[]
}

type V1Changes<PayTo> = { network?: string; payTo?: PayTo; extra?: Record<string, string> }

/**
 * Starts a seller of one cent that speaks protocol 1 with the official facilitator; no server package for it installs any more.
 *
 * @param facilitator - Verifies and settles.
 * @param usdc - What it is paid in.
 * @param changes - Written over its offer, for another chain than Base Sepolia.
 */
export async function startV1Seller<PayTo extends string = `0x${string}`>(
  facilitator: FacilitatorClient,
  usdc: string,
  changes: V1Changes<PayTo> = {},
): Promise<V1Seller<PayTo>> {
  const payTo = changes.payTo ?? (privateKeyToAddress(generatePrivateKey()) as string as PayTo)
  const payments: string[] = []
  const offer = {
    scheme: 'exact',
    network: 'base-sepolia',
    maxAmountRequired: '10000',
    resource: 'http://127.0.0.1/v1',
    description: 'One cent',
    mimeType: 'application/json',
    payTo,
    maxTimeoutSeconds: 300,
    asset: usdc,
    extra: { name: 'USDC', version: '2' },
    ...changes,
  }
  const answer = async (request: IncomingMessage) => {
    const header = request.headers['x-payment']
    if (typeof header !== 'string') return { status: 402, json: { x402Version: 1, error: 'pay', accepts: [offer] } }
    payments.push(header)
    const asked = [JSON.parse(Buffer.from(header, 'base64').toString()), offer] as unknown as Parameters<
      FacilitatorClient['verify']
    >
    const verified = await facilitator.verify(...asked)
    if (!verified.isValid) {
      return { status: 402, json: { x402Version: 1, error: verified.invalidReason, accepts: [offer] } }
    }
    const receipt = await facilitator.settle(...asked)
    return { status: receipt.success ? 200 : 402, json: { ok: true }, receipt }
  }
  const server = createServer(async (request, response) => {
    const { status, json, receipt } = await answer(request)
    response.writeHead(status, {
      'content-type': 'application/json',
      ...(receipt && { 'x-payment-response': Buffer.from(JSON.stringify(receipt)).toString('base64') }),
    })
    response.end(JSON.stringify(json))
  })
  return Object.assign(await listen(server), { payTo, payments })
}
