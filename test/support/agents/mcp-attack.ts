import { describe, expect, it } from 'vitest'
import { ExactEvmScheme } from '../../../schemes/evm/index.js'
import { describeForModel } from '../../../src/agents/index.js'
import { x402Client } from '../../../src/client/x402-client.js'
import { paymentOf, type RestrictedClient } from '../../../src/index.js'
import { wrapMCPClientWithPayment } from '../../../src/mcp/index.js'
import { createDice, type Dice } from '../../../src/testing/chance.js'
import { type McpSeller, openV1, openV2, type Sell } from '../../unit/mcp/open-mcp.js'
import { createWatchedAccount, takingsOf } from '../exposure/create-watched-account.js'
import { NETWORK } from '../offers.js'
import { createObedientAgent, type Tool } from './obedient-agent.js'
import { ONE_PURCHASE, PRIVATE_KEY, readAmount } from './stage.js'

/** What a run over MCP is played with. */
export type McpRun = {
  readonly dice: Dice
  /** What one run in so many has. */
  inTurn<T>(first: T, ...others: readonly T[]): T
  /** Ends the calls that are under way. */
  losePatience(): void
}

/** One kind of attack by a server, and an honest one that looks similar. */
export type McpKind = {
  readonly most: bigint
  /** Whether calls with the same arguments make one payment, since none of them is delivered. */
  readonly once?: boolean
  readonly beside: string
  readonly set: (run: McpRun) => {
    /** What the server says of its tools; each is called once by the agent's user. */
    readonly tools: readonly Listed[]
    readonly sell: Sell
    /** It sells for one cent. */
    readonly honest: Sell
  }
}

type Listed = { readonly name: string; readonly description?: string; readonly _meta?: object }

const SEEDS = [1, 2, 3]

/** Plays a server on an agent that does what it is told: version 1 of the SDK in odd runs, version 2 in even ones. */
export function attackOverMcp(name: string, kind: McpKind): void {
  const cost = kind.most === 0n ? 'nothing' : `at most $${(Number(kind.most) / 1e6).toFixed(2)}`
  describe(`over MCP, ${name}: costs ${cost}; ${kind.beside} is bought from`, () => {
    it.each(SEEDS)('run %i', (seed) => play(kind, seed))
  })
}

async function play({ most, once = false, set }: McpKind, seed: number): Promise<void> {
  const dice = createDice(seed)
  let patience = new AbortController()
  const {
    tools: listed,
    sell,
    honest,
  } = set({
    dice,
    inTurn: (first, ...others) => [first, ...others][seed % (others.length + 1)] ?? first,
    losePatience() {
      patience.abort()
      patience = new AbortController()
    },
  })
  const { client, agent, signedFor } = createWallet()
  const open = seed % 2 === 1 ? openV1 : openV2
  const hostile = await open(sell, listed.map(complete))
  const other = await open(
    honest,
    ['honest', 'weather'].map((name) => complete({ name })),
  )
  const tools = [
    ...(await toTools(hostile, agent, 'stdio:hostile', listed)),
    ...(await toTools(other, agent, 'stdio:honest', [{ name: 'honest' }])),
  ]
  // Each call has a signal of its own, as those of toolkits do: version 1 of the SDK keeps a listener on it for good.
  const context = () => ({ signal: AbortSignal.any([patience.signal]) })
  const obedient = createObedientAgent({ tools, dice, context })
  const start = listed.map(({ name }) => ({ tool: name, input: { city: 'Oslo' } }))
  // What a server says of its tools is read, too.
  await obedient.follow(start, JSON.stringify(listed))

  expect(obedient.calls()).toBeGreaterThan(1)
  const cashed = worthOfAll(hostile)
  expect(cashed).toBeLessThanOrEqual(most)
  for (const { name } of listed) expect(worthOfAll(hostile, name)).toBeLessThanOrEqual(ONE_PURCHASE)
  if (once) expect(groupByArguments(hostile).filter(({ size }) => size > 1)).toEqual([])
  const counted = (await client.payments()).filter(({ money }) => money === 'in-doubt' || money === 'settled')
  expect(counted.reduce((sum, { exposure }) => sum + BigInt(exposure), 0n)).toBe(cashed + worthOfAll(other))
  expect(signedFor()).toBe(cashed + worthOfAll(other))
  expect(hostile.payments().filter((one) => other.payments().includes(one))).toEqual([])
  expect(obedient.memory()).not.toContain(PRIVATE_KEY)
  await assertBought(other, agent)
}

/** The same agent buys two things from the honest server. */
async function assertBought(other: Open, agent: RestrictedClient): Promise<void> {
  const [weather] = await toTools(other, agent, 'stdio:honest', [{ name: 'weather' }])
  for (const city of ['Rome', 'Bern']) {
    const result = await weather?.execute({ city }, {})
    expect(JSON.stringify(result)).toContain('sunny')
    expect(paymentOf(new Object(result))?.money).toBe('settled')
  }
  expect(worthOfAll(other, 'weather')).toBe(20_000n)
}

function createWallet() {
  const { signer, signed } = createWatchedAccount()
  const client = new x402Client({ limits: { perPayment: '$1', perDay: '$5' } })
  client.register('eip155:*', new ExactEvmScheme(signer))
  const agent = client.restrict({
    name: 'assistant',
    perPayment: '$0.05',
    total: '$0.50',
    perResource: { total: '$0.05' },
    hosts: ['stdio:hostile', 'stdio:honest'],
    networks: [NETWORK],
  })
  return { client, agent, signedFor: () => takingsOf(signed) }
}

function complete(tool: Listed): object {
  return { inputSchema: { type: 'object' }, ...tool }
}

type Open = McpSeller & { readonly mcpClient: Awaited<ReturnType<typeof openV1 | typeof openV2>>['mcpClient'] }

/** The tools of a server, as a host hands them to a model: results as they came, refusals in our words. */
async function toTools(
  { mcpClient }: Open,
  agent: RestrictedClient,
  server: string,
  listed: readonly Listed[],
): Promise<Tool[]> {
  const mcp = wrapMCPClientWithPayment(mcpClient, agent, { server })
  await mcp.listTools()
  const isFirst = !('getProtocolEra' in mcpClient)
  return listed.map(({ name }) => ({
    name,
    async execute(input, context) {
      try {
        const params = { name, arguments: input }
        // Version 1 takes the schema of the result before its options.
        return await Reflect.apply(mcp.callTool, undefined, isFirst ? [params, undefined, context] : [params, context])
      } catch (error) {
        return { refused: describeForModel(error) }
      }
    },
  }))
}

/** Of each tool and its arguments, the payments that were shown. */
function groupByArguments({ asked }: McpSeller): readonly ReadonlySet<string>[] {
  const groups = new Map<string, Set<string>>()
  for (const { params, payment } of asked) {
    const key = JSON.stringify([params.name, Object.entries(params.arguments ?? {}).sort()])
    const group = groups.get(key) ?? new Set()
    groups.set(key, payment === undefined ? group : group.add(JSON.stringify(payment)))
  }
  return [...groups.values()]
}

/** What the distinct payments that a server was shown let it take, for one of its tools or all. */
function worthOfAll({ asked }: McpSeller, tool?: string): bigint {
  const texts = asked
    .filter(({ params, payment }) => payment !== undefined && (tool === undefined || params.name === tool))
    .map(({ payment }) =>
      typeof payment === 'string' ? Buffer.from(payment, 'base64').toString() : JSON.stringify(payment),
    )
  const payloads = texts.map((text) => JSON.parse(text).payload)
  const each = new Map(payloads.map((payload) => [JSON.stringify(payload), payload]))
  return [...each.values()].reduce((sum, payload) => sum + readAmount(payload), 0n)
}
