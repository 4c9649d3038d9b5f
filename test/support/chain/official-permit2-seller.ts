import { createServer } from 'node:http'
import { ExactEvmScheme as ExactServer } from '@x402/evm/exact/server'
import { UptoEvmScheme as UptoServer } from '@x402/evm/upto/server'
import { paymentMiddleware, x402ResourceServer } from '@x402/express'
import { declareEip2612GasSponsoringExtension, declareErc20ApprovalGasSponsoringExtension } from '@x402/extensions'
import express from 'express'
import type { Address } from 'viem'
import { generatePrivateKey, privateKeyToAddress } from 'viem/accounts'
import type { Chain } from './create-chain.js'
import { plainToken } from './deploy-permit2.js'
import { listen } from './listen.js'
import { createOfficialPermit2Facilitator } from './official-permit2-facilitator.js'

/** A seller that runs the official server and facilitator code, and takes payments through Permit2. */
export type OfficialPermit2Seller = {
  /** Its address, without a slash at the end. */
  url: string
  payTo: Address
  stop: () => Promise<void>
}

/** What each route costs at most, in atomic units. */
export const permit2Price = 10_000n

/**
 * Starts a seller of these, each for one cent at most:
 *
 * - `/exact`, and `/exact/permit` and `/exact/approval`, where the seller submits a permit or an approval;
 * - `/upto?charge=`, and `/upto/permit?charge=` where it submits a permit: charged what the query says;
 * - `/plain`, and `/plain/approval` where it submits an approval: in a token without EIP-2612.
 */
export async function startOfficialPermit2Seller(chain: Chain): Promise<OfficialPermit2Seller> {
  const payTo = privateKeyToAddress(generatePrivateKey())
  const { network } = chain
  const dollar = { amount: String(permit2Price), asset: chain.usdc, extra: { name: chain.usdcName, version: '2' } }
  const plain = { amount: String(permit2Price), asset: plainToken, extra: {} }
  const permit = declareEip2612GasSponsoringExtension()
  const approval = declareErc20ApprovalGasSponsoringExtension()
  const sell = (scheme: string, price: typeof dollar | typeof plain, extensions?: Record<string, unknown>) => ({
    accepts: {
      scheme,
      network,
      payTo,
      price: { ...price, extra: { ...price.extra, assetTransferMethod: 'permit2' } },
    },
    description: 'What was asked for',
    mimeType: 'application/json',
    ...(extensions && { extensions }),
  })
  const routes = {
    'GET /exact': sell('exact', dollar),
    'GET /exact/permit': sell('exact', dollar, permit),
    'GET /exact/approval': sell('exact', dollar, approval),
    'GET /plain': sell('exact', plain),
    'GET /plain/approval': sell('exact', plain, approval),
    'GET /upto': sell('upto', dollar),
    'GET /upto/permit': sell('upto', dollar, permit),
  }
  const server = new x402ResourceServer(createOfficialPermit2Facilitator(chain))
    .register(network, new ExactServer())
    .register(network, new UptoServer())
  const app = express()
  app.use(paymentMiddleware(routes, server))
  app.use((request, response) => {
    const { charge } = request.query
    if (typeof charge === 'string') response.setHeader('Settlement-Overrides', JSON.stringify({ amount: charge }))
    response.json({ bought: request.path })
  })
  return Object.assign(await listen(createServer(app)), { payTo })
}
