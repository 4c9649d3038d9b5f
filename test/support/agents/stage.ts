import { ExactEvmScheme } from '../../../schemes/evm/index.js'
import { createPaymentTools, type PaymentToolsOptions, type ToolResult } from '../../../src/agents/index.js'
import { x402Client } from '../../../src/client/x402-client.js'
import { createMemoryLedger } from '../../../src/ledger/book/memory-ledger.js'
import type { RestrictOptions } from '../../../src/limits/narrow-limits.js'
import { createManualClock } from '../../../src/testing/manual-clock.js'
import { createWatchedAccount, takingsOf } from '../exposure/create-watched-account.js'
import { NETWORK } from '../offers.js'
import type { Handler, Seller, SellerRequest } from '../start-seller.js'

/** A header that the operator adds to requests of honest sellers. */
export const OPERATORS_KEY = 'sk-of-the-operator-7f3a'

/** Of the account that pays. */
export const PRIVATE_KEY = '11'.repeat(32)

/** Most that one purchase may cost, and one resource in all, in atomic units. */
export const ONE_PURCHASE = 50_000n

/** How the sellers of a run are opened. */
export type OpenSeller = (handler: Handler) => Promise<Seller>

/** What an operator adds to the tools of the page. */
export type Setting = {
  readonly limits?: RestrictOptions | undefined
  readonly options?: PaymentToolsOptions | undefined
  /** Hands over each response once its head came. @default as it is */
  readonly onHead?: ((response: Response) => Response) | undefined
}

/** A place where an agent meets sellers: some of them listed as its hosts, others not. */
export function createStage(openSeller: OpenSeller, run: number) {
  const listed: Seller[] = []
  const honest: Seller[] = []
  const hostile: Seller[] = []
  const unlisted: Seller[] = []
  let patience = new AbortController()
  return {
    /** What one run in so many has. */
    inTurn<T>(first: T, ...others: readonly T[]): T {
      return [first, ...others][run % (others.length + 1)] ?? first
    },
    /** A seller that attacks, and that the agent may ask. */
    openHostile: (handler: Handler) => openAs(handler, hostile, listed),
    /** A seller that looks like one that attacks. */
    openHonest: (handler: Handler) => openAs(handler, honest, listed),
    /** A server that no list has, and no agent may ask. */
    openUnlisted: (handler: Handler) => openAs(handler, unlisted),
    hostile,
    honest,
    unlisted,
    /** Ends the calls that are under way, as the toolkit of an agent that waited long enough does. */
    losePatience() {
      patience.abort()
      patience = new AbortController()
    },
    context: () => ({ abortSignal: patience.signal }),
    /** Creates the tools as the page does, for these sellers. */
    createShop: (setting: Setting = {}) => createShop(listed, honest, setting),
  }

  async function openAs(handler: Handler, ...lists: Seller[][]): Promise<Seller> {
    const seller = await openSeller(handler)
    for (const list of lists) list.push(seller)
    return seller
  }
}

export type Stage = ReturnType<typeof createStage>
export type Shop = ReturnType<typeof createShop>

function createShop(
  listed: readonly Seller[],
  honest: readonly Seller[],
  { limits = {}, options = {}, onHead = (response) => response }: Setting,
) {
  const clock = createManualClock(1_790_000_000, { pauses: 'turn' })
  const ledger = createMemoryLedger({ clock })
  const { signer, signed } = createWatchedAccount()
  const client = new x402Client({ clock, ledger, limits: { perPayment: '$1', perDay: '$5' } })
  client.register('eip155:*', new ExactEvmScheme(signer))
  const agent = client.restrict({
    name: 'assistant',
    perPayment: '$0.05',
    total: '$0.50',
    perResource: { total: '$0.05' },
    hosts: listed.map(hostOf),
    networks: [NETWORK],
    ...limits,
  })
  const asked: string[] = []
  const watched: typeof fetch = async (input, init) => {
    asked.push(String(input instanceof Request ? input.url : input))
    return onHead(await fetch(input, init))
  }
  const headers = Object.fromEntries(honest.map((seller) => [hostOf(seller), { 'x-api-key': OPERATORS_KEY }]))
  const tools = createPaymentTools(agent, { fetch: watched, headers, clock, ...options })
  return {
    client,
    agent,
    tools,
    clock,
    /** Every address that left, also after redirects. */
    asked,
    /** What was signed, in turn. */
    signed,
    /** What all signatures together let others take, in atomic units. */
    signedFor: () => takingsOf(signed),
    /** Buys, as an honest caller does. */
    buy: (input: string | Readonly<Record<string, unknown>>): Promise<ToolResult> =>
      tools.pay_and_fetch.execute(typeof input === 'string' ? { url: input } : input),
  }
}

export function hostOf({ url }: Pick<Seller, 'url'>): string {
  return new URL(url).host
}

/** What several sellers could cash together, in atomic units. */
export function cashOf(sellers: readonly Seller[]): bigint {
  return sellers.reduce((sum, { requests }) => sum + worthOf(requests), 0n)
}

/** What the distinct payments of some requests let their holder take, in atomic units. */
export function worthOf(requests: readonly SellerRequest[]): bigint {
  const each = new Map(requests.flatMap(({ payment }) => (payment ? [[JSON.stringify(payment.payload), payment]] : [])))
  return [...each.values()].reduce((sum, { payload }) => sum + readAmount(payload), 0n)
}

/** What a payload lets its holder take, in atomic units, by EIP-3009 or Permit2: the test's own reading. */
export function readAmount(payload: Readonly<Record<string, unknown>>): bigint {
  const { authorization, permit2Authorization } = payload as { authorization?: object; permit2Authorization?: object }
  const { value, permitted } = { ...(authorization ?? permit2Authorization) } as {
    value?: string
    permitted?: { amount?: string }
  }
  const amount = value ?? permitted?.amount
  if (amount === undefined) throw new Error(`nobody knows what this lets others take: ${Object.keys(payload)}`)
  return BigInt(amount)
}
