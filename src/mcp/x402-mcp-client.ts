import type { ClientConfig } from '../client/config.js'
import type { Payer } from '../client/payer.js'
import { x402Client } from '../client/x402-client.js'
import { WRAPPER_NEEDS } from '../errors/catalogue/configuration.js'
import { PAYMENT_BY_HAND } from '../errors/catalogue/mcp.js'
import { fail } from '../errors/fail.js'
import { assertOptions, invalidOption } from '../errors/options.js'
import type { CallOptions } from '../payment/exchange.js'
import { copyPayment, paymentOf } from '../payment/summary.js'
import type { PaymentRequired } from '../wire/challenge.js'
import type { SettleResponse } from '../wire/receipt.js'
import {
  type AfterPaymentHook,
  type BeforePaymentHook,
  createGate,
  type GateHooks,
  type PaymentRequestedContext,
  type PaymentRequiredHook,
} from './gate.js'
import { ask, callPaid, type McpDoor, readMcpRequest } from './paid-call.js'
import { toPaymentRequired } from './unpaid.js'
import { createDoor, listTools, type MCPClientLike, type WrapMCPOptions } from './wrap-mcp-client-with-payment.js'

/** Options of {@link x402MCPClient}. */
export type x402MCPClientOptions = Pick<WrapMCPOptions, 'server'> & {
  /** Whether a tool that asks to be paid is paid. If not, the call ends with `REFUSED_BY_HOOK`, whose `response` is the unpaid result. @default true */
  autoPayment?: boolean | undefined
  /** Asked before each payment; anything but `true` refuses it. Limits and `approve` of the client hold as well. @default no one is asked */
  onPaymentRequested?: ((context: PaymentRequestedContext) => Promise<boolean> | boolean) | undefined
}

/** What a tool returned, as `@x402/mcp` writes it. `paymentOf` reads its payment, too. */
export type x402MCPToolCallResult = {
  content: { [key: string]: unknown; type: string }[]
  structuredContent?: Record<string, unknown>
  isError?: boolean
  /** The receipt, if there is one that can be read. It is the server's word. */
  paymentResponse?: SettleResponse
  paymentMade: boolean
}

/** The arguments and the result of a method, if the client has it. */
type Args<C, Name extends PropertyKey> = C extends { [Key in Name]?: (...args: infer A) => unknown } ? A : never
type Returns<C, Name extends PropertyKey> = C extends { [Key in Name]?: (...args: never[]) => infer R } ? R : unknown

/**
 * An MCP client that pays, with the names of `@x402/mcp`: `callTool(name, args)` and hooks. In code of your own, write
 * {@link wrapMCPClientWithPayment}, which keeps the methods of the client that you have.
 *
 * @example
 * ```ts
 * const mcp = new x402MCPClient(mcpClient, client, { server: 'stdio:weather' })
 * const result = await mcp.callTool('get_forecast', { city: 'Berlin' })
 * result.paymentMade //=> true
 * ```
 */
export class x402MCPClient<C extends MCPClientLike = MCPClientLike> {
  readonly #door: McpDoor
  readonly #client: C
  readonly #payer: Payer
  readonly #hooks: GateHooks = { required: [], before: [], after: [] }

  /**
   * @param mcpClient - Of `@modelcontextprotocol/sdk` 1 or `@modelcontextprotocol/client` 2.
   * @param paymentClient - Decides what may be paid, and signs.
   * @param options - See {@link x402MCPClientOptions}.
   * @throws {@link ConfigurationError} for an unknown option, or what can't pay.
   */
  constructor(mcpClient: C, paymentClient: Payer, options: x402MCPClientOptions = {}) {
    assertOptions(options, 'x402MCPClient', ['server', 'autoPayment', 'onPaymentRequested'])
    const { server, autoPayment = true, onPaymentRequested } = options
    if (typeof autoPayment !== 'boolean') throw invalidOption('autoPayment', 'true or false')
    if (onPaymentRequested !== undefined && typeof onPaymentRequested !== 'function') {
      throw invalidOption('onPaymentRequested', 'a function')
    }
    const gate = createGate(this.#hooks, { autoPayment, onPaymentRequested })
    this.#door = { ...createDoor(mcpClient, paymentClient, { server }, 'x402MCPClient'), gate }
    this.#client = mcpClient
    this.#payer = paymentClient
  }

  /** The MCP client that was wrapped, which doesn't pay. */
  get client(): C {
    return this.#client
  }

  /** What decides and signs. */
  get paymentClient(): Payer {
    return this.#payer
  }

  /** Adds a hook for each response that asks to be paid. */
  onPaymentRequired(hook: PaymentRequiredHook): this {
    this.#hooks.required.push(hook)
    return this
  }

  /** Adds a hook that is called before a payment is made. */
  onBeforePayment(hook: BeforePaymentHook): this {
    this.#hooks.before.push(hook)
    return this
  }

  /** Adds a hook that is called after a payment was sent and answered. */
  onAfterPayment(hook: AfterPaymentHook): this {
    this.#hooks.after.push(hook)
    return this
  }

  /**
   * Calls a tool, and pays for it once if it asks for that.
   *
   * @param name - Of the tool.
   * @param args - For the tool.
   * @param options - The SDK's own, such as `timeout` and `signal`, and `x402`.
   * @returns The result of the tool.
   * @throws As {@link wrapMCPClientWithPayment} says.
   */
  async callTool(
    name: string,
    args: Record<string, unknown> = {},
    options: { timeout?: number; signal?: AbortSignal; resetTimeoutOnProgress?: boolean; x402?: CallOptions } = {},
  ): Promise<x402MCPToolCallResult> {
    const result: { paymentResponse?: unknown } = new Object(
      await callPaid(this.#door, 'callTool', this.#toArgs(name, args, options)),
    )
    const payment = paymentOf(result)
    const receipt = payment?.receipt?.response
    // A server may write a field of this name, which is no receipt.
    const { paymentResponse: _, ...bought } = result
    const own = { ...bought, paymentMade: payment !== undefined, ...(receipt && { paymentResponse: receipt }) }
    return copyPayment(result, own) as x402MCPToolCallResult // the SDK has read it
  }

  /**
   * Calls a tool without paying, to learn what it asks for. **If the tool is free, it runs.**
   *
   * @param name - Of the tool.
   * @param args - Which may change the price.
   * @returns What the server asks for; `null` when it asks for nothing, and the tool has run.
   */
  async getToolPaymentRequirements(name: string, args: Record<string, unknown> = {}): Promise<PaymentRequired | null> {
    const given = this.#toArgs(name, args, {})
    const answer = await ask(this.#door, readMcpRequest(this.#door, 'callTool', given), given)
    if (answer.unpaid === undefined && answer.isThrown) throw answer.native
    return (answer.unpaid && toPaymentRequired(answer.unpaid)) ?? null
  }

  /** @throws {@link ConfigurationError} `PAYMENT_BY_HAND`, always: a payment is made under limits and written down, by {@link x402MCPClient.callTool}. */
  async callToolWithPayment(_name: string, _args: unknown, _payment: unknown): Promise<never> {
    throw fail(PAYMENT_BY_HAND, { words: { by: '`callToolWithPayment`' } })
  }

  /** Reads a resource, and pays for it once if it asks for that. */
  async readResource(...args: Args<C, 'readResource'>): Promise<Awaited<Returns<C, 'readResource'>>> {
    return (await callPaid(this.#door, 'readResource', args)) as Awaited<Returns<C, 'readResource'>> // as the SDK has it
  }

  /** Gets a prompt, and pays for it once if it asks for that. */
  async getPrompt(...args: Args<C, 'getPrompt'>): Promise<Awaited<Returns<C, 'getPrompt'>>> {
    return (await callPaid(this.#door, 'getPrompt', args)) as Awaited<Returns<C, 'getPrompt'>> // as above
  }

  /** Lists the tools of the server; {@link announcedPriceOf} reads what a tool announces. */
  async listTools(...args: Args<C, 'listTools'>): Promise<Awaited<Returns<C, 'listTools'>>> {
    return (await listTools(this.#door, args)) as Awaited<Returns<C, 'listTools'>> // as above
  }

  /** As the MCP client does it, and so are all that follow. */
  connect(...args: Args<C, 'connect'>): Returns<C, 'connect'> {
    return this.#pass('connect', args)
  }
  close(...args: Args<C, 'close'>): Returns<C, 'close'> {
    return this.#pass('close', args)
  }
  listResources(...args: Args<C, 'listResources'>): Returns<C, 'listResources'> {
    return this.#pass('listResources', args)
  }
  listPrompts(...args: Args<C, 'listPrompts'>): Returns<C, 'listPrompts'> {
    return this.#pass('listPrompts', args)
  }
  listResourceTemplates(...args: Args<C, 'listResourceTemplates'>): Returns<C, 'listResourceTemplates'> {
    return this.#pass('listResourceTemplates', args)
  }
  subscribeResource(...args: Args<C, 'subscribeResource'>): Returns<C, 'subscribeResource'> {
    return this.#pass('subscribeResource', args)
  }
  unsubscribeResource(...args: Args<C, 'unsubscribeResource'>): Returns<C, 'unsubscribeResource'> {
    return this.#pass('unsubscribeResource', args)
  }
  ping(...args: Args<C, 'ping'>): Returns<C, 'ping'> {
    return this.#pass('ping', args)
  }
  complete(...args: Args<C, 'complete'>): Returns<C, 'complete'> {
    return this.#pass('complete', args)
  }
  setLoggingLevel(...args: Args<C, 'setLoggingLevel'>): Returns<C, 'setLoggingLevel'> {
    return this.#pass('setLoggingLevel', args)
  }
  getServerCapabilities(...args: Args<C, 'getServerCapabilities'>): Returns<C, 'getServerCapabilities'> {
    return this.#pass('getServerCapabilities', args)
  }
  getServerVersion(...args: Args<C, 'getServerVersion'>): Returns<C, 'getServerVersion'> {
    return this.#pass('getServerVersion', args)
  }
  getInstructions(...args: Args<C, 'getInstructions'>): Returns<C, 'getInstructions'> {
    return this.#pass('getInstructions', args)
  }
  sendRootsListChanged(...args: Args<C, 'sendRootsListChanged'>): Returns<C, 'sendRootsListChanged'> {
    return this.#pass('sendRootsListChanged', args)
  }

  /** The SDK's own way to call a tool: version 1 takes a schema before the options. */
  #toArgs(name: string, args: Record<string, unknown>, options: object): readonly unknown[] {
    const params = { name, arguments: args }
    return 'getProtocolEra' in this.#client ? [params, options] : [params, undefined, options]
  }

  #pass<Name extends string>(name: Name, args: readonly unknown[]): Returns<C, Name> {
    return Reflect.apply(Reflect.get(this.#client, name) as () => unknown, this.#client, args) as Returns<C, Name> // throws as the client does
  }
}

/** What {@link createx402MCPClient} takes: the client of `@x402/mcp` in one object, with all options of ours. */
export type x402MCPClientConfig<C extends MCPClientLike = MCPClientLike> = ClientConfig &
  x402MCPClientOptions & {
    /** The SDK's own class, which pay402 doesn't load by itself: `Client` of `@modelcontextprotocol/sdk/client/index.js` or `@modelcontextprotocol/client`. */
    Client: new (
      info: { name: string; version: string },
      options?: never,
    ) => C
    /** What the MCP client is called. */
    name: string
    /** Its version, which servers see. */
    version: string
    /** Given to the SDK's class as they are. @default none */
    mcpClientOptions?: object | undefined
  }

/**
 * Creates an MCP client and what pays for it in one step; see {@link x402MCPClient}.
 *
 * Unlike in `@x402/mcp`, you pass the SDK's `Client`, so that either version will do.
 *
 * @example
 * ```ts
 * import { Client } from '@modelcontextprotocol/client'
 *
 * const mcp = createx402MCPClient({
 *   Client,
 *   name: 'my-agent',
 *   version: '1.0.0',
 *   schemes: [{ network: 'eip155:*', client: new ExactEvmScheme(account) }],
 *   limits: { perPayment: '$0.10' },
 * })
 * mcp.paymentClient instanceof x402Client //=> true
 * ```
 *
 * @param config - See {@link x402MCPClientConfig}.
 * @returns A client that isn't connected yet.
 * @throws {@link ConfigurationError} for an unknown option, a missing `Client`, and `USE_LIMITS` for `spendControls`.
 */
export function createx402MCPClient<C extends MCPClientLike>(config: x402MCPClientConfig<C>): x402MCPClient<C> {
  const { Client, name, version, mcpClientOptions, server, autoPayment, onPaymentRequested, ...own } = config
  if (typeof Client !== 'function') {
    const hint =
      "Write `import { Client } from '@modelcontextprotocol/client'` and `createx402MCPClient({ Client, … })`."
    throw fail(WRAPPER_NEEDS, {
      words: { wrapper: 'createx402MCPClient', what: 'the class `Client` of an MCP SDK' },
      hint,
    })
  }
  const paymentClient = x402Client.fromConfig(own)
  const mcpClient = new Client({ name, version }, mcpClientOptions as never) // the SDK reads them
  return new x402MCPClient(mcpClient, paymentClient, { server, autoPayment, onPaymentRequested })
}
