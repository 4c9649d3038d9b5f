import { INVALID_PREFERENCES, USE_LIMITS } from '../errors/catalogue/configuration.js'
import { fail } from '../errors/fail.js'
import { assertOptions, invalidOption } from '../errors/options.js'
import { assertPlatform } from '../errors/platform.js'
import type { LimitsOptions } from '../limits/create-limits.js'
import { assertDelivers, assertInFlight, assertPurchaseFor } from '../payment/call.js'
import type { Clock } from '../payment/clock.js'
import type { InFlight } from '../payment/exchange.js'
import type { Ledger } from '../payment/ledger.js'
import type { Limits } from '../payment/limits.js'
import type { PaymentPolicy, PaymentRequirementsSelector, Preferences, PurchaseRules, Trust } from '../payment/ports.js'
import { listCredentialHeaders } from '../payment/purchase-name.js'
import type { RandomBytes } from '../payment/random.js'
import type { PrepayOptions } from '../prices/rules.js'
import { isJsonObject } from '../wire/json.js'
import type { CircuitOptions } from './circuit.js'

/** Options of {@link x402Client}. */
export type ClientOptions = {
  /**
   * What may be spent. What you leave out keeps its default.
   *
   * @default { perPayment: '$1', perDay: '$10' }, in assets known to be worth a dollar
   */
  limits?: LimitsOptions | Limits | undefined
  /**
   * Which offer to take where several can be paid.
   *
   * @default the seller's order: its first offer that can be paid decides scheme and network, the cheapest of those is taken
   */
  prefer?: PreferOptions | undefined
  /**
   * Where payments are written down before they leave.
   *
   * @default a ledger in memory: its limits hold in this process, and start over with it
   */
  ledger?: Ledger | undefined
  /**
   * Takes one of the offers that can be paid, in place of the rule that takes the cheapest. Limits hold all the same.
   *
   * @default none
   */
  paymentRequirementsSelector?: PaymentRequirementsSelector | undefined
  /**
   * Whether a payment that can no longer be presented may be replaced by a new one, where that doesn't come by itself: never; once the
   * chain proves that the old one never will be spent, which needs schemes that can ask their chain; or some time after its end, under a
   * key and by any method, too.
   *
   * @default 'never'
   */
  resign?: 'never' | 'when-proven-unspent' | 'when-over' | undefined
  /**
   * Who calls: `'one'` buyer, such as an app, an agent or a script, whose tokens and cookies change between tries and name nothing; or
   * `'many'`, such as the users of a backend, each with a credential of their own that tells their purchases apart.
   *
   * @default both are allowed for: a call that looks like a lost one of another credential waits until that one can't be taken any more
   */
  buyers?: 'one' | 'many' | undefined
  /** Headers that tell one buyer's purchase from another's, in addition to the known ones (`Authorization`, `Cookie`, `X-Api-Key` …). @default none */
  purchaseHeaders?: readonly string[] | undefined
  /**
   * Statuses from 400 to 599 that deliver what is bought, for sellers that charge for them: `[404]`. After any other failure the same
   * purchase presents the same payment.
   *
   * @default none
   */
  delivers?: readonly number[] | undefined
  /**
   * What becomes of equal calls that are in flight at once, in this process and on the same ledger: each is a purchase of its own
   * (`'separate'`), they are one purchase and each is given a copy of the response (`'join'`), or all but the first fail with
   * `PURCHASE_UNDER_WAY` (`'refuse'`). Under a key calls always join. What is said here holds for restricted clients, too.
   *
   * @default 'separate'; `'join'` for restricted clients
   */
  inFlight?: InFlight | undefined
  /**
   * How long a key doesn't buy again once it was paid for and delivered, in seconds from when the payment was made. Until then the same key is
   * `ALREADY_BOUGHT`, with the payment, also in another process on the same ledger; another request under it is `PURCHASE_KEY_REUSED`.
   *
   * @default a key buys again once it was delivered
   */
  purchaseFor?: number | undefined
  /**
   * Routes that are paid for with the first request, at a price that is known, instead of after a 402. If the price changed, what was signed counts
   * until it's proven dead.
   *
   * @default none
   * @example { prepay: [{ route: 'https://api.example.com/weather/*' }] }
   */
  prepay?: readonly PrepayOptions[] | undefined
  /**
   * When to stop buying from an origin that takes money and delivers nothing; `false` for never.
   *
   * @default { failures: 3, seconds: 600 }
   */
  circuit?: CircuitOptions | false | undefined
  /**
   * Pay sellers over plain HTTP. Anyone between you and them can change the terms and take the payment; on the loopback it is always
   * allowed.
   *
   * @default false
   */
  allowPlainHttp?: boolean | undefined
  /**
   * Pay a 402 that another origin answered after a redirect: to that origin alone, under its own name and limits. From `http` to
   * `https` on the same host is no other origin.
   *
   * @default false
   */
  allowRedirectedOrigin?: boolean | undefined
  /**
   * Refuse terms whose `resource.url` names another host than the one that asked.
   *
   * @default false, which warns (`RESOURCE_ELSEWHERE`)
   */
  strictResource?: boolean | undefined
  /**
   * What becomes of a request that the seller's own schema forbids, by its method or for want of a field: it isn't paid (`REQUEST_UNFIT`), or it is
   * paid with the warning `REQUEST_BESIDE_SCHEMA`.
   *
   * @default 'refuse'
   */
  sellerSchema?: 'refuse' | 'warn' | undefined
  /**
   * Which flows an offer may name in `extra.paymentFlow`. In others than `authorization` money may move before anything is
   * delivered.
   *
   * @default ['authorization']
   */
  paymentFlows?: readonly string[] | undefined
  /** The time; for tests. @default the machine's clock */
  clock?: Clock | undefined
  /** Random bytes; for tests with known answers. @default the platform's cryptographic generator */
  random?: RandomBytes | undefined
}

/**
 * Which offer to take where several can be paid.
 *
 * @example
 * ```ts
 * import { x402Client } from 'pay402'
 *
 * new x402Client({ prefer: { networks: ['eip155:8453', 'solana:*'], cheapest: 'anywhere' } })
 * ```
 */
export type PreferOptions = {
  /** Networks (`eip155:8453`) or namespaces (`eip155:*`), the most wanted first. Others stay possible. @default none */
  networks?: readonly string[] | undefined
  /** Addresses of assets, the most wanted first. Others stay possible. @default none */
  assets?: readonly string[] | undefined
  /**
   * Where the cheapest offer is looked for: among the offers of one scheme on one network, or among all.
   *
   * @default 'same-network'
   */
  cheapest?: 'same-network' | 'anywhere' | undefined
  /**
   * Leave out offers that the wallet is known not to be able to fund. Costs a read of the balance per offer, where the scheme
   * was given an RPC; a read that fails counts as unknown, never as too little.
   *
   * @default false
   */
  funded?: boolean | undefined
}

/** Every name that means something in {@link ClientOptions}. */
export const CLIENT_OPTIONS = [
  'limits',
  'prefer',
  'paymentRequirementsSelector',
  'ledger',
  'resign',
  'buyers',
  'purchaseHeaders',
  'delivers',
  'inFlight',
  'purchaseFor',
  'prepay',
  'circuit',
  'allowPlainHttp',
  'allowRedirectedOrigin',
  'strictResource',
  'sellerSchema',
  'paymentFlows',
  'clock',
  'random',
] as const

/**
 * Asserts that the options of a client are what they must be; those of its limits are asserted where they are read.
 *
 * @throws {@link ConfigurationError} `UNKNOWN_OPTION` or `INVALID_OPTION`.
 */
export function assertClientOptions(options: ClientOptions): void {
  if (typeof options === 'object' && options !== null && 'spendControls' in options) throw fail(USE_LIMITS)
  assertOptions(options, 'x402Client', CLIENT_OPTIONS)
  assertPlatform(options.random !== undefined)
  assertOptions(options.prefer ?? {}, 'prefer', ['networks', 'assets', 'cheapest', 'funded'])
  const { networks = [], assets = [], cheapest = 'same-network', funded = false } = options.prefer ?? {}
  assertCircuit(options.circuit)
  if (options.ledger !== undefined && !isLedger(options.ledger)) {
    throw invalidOption('ledger', 'a ledger, such as `await createFileLedger(path)`')
  }
  assertTrust(options)
  if (!['never', 'when-proven-unspent', 'when-over', undefined].includes(options.resign)) {
    throw invalidOption('resign', "'never', 'when-proven-unspent' or 'when-over'")
  }
  assertPurchases(options)
  const isRight = isList(networks) && isList(assets) && typeof funded === 'boolean'
  if (isRight && (cheapest === 'same-network' || cheapest === 'anywhere')) return
  throw fail(INVALID_PREFERENCES)
}

function isList(value: unknown): boolean {
  return Array.isArray(value) && value.every((one) => typeof one === 'string')
}

function assertTrust(options: ClientOptions): void {
  for (const name of ['allowPlainHttp', 'allowRedirectedOrigin', 'strictResource'] as const) {
    const value = options[name]
    if (value !== undefined && typeof value !== 'boolean') throw invalidOption(name, 'true or false')
  }
  if (!['refuse', 'warn', undefined].includes(options.sellerSchema))
    throw invalidOption('sellerSchema', "'refuse' or 'warn'")
  if (options.paymentFlows !== undefined && !isList(options.paymentFlows)) {
    throw invalidOption('paymentFlows', 'a list of names, such as ["authorization"]')
  }
}

function assertPurchases({ buyers, purchaseHeaders = [], delivers = [], inFlight, purchaseFor }: ClientOptions): void {
  if (!['one', 'many', undefined].includes(buyers)) throw invalidOption('buyers', "'one' or 'many'")
  if (!isList(purchaseHeaders) || !purchaseHeaders.every((name) => /^[!#$%&'*+.^_`|~0-9a-z-]+$/i.test(name))) {
    throw invalidOption('purchaseHeaders', 'a list of names of headers')
  }
  assertDelivers(delivers, 'delivers')
  assertInFlight(inFlight, 'inFlight')
  assertPurchaseFor(purchaseFor, 'purchaseFor')
}

function assertCircuit(circuit: ClientOptions['circuit']): void {
  if (circuit === undefined || circuit === false) return
  assertOptions(circuit, 'circuit', ['failures', 'seconds'])
  for (const [name, value] of Object.entries(circuit)) {
    const isRight = value === undefined || (Number.isSafeInteger(value) && value > 0)
    if (!isRight) throw invalidOption(`circuit.${name}`, 'a positive integer')
  }
}

/** What a client believes of the ways that terms reach it. */
export function toTrust(options: ClientOptions): Trust {
  const {
    allowPlainHttp = false,
    allowRedirectedOrigin = false,
    strictResource = false,
    sellerSchema = 'refuse',
  } = options
  const paymentFlows = Object.freeze([...(options.paymentFlows ?? FLOWS)])
  // Wrappers are shown it, of whatever make they are.
  return Object.freeze({ allowPlainHttp, allowRedirectedOrigin, strictResource, sellerSchema, paymentFlows })
}

/** How the calls of a client become purchases. */
export function toPurchaseRules({
  buyers,
  purchaseHeaders = [],
  delivers = [],
  purchaseFor,
}: ClientOptions): PurchaseRules {
  return {
    buyers,
    credentialHeaders: listCredentialHeaders(purchaseHeaders.map((name) => name.toLowerCase())),
    delivers: Object.freeze([...delivers]),
    purchaseForSeconds: purchaseFor,
  }
}

/** Nothing moves before the answer is there. Source: `paymentFlow` of `@x402/core` 2.27, whose absence means the same. */
const FLOWS = ['authorization']

const LEDGER_STEPS: readonly (keyof Ledger)[] = ['reserve', 'note', 'claim', 'list', 'spent', 'get', 'put']

/** What lacks a step would fail once something is signed. */
function isLedger(value: unknown): boolean {
  return isJsonObject(value) && LEDGER_STEPS.every((step) => typeof value[step] === 'function')
}

/** The preferences of a client; its policies are added as they come. */
export function toPreferences(
  { prefer = {}, paymentRequirementsSelector: selector }: ClientOptions,
  policies: readonly PaymentPolicy[],
): Preferences {
  const { networks = [], assets = [], cheapest = 'same-network', funded = false } = prefer
  return { policies, selector, networks: [...networks], assets: [...assets], cheapest, funded }
}
