import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { InMemoryTransport, Client as McpClient } from '@modelcontextprotocol/client'
import { Server as McpServer } from '@modelcontextprotocol/server'
import { x402Facilitator } from '@x402/core/facilitator'
import { ExactEvmScheme as ExactEvmFacilitator } from '@x402/evm/exact/facilitator'
import { ExactEvmScheme as ExactEvmServer } from '@x402/evm/exact/server'
import { paymentMiddleware, x402ResourceServer } from '@x402/hono'
import axios from 'axios'
import { Hono } from 'hono'
import { x402Client } from 'pay402'
import { wrapAxiosWithPayment } from 'pay402/axios'
import { ExactEvmScheme } from 'pay402/evm'
import { wrapFetchWithPayment } from 'pay402/fetch'
import { wrapMCPClientWithPayment } from 'pay402/mcp'
import { toClientSvmSigner } from 'pay402/svm'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { openEngines } from './engines.js'
import { createModels } from './models.js'

/** What `https://api.example.com` sells; any method, any query. A route without a price is free. */
const routes: Readonly<Record<string, { price?: string; description?: string; answer: unknown }>> = {
  '/free': { answer: { ok: true } },
  '/weather': { price: '$0.01', description: 'The weather of today', answer: { temperature: 21 } },
  '/report': { price: '$0.10', answer: { pages: 3 } },
  '/expensive': { price: '$2.50', answer: { pages: 300 } },
}

const network = 'eip155:84532'
/** USDC there, in which the official seller counts dollars. */
const usdc = '0x036cbd53842c5426634e7929541ec2318f3dcf7e'
const payTo = '0x209693bc6afc0c5328ba36faf03c514ef312287c'

/**
 * The names that an example may use without declaring them, made anew for each.
 *
 * `fetch` answers `https://api.example.com` with the official seller, in this process; every signature is really verified, only
 * the chain is made up. Beside it, it reaches only servers that the example starts itself.
 *
 * @param source - The example: the databases that it asks for are started.
 */
export async function createContext(source = '') {
  const privateKey = generatePrivateKey()
  const account = privateKeyToAccount(privateKey)
  const fetch = createFetch()
  const client = new x402Client().register('eip155:*', new ExactEvmScheme(account))
  const mcpClient = await connectMcp()
  // Instances that an example creates reach the same seller.
  Object.assign(axios.defaults, { adapter: 'fetch', env: { ...axios.defaults.env, fetch } })
  return {
    account,
    /** The client of an agent, with half a dollar. */
    agent: client.restrict({ total: '$0.50', perPayment: '$0.05', networks: [network], hosts: ['api.example.com'] }),
    api: wrapAxiosWithPayment(axios.create({ baseURL: 'https://api.example.com' }), client),
    client,
    console: { debug: ignore, error: ignore, info: ignore, log: ignore, warn: ignore },
    fetch,
    /** For files, gone with the process. */
    folder: createFolder(),
    /** Of the toolkits for agents. */
    models: createModels(),
    /** Connected in memory to a server that sells `get_forecast` for a cent, and gives away `list_cities`. */
    mcpClient,
    mcp: wrapMCPClientWithPayment(mcpClient, client, { server: 'stdio:weather' }),
    paidFetch: wrapFetchWithPayment(fetch, client),
    process: { env: { PRIVATE_KEY: privateKey, ...(await openEngines(source)) } },
    /** The Solana account of the vectors. */
    signer: await toClientSvmSigner(new Uint8Array(32).fill(0x22)),
  }
}

const folders: string[] = []

function removeFolders(): void {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
}

function createFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'pay402-docs-'))
  if (folders.push(folder) === 1) process.on('exit', removeFolders)
  return folder
}

function createFetch(): typeof fetch {
  const seller = createSeller()
  return async (input, init) => {
    const request = new Request(input, init)
    const { hostname, origin } = new URL(request.url)
    if (hostname === '127.0.0.1') return globalThis.fetch(request)
    if (origin !== 'https://api.example.com') {
      throw new TypeError(`examples reach https://api.example.com only, not ${request.url}`)
    }
    const response = await seller.fetch(request)
    Object.defineProperty(response, 'url', { value: request.url })
    return response
  }
}

/** A seller over MCP as the specification has it, with the official checks behind it. */
async function connectMcp(): Promise<McpClient> {
  const resources = createResourceServer()
  await resources.initialize()
  const accepts = await resources.buildPaymentRequirements({ scheme: 'exact', network, price: '$0.01', payTo })
  const server = new McpServer({ name: 'weather', version: '1.0.0' }, { capabilities: { tools: {} } })
  const inputSchema = { type: 'object' as const }
  const _meta = { 'agents-x402/paymentRequired': true, 'agents-x402/priceUSD': 0.01 }
  server.setRequestHandler('tools/list', () => ({
    tools: [
      { name: 'get_forecast', inputSchema, _meta, annotations: { readOnlyHint: true } },
      { name: 'list_cities', inputSchema },
    ],
  }))
  server.setRequestHandler('tools/call', async ({ params }) => {
    if (params.name === 'list_cities') return { content: [{ type: 'text', text: 'Berlin, Lisbon' }] }
    const payment = params._meta?.['x402/payment'] as Parameters<typeof resources.verifyPayment>[0] | undefined
    const matching = payment && resources.findMatchingRequirements(accepts, payment)
    if (
      payment === undefined ||
      matching === undefined ||
      !(await resources.verifyPayment(payment, matching)).isValid
    ) {
      const required = {
        x402Version: 2,
        error: 'Payment required',
        resource: { url: 'mcp://tool/get_forecast' },
        accepts,
      }
      return { isError: true, structuredContent: required, content: [{ type: 'text', text: JSON.stringify(required) }] }
    }
    const settled = await resources.settlePayment(payment, matching)
    return { content: [{ type: 'text', text: 'Sunny, 21 degrees' }], _meta: { 'x402/payment-response': settled } }
  })
  const [near, far] = InMemoryTransport.createLinkedPair()
  await server.connect(far)
  const client = new McpClient({ name: 'example', version: '1.0.0' })
  await client.connect(near)
  return client
}

function createResourceServer(): x402ResourceServer {
  const facilitator = new x402Facilitator().register(network, new ExactEvmFacilitator(createChain()))
  return new x402ResourceServer({
    verify: (payload, requirements) => facilitator.verify(payload, requirements),
    settle: (payload, requirements) => facilitator.settle(payload, requirements),
    getSupported: async () => ({ kinds: [{ x402Version: 2, scheme: 'exact', network }], extensions: [], signers: {} }),
  }).register(network, new ExactEvmServer())
}

function createSeller(): Hono {
  const paid = Object.entries(routes).flatMap(([path, { price, description }]) =>
    price === undefined
      ? []
      : [[path, { accepts: { scheme: 'exact', network, price, payTo }, description: description ?? '' }] as const],
  )
  const app = new Hono().use(paymentMiddleware(Object.fromEntries(paid), createResourceServer()))
  for (const [path, { answer }] of Object.entries(routes)) app.all(path, (context) => context.json(answer as object))
  return app
}

/** A chain on which every contract call succeeds; the facilitator recovers the signer by itself. */
function createChain(): ConstructorParameters<typeof ExactEvmFacilitator>[0] {
  const settler = '0x1111111111111111111111111111111111111111'
  return {
    getAddresses: () => [settler],
    getCode: async ({ address }) => (address.toLowerCase() === usdc ? '0x6001' : undefined),
    readContract: async () => undefined,
    verifyTypedData: async () => true,
    writeContract: async () => `0x${'ab'.repeat(32)}`,
    sendTransaction: async () => `0x${'cd'.repeat(32)}`,
    waitForTransactionReceipt: async () => ({ status: 'success' }),
  }
}

const ignore = (): void => undefined
