import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import { isAddress } from 'viem'
import { bundle } from '../../../../test/support/browser/bundle.js'
import { createChain } from '../../../../test/support/chain/create-chain.js'
import { listen } from '../../../../test/support/chain/listen.js'
import { startOfficialExpressSeller } from '../../../../test/support/chain/official-express-seller.js'
import { createOfficialFacilitator } from '../../../../test/support/chain/official-facilitator.js'
import type { SellerRoutes } from '../../../../test/support/chain/routes.js'
import { relay } from './relay.js'
import { startLine } from './start-line.js'

const folder = 'docs/examples/browser'

/** What a new wallet is given, in millionths of a dollar. */
const FAUCET = 20_000_000n

const routes: SellerRoutes = {
  'GET /weather': { price: '$0.01', answer: () => ({ json: { text: 'Sunny, 21 °C, a light wind from the sea.' } }) },
  'GET /story': {
    price: '$0.05',
    answer: () => ({
      json: { text: 'A man paid for a story. The line broke. He asked again, and it was his already.' },
    }),
  },
  'GET /tides': { price: '$0.02', answer: () => ({ json: { text: 'High water at 14:20, low water at 20:35.' } }) },
  'GET /portrait': { price: '$25', answer: () => ({ json: { text: 'Very like.' } }) },
}

/** What the page links to. */
const PAGES = ['docs/guides/browser.md', 'docs/guides/react.md', 'docs/concepts/where-the-money-is.md']

/** The example page, on a site of this machine. */
export type Demo = {
  readonly url: string
  /** What the seller has on the chain, in millionths of a dollar. */
  takings(): Promise<bigint>
  stop(): Promise<void>
}

/** Starts the page with all that it needs: a chain, the official seller at another origin, and a pretend wallet. */
export async function startDemo(): Promise<Demo> {
  const chain = await createChain()
  const seller = await startOfficialExpressSeller({ facilitator: createOfficialFacilitator(chain), routes })
  const line = await startLine(seller.url, '/story')
  const [page, style, shop, wallet] = await Promise.all([
    readFile(`${folder}/index.html`, 'utf8'),
    readFile(`${folder}/style.css`, 'utf8'),
    bundle(`${folder}/shop.ts`, { format: 'esm' }),
    bundle(`${folder}/demo/pretend-wallet.ts`),
  ])
  const pages = await Promise.all(
    PAGES.map(async (path) => [`/${path}`, ['plain', await readFile(path, 'utf8')]] as const),
  )
  const html = page
    .replace('https://api.example.com', line.url)
    .replace('<script', '<script src="/pretend-wallet.js"></script>\n    <script')
  const files: Readonly<Record<string, readonly [string, string]>> = {
    ...Object.fromEntries(pages),
    '/': ['html', html],
    '/style.css': ['css', style],
    '/shop.js': ['javascript', shop],
    '/pretend-wallet.js': ['javascript', wallet],
  }
  const site = await listen(
    createServer(async (request, response) => {
      if (request.method === 'POST' && request.url === '/faucet') {
        const address = await text(request)
        if (isAddress(address)) await chain.mint(address, FAUCET)
        return void response.end()
      }
      if (request.url?.startsWith('/relay')) {
        // The seller itself sends no CORS header at all.
        return relay(seller.url, request, response).catch(() => void response.writeHead(502).end())
      }
      const [type, content] = files[request.url ?? ''] ?? ['plain', undefined]
      response.writeHead(content === undefined ? 404 : 200, { 'content-type': `text/${type}; charset=utf-8` })
      response.end(content)
    }),
  )
  const stop = async () => {
    for (const each of [site, line, seller, chain]) await each.stop()
  }
  return { url: site.url, takings: () => chain.balanceOf(seller.payTo), stop }
}
