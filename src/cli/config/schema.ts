import * as z from 'zod'
import type { PaymentToolsOptions } from '../../agents/index.js'
import type { Network } from '../../index.js'
import type { Duration, RestrictOptions } from '../../limits/index.js'

/**
 * A network as limits and RPCs name it. EVM chains and Solana are what the command line signs on. A cluster of Solana by a name, such as
 * `solana:devnet`, is none that any seller writes. Source: CAIP-30.
 */
const NETWORK = /^(eip155:([1-9]\d{0,31}|\*)|solana:([1-9A-HJ-NP-Za-km-z]{32}|\*))$/
const MONEY_TEXT = /^(\$\d{1,60}(\.\d{1,18})?|\d{1,60}(\.\d{1,18})? \S{1,32})$/

const text = (pattern: RegExp, must: string) => z.string({ error: must }).regex(pattern, { error: must })
const list = <Entry extends z.ZodType>(entry: Entry, must: string) => z.array(entry, { error: must })
const flag = z.boolean({ error: 'must be true or false' })
const count = z
  .int({ error: 'must be a whole number, 0 or more' })
  .min(0, { error: 'must be a whole number, 0 or more' })

/** What zod says of an option that no one knows is the list of those that are known, for `toProblems` to write. */
function object<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.strictObject(shape, {
    error: ({ code }) => (code === 'unrecognized_keys' ? Object.keys(shape).join(' ') : 'must be an object: { … }'),
  })
}

const mustBeNetwork = 'must be a network of EVM chains or Solana, such as "eip155:84532" (Base Sepolia, play money)'
const network = z.custom<Network>((value) => typeof value === 'string' && NETWORK.test(value), mustBeNetwork)
const address = text(/^[\w.:-]{1,128}$/, 'must be an address')
const host = text(
  /^(\*\.)?[^\s/\\?#@%*]+$/,
  'must be a host, such as "api.example.com", "*.example.com" or "localhost:4021", without "https://"',
)

const amount = object({ network, asset: address, amount: text(/^\d{1,78}$/, 'must be atomic units: a text of digits') })
const mustBeMoney = 'must be money in a text, such as "$0.10" or "0.10 USDC"'
const money = z.union([text(MONEY_TEXT, mustBeMoney), amount], { error: mustBeMoney })
const prices = z.union([text(MONEY_TEXT, mustBeMoney), amount, z.array(amount)], { error: mustBeMoney })
const mustBeBudget = `${mustBeMoney}, or { "amount": "$5", "payments": 100 }`
const parts = { amount: prices.optional(), payments: count.optional() }
const budget = z.union([text(MONEY_TEXT, mustBeBudget), amount, z.array(amount), object(parts)], {
  error: mustBeBudget,
})

const mustBeMonth = `${mustBeMoney}, or { "amount": "$50", "payments": 100, "timeZone": "Europe/Paris" }`
const timeZone = z.string({ error: 'must be a time zone, such as "Europe/Paris"' })
const month = z.union(
  [text(MONEY_TEXT, mustBeMonth), amount, z.array(amount), object({ ...parts, timeZone: timeZone.optional() })],
  {
    error: mustBeMonth,
  },
)

const mustBeWindow = 'must be a length of time up to "366d", such as "90s", "15m", "36h" or "7d"'
const duration = z.custom<Duration>((value) => typeof value === 'string' && /^\d{1,8}[smhd]$/.test(value), mustBeWindow)

const group = {
  perPayment: prices.optional(),
  perMinute: budget.optional(),
  perHour: budget.optional(),
  perDay: budget.optional(),
  perWeek: budget.optional(),
  perMonth: month.optional(),
  total: budget.optional(),
  windows: list(
    object({ window: duration, ...parts }),
    'must be a list: [{ "window": "15m", "amount": "$1" }]',
  ).optional(),
}

const asset = object({
  network,
  asset: address,
  perPayment: text(/^(\d{1,78}|\$?\d{1,60}(\.\d{1,18})?( \S{1,32})?)$/, mustBeMoney).optional(),
  symbol: text(/^\S{1,32}$/, 'must be up to 32 characters without a space').optional(),
  decimals: z
    .int({ error: 'must be 0 to 255' })
    .min(0, { error: 'must be 0 to 255' })
    .max(255, { error: 'must be 0 to 255' })
    .optional(),
  peg: z.literal('usd', { error: 'must be "usd"' }).optional(),
})

/** Left to programs: a configuration has no functions, its tools give no tags, and nothing listens to what comes near. */
type NotHere = 'approve' | 'name' | 'tags' | 'perTag' | 'onlyTags' | 'approachAt'

const limits = {
  networks: list(network, 'must be a list of networks, such as ["eip155:84532"]').min(1, {
    error: 'must name at least one network, such as ["eip155:84532"]',
  }),
  ...group,
  hosts: list(host, 'must be a list of hosts, such as ["api.example.com"]').optional(),
  onlyPayTo: list(
    z.union([address, object({ network, payTo: address })], {
      error: 'must be an address, or { "network": …, "payTo": … }',
    }),
    'must be a list of addresses',
  ).optional(),
  onlyAssets: list(object({ network, asset: address }), 'must be a list: [{ "network": …, "asset": … }]').optional(),
  reach: z.enum(['hosts', 'anywhere'], { error: 'must be "hosts" or "anywhere"' }).optional(),
  perHost: object(group).optional(),
  perPayTo: object(group).optional(),
  perResource: object({ ...group, payments: count.optional(), query: flag.optional() }).optional(),
  approveAbove: money.optional(),
  askAtMost: z.int({ error: 'must be 1 or more' }).min(1, { error: 'must be 1 or more' }).optional(),
  pinPayTo: flag.optional(),
  maxValiditySeconds: z
    .int({ error: 'must be 1 to 600' })
    .min(1, { error: 'must be 1 to 600' })
    .max(600, { error: 'must be 1 to 600' })
    .optional(),
} satisfies { [Option in Exclude<keyof RestrictOptions, NotHere>]-?: z.ZodType }

const above = z
  .int({ error: 'must be a whole number above zero' })
  .min(1, { error: 'must be a whole number above zero' })
/** As long as a timer of the platform can wait. */
const timeout = above.max(2_147_483_647, { error: 'must be at most 2147483647, which is 24 days' })
const path = text(/^[^\0]+$/, 'must be a path')

/** How the tools answer; the options of `createPaymentTools` that can be written in a file. */
const tools = {
  maxBytes: above.optional(),
  maxFileBytes: above.optional(),
  timeoutMs: timeout.optional(),
  freshFor: count.optional(),
  files: path.optional(),
} satisfies { [Option in keyof PaymentToolsOptions]?: z.ZodType }

const key = z.union(
  [
    object({ env: text(/^[A-Za-z_]\w{0,127}$/, 'must be the name of an environment variable') }),
    object({ command: z.array(z.string().regex(/^[^\0]+$/)).min(1) }),
  ],
  { error: 'must be { "env": "PAY402_KEY" } or { "command": ["op", "read", "op://…"] }; a key is never in this file' },
)

const url = text(/^https?:\/\/\S+$/, 'must be the address of a JSON-RPC, or a list of them')

/** Whether what should name a ledger's file is the address of a database, such as `redis://…`. The command line has none of their clients. */
export function isDatabase(ledger: string): boolean {
  return ledger.includes('://')
}

/** What `pay402.json` may say. Every sentence in it ends "option: …". */
export const configSchema = object({
  name: text(
    /^[A-Za-z0-9_-]{1,64}(\/[A-Za-z0-9_-]{1,64}){0,7}$/,
    'must be up to eight parts of letters, digits, "-" and "_", such as "team/researcher"',
  ).default('mcp'),
  key: key.optional(),
  solanaKey: key.optional(),
  ledger: path
    .refine((ledger) => !isDatabase(ledger), { error: "must be a file; mcp can't use Redis or Postgres" })
    .optional(),
  limits: object({ ...limits, assets: list(asset, 'must be a list of assets').optional() }),
  tools: object(tools).optional(),
  rpc: z
    .record(network, z.union([url, z.array(url)], { error: 'must be the address of a JSON-RPC, or a list of them' }), {
      error: ({ code }) =>
        code === 'invalid_key' ? mustBeNetwork : 'must be an object: { "eip155:84532": "https://…" }',
    })
    .optional(),
})

/** The options of each part that has its own, for who writes one at another place. */
export const PARTS = {
  limits: [...Object.keys(limits), 'assets'],
  tools: Object.keys(tools),
} as const

/** A configuration that was read. */
export type Config = z.infer<typeof configSchema>

/** Where a key comes from. */
export type KeySource = z.infer<typeof key>
