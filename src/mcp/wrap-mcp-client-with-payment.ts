import type { ClientConfig } from '../client/config.js'
import { assertPayer, type Payer } from '../client/payer.js'
import { x402Client } from '../client/x402-client.js'
import { WRAPPER_NEEDS } from '../errors/catalogue/configuration.js'
import { fail } from '../errors/fail.js'
import { assertOptions, invalidOption } from '../errors/options.js'
import type { CallOptions } from '../payment/exchange.js'
import { loadPart } from '../payment/part.js'
import { isJsonObject } from '../wire/json.js'
import { callPaid, type McpDoor } from './paid-call.js'
import type { McpQuote } from './quoting.js'
import { PAID_METHODS, type PaidMethod } from './request.js'
import { findServer, readServerOption, toAddress } from './server.js'

/** Options of {@link wrapMCPClientWithPayment}. */
export type WrapMCPOptions = {
  /**
   * Which server this is, if its transport shows no address: over stdio and in memory, a name that you choose, of letters, digits, `-` and `_`,
   * such as `'stdio:weather'`. Limits such as `hosts` and `perHost` know it by that name, and so does the ledger, so keep it the same after a
   * restart. Over HTTP you need no name: the address of the transport is used.
   *
   * @default the address of the transport; without one, what has to be paid is refused, and free calls go on
   */
  server?: `stdio:${string}` | (string & {}) | URL | undefined
  /**
   * What becomes of a payment that is refused, by us or by the server: `'throw'` rejects with our error; `'return'` resolves to the
   * server's own unpaid result, which a model can read, with our error at `paymentOf(result).error`. What a server asks by an error of
   * JSON-RPC is thrown either way.
   *
   * @default 'throw'
   */
  refusals?: 'throw' | 'return' | undefined
}

/** A method of an MCP client, whichever version of the SDK made it. */
type Method = (...args: never[]) => Promise<unknown>

/** A client of `@modelcontextprotocol/sdk` 1 or `@modelcontextprotocol/client` 2. */
export type MCPClientLike = {
  callTool: Method
  readResource?: Method
  getPrompt?: Method
  listTools?: Method
  readonly transport?: unknown
}

/** The options of a call, with what it says for itself. */
type WithOptions<Argument> = Argument extends object
  ? 'timeout' extends keyof Argument
    ? Argument & { x402?: CallOptions | undefined }
    : Argument
  : Argument

/** A method that takes `x402` in its options. */
type Paying<M> = M extends (...args: infer Args) => infer Result
  ? (...args: { [Index in keyof Args]: WithOptions<Args[Index]> }) => Result
  : M

/** An MCP client that pays, with all that it had before. */
export type PaidMCPClient<C extends MCPClientLike> = C & {
  readonly [Call in PaidMethod & keyof C]: Paying<C[Call]>
} & {
  /**
   * Calls a tool without paying, and says what it would cost. No signer is needed for that.
   *
   * **The tool is really called.** If the server asks for no money, the tool runs, and `carriedOut` says so: ask this way only about a tool
   * that may run. What a listing announces is read by {@link announcedPriceOf} without calling anything.
   *
   * @param args - As for `callTool`.
   * @returns The offers in dollars, which one would be taken, why not the others, and whether the limits allow it now.
   * @throws {@link ChallengeError} when the terms can't be read; what the SDK throws for a call that isn't answered. Nothing was signed.
   */
  quote(...args: Parameters<Paying<C['callTool']>>): Promise<McpQuote>
}

/**
 * Wraps an MCP client so that a tool, a resource or a prompt that asks to be paid is paid once, and asked for again.
 *
 * All methods of the client stay, and what is free passes through untouched. If the response is lost after the payment left, by a
 * timeout (60 seconds, unless you set another), a closed connection or a cancellation, the promise rejects with
 * {@link DeliveryError} whose `money` is `'in-doubt'`; calling again presents the same payment.
 *
 * @example
 * ```ts
 * const mcp = wrapMCPClientWithPayment(mcpClient, client, { server: 'stdio:weather' })
 * const result = await mcp.callTool({ name: 'get_forecast', arguments: { city: 'Berlin' } })
 * paymentOf(result)?.money //=> 'settled'
 * ```
 *
 * @param mcpClient - Of `@modelcontextprotocol/sdk` 1 or `@modelcontextprotocol/client` 2, connected before or after.
 * @param client - Decides what may be paid, and signs.
 * @param options - See {@link WrapMCPOptions}.
 * @returns The same client, whose `callTool`, `readResource` and `getPrompt` pay, and take `x402` in their options.
 * @throws {@link ConfigurationError} for an unknown option, or what can't pay.
 */
export function wrapMCPClientWithPayment<C extends MCPClientLike>(
  mcpClient: C,
  client: Payer,
  options: WrapMCPOptions = {},
): PaidMCPClient<C> {
  const door = createDoor(mcpClient, client, options, 'wrapMCPClientWithPayment')
  const own = new Map<PropertyKey, unknown>(
    [...Object.keys(PAID_METHODS)].map((call) => [
      call,
      (...args: readonly unknown[]) => callPaid(door, call as PaidMethod, args), // a key of the table
    ]),
  )
  own.set('listTools', (...args: readonly unknown[]) => listTools(door, args))
  own.set('quote', async (...args: readonly unknown[]) => {
    const { quoteTool } = await loadPart(import('./quoting.js'))
    return quoteTool(door, args)
  })
  return createFace(mcpClient, own) as PaidMCPClient<C> // what it has of its own is what the type adds
}

/**
 * Wraps an MCP client with a client written down as one object; see {@link wrapMCPClientWithPayment}.
 *
 * @example
 * ```ts
 * const mcp = wrapMCPClientWithPaymentFromConfig(
 *   mcpClient,
 *   { schemes: [{ network: 'eip155:*', client: new ExactEvmScheme(account) }], limits: { perPayment: '$0.10' } },
 *   { server: 'stdio:weather' },
 * )
 * const result = await mcp.callTool({ name: 'get_forecast' })
 * paymentOf(result)?.money //=> 'settled'
 * ```
 *
 * @param mcpClient - Of either version of the SDK.
 * @param config - Schemes, policies and limits.
 * @param options - See {@link WrapMCPOptions}.
 * @returns As {@link wrapMCPClientWithPayment} returns it.
 * @throws {@link ConfigurationError} for an unknown key, and `USE_LIMITS` for `spendControls`.
 */
export function wrapMCPClientWithPaymentFromConfig<C extends MCPClientLike>(
  mcpClient: C,
  config: ClientConfig,
  options: WrapMCPOptions = {},
): PaidMCPClient<C> {
  return wrapMCPClientWithPayment(mcpClient, x402Client.fromConfig(config), options)
}

/** Puts together what the calls of a wrapped client share. */
export function createDoor(mcpClient: MCPClientLike, client: Payer, options: WrapMCPOptions, wrapper: string): McpDoor {
  const hint = `Write \`${wrapper}(mcpClient, client)\`.`
  if (typeof Reflect.get(new Object(mcpClient), 'callTool') !== 'function') {
    throw fail(WRAPPER_NEEDS, { words: { wrapper, what: 'an MCP client' }, hint })
  }
  assertPayer(client, { name: wrapper, hint })
  assertOptions(options, wrapper, ['server', 'refusals'])
  const { refusals = 'throw' } = options
  if (refusals !== 'throw' && refusals !== 'return') throw invalidOption('refusals', "'throw' or 'return'")
  return { client, target: mcpClient, named: readServerOption(options.server), refusals, repeatable: new Set() }
}

/** Lists tools as the client does, and remembers which of them may be called again without harm. */
export async function listTools(door: McpDoor, args: readonly unknown[]): Promise<unknown> {
  const { target, named, repeatable } = door
  const listed: unknown = await Reflect.apply(Reflect.get(target, 'listTools') as () => unknown, target, args) // throws as the client does
  const server = findServer(target, named)
  const tools: unknown = isJsonObject(listed) ? listed['tools'] : undefined
  if (server === undefined || !Array.isArray(tools)) return listed
  const [params] = args
  // A list from its beginning takes the place of the one before, so that one that keeps changing doesn't fill the memory.
  if (!isJsonObject(params) || params['cursor'] === undefined) repeatable.clear()
  for (const tool of tools) {
    if (!isJsonObject(tool) || typeof tool['name'] !== 'string') continue
    const address = toAddress(server, { call: 'callTool', name: tool['name'] })
    const { annotations } = tool
    const isRepeatable =
      isJsonObject(annotations) && (annotations['readOnlyHint'] === true || annotations['idempotentHint'] === true)
    if (isRepeatable) repeatable.add(address)
    else repeatable.delete(address)
  }
  return listed
}

/** The client itself, but for some methods. Its own methods run on the client, which may have private fields. */
function createFace<C extends object>(target: C, own: ReadonlyMap<PropertyKey, unknown>): C {
  const bound = new WeakMap<object, unknown>()
  return new Proxy(target, {
    get(_, name) {
      const value: unknown = Reflect.get(target, name)
      const mayBeMissing = name === 'quote' || value !== undefined
      if (own.has(name) && mayBeMissing) return own.get(name)
      if (typeof value !== 'function' || name === 'constructor') return value
      if (!bound.has(value)) bound.set(value, value.bind(target))
      return bound.get(value)
    },
    has: (_, name) => name === 'quote' || Reflect.has(target, name),
    set: (_, name, value) => Reflect.set(target, name, value),
  })
}
