import { describe, expect, it } from 'vitest'
import type { ToolResult } from '../../../src/agents/index.js'
import { createDice, type Dice } from '../../../src/testing/chance.js'
import { openSeller } from '../../unit/fetch/open-seller.js'
import { NETWORK } from '../offers.js'
import type { Seller, SellerRequest } from '../start-seller.js'
import { type AgentParts, createObedientAgent } from './obedient-agent.js'
import {
  cashOf,
  createStage,
  hostOf,
  ONE_PURCHASE,
  OPERATORS_KEY,
  PRIVATE_KEY,
  type Setting,
  type Shop,
  type Stage,
  worthOf,
} from './stage.js'

/** What a kind of attack sets up for one run. */
export type Scene = Setting & {
  /** What the user asks the agent for. */
  readonly task: string | Readonly<Record<string, unknown>>
  /** Who says yes, where someone is asked. */
  readonly person?: AgentParts['person']
  /** What else holds once the agent is done. */
  readonly afterwards?: (facts: {
    readonly shop: Shop
    readonly results: readonly ToolResult[]
    readonly memory: string
  }) => void | Promise<void>
  /** Buys from an honest seller that looks similar, with the same tools. */
  readonly honest: (shop: Shop) => Promise<void>
}

/** One kind of attack, and what it brings in. */
export type Kind = {
  /** What all sellers of it can cash at most, in atomic units of a token with six decimals. */
  readonly most: bigint
  /** Whether that is what they get in each run: then an attack that stopped working would be noticed. */
  readonly always?: boolean
  /** Whether sellers redirect to their own addresses: a resource is counted by what was asked, before any redirect. @default false */
  readonly redirects?: boolean
  /** What an honest seller that looks similar does. */
  readonly beside: string
  readonly set: (stage: Stage, dice: Dice) => Promise<Scene>
}

/** Three runs, which differ in what sellers say, and in which order the agent does what it is told. */
const SEEDS = [1, 2, 3]

/** Plays a kind of attack on an agent that does what it is told, with the tools as their page shows them. */
export function attack(name: string, { most, always = false, redirects = false, beside, set }: Kind): void {
  const cost = most === 0n ? 'nothing' : `${always ? '' : 'at most '}$${(Number(most) / 1e6).toFixed(2)}`
  describe(`${name}: costs ${cost}; ${beside} is bought from`, () => {
    it.each(SEEDS)('run %i', async (seed) => {
      const dice = createDice(seed)
      const stage = createStage(openSeller, seed)
      const scene = await set(stage, dice)
      const shop = stage.createShop(scene)
      const agent = createObedientAgent({
        tools: shop.tools,
        dice,
        context: stage.context,
        ...(scene.person && { person: scene.person }),
      })
      await agent.work(scene.task)

      expect(agent.calls()).toBeGreaterThan(3)
      const cashed = cashOf(stage.hostile)
      if (always) expect(cashed).toBe(most)
      else expect(cashed).toBeLessThanOrEqual(most)
      if (redirects) await assertOnePriceAsked(shop)
      else assertOnePriceEach(stage.hostile)
      await assertCounted(shop, [...stage.hostile, ...stage.honest])
      assertKept(stage, shop, agent.memory())
      await scene.afterwards?.({ shop, results: agent.results, memory: agent.memory() })

      await scene.honest(shop)
      assertKept(stage, shop, agent.memory())
    })
  })
}

/** One purchase brings one payment, however often it is asked for; one resource no more than one purchase may cost. */
function assertOnePriceEach(sellers: readonly Seller[]): void {
  for (const { requests, url } of sellers) {
    for (const [resource, of] of groupBy(
      requests,
      ({ method, path }) => `${method} ${url}${path.replace(/\?.*/, '')}`,
    )) {
      expect([resource, worthOf(of) <= ONE_PURCHASE]).toEqual([resource, true])
    }
  }
}

/** The same by what the agent asked for, as the ledger has it. */
async function assertOnePriceAsked({ agent }: Shop): Promise<void> {
  const payments = await agent.payments({ limit: Number.POSITIVE_INFINITY })
  for (const [asked, of] of groupBy(payments, ({ resource }) => resource)) {
    const worth = of.reduce((sum, { exposure }) => sum + BigInt(exposure), 0n)
    expect([asked, worth <= ONE_PURCHASE]).toEqual([asked, true])
  }
}

function groupBy<T>(all: readonly T[], keyOf: (one: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>()
  for (const one of all) groups.set(keyOf(one), [...(groups.get(keyOf(one)) ?? []), one])
  return groups
}

/** Where the money is, is known: what sellers hold counts, and no more was signed. */
async function assertCounted({ agent, signedFor }: Shop, sellers: readonly Seller[]): Promise<void> {
  const payments = await agent.payments({ limit: Number.POSITIVE_INFINITY })
  const counted = payments.filter(({ money }) => money === 'in-doubt' || money === 'settled')
  expect(counted.reduce((sum, { exposure }) => sum + BigInt(exposure), 0n)).toBe(cashOf(sellers))
  expect(signedFor()).toBe(cashOf(sellers))
}

/** Nobody was asked who isn't listed, no other network was paid, and no secret was told. */
function assertKept({ hostile, honest, unlisted }: Stage, { asked }: Shop, memory: string): void {
  const hosts = [...hostile, ...honest].map(hostOf)
  expect(asked.filter((url) => !hosts.includes(new URL(url).host))).toEqual([])
  expect(unlisted.flatMap(({ requests }) => requests)).toEqual([])
  const requests = [...hostile, ...honest].flatMap((seller) => seller.requests)
  const paid = requests.flatMap(({ payment }) => (payment ? [payment] : []))
  expect(paid.filter(({ accepted }) => accepted?.['network'] !== NETWORK)).toEqual([])
  const signatures = paid.map(({ payload }) => String(payload['signature']))
  for (const secret of [PRIVATE_KEY, OPERATORS_KEY, ...signatures]) {
    expect(memory).not.toContain(secret.replace(/^0x/, ''))
  }
  for (const secret of [PRIVATE_KEY, OPERATORS_KEY]) {
    expect(
      hostile.flatMap((seller) => seller.requests).filter((request) => writeRequest(request).includes(secret)),
    ).toEqual([])
  }
}

function writeRequest({ path, headers, body }: SellerRequest): string {
  return [path, JSON.stringify(headers), body.toString()].join('\n')
}
