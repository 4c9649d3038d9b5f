import { ChallengeError, DeliveryError, SelectionError } from '../step-errors.js'
import { ConfigurationError } from '../x402-error.js'

/**
 * @page An MCP server asks to be paid, and pay402 can't tell which server it is: its transport shows no address, as over
 * stdio or in memory. Limits, the ledger and a payment that is presented again need a name for it. Money:
 * `untouched`. Name it where you wrap the client: `wrapMCPClientWithPayment(mcpClient, client, { server:
 * 'stdio:weather' })`. Calls that cost nothing need no name. See [Pay for MCP tools](guides/mcp.md#name-the-server).
 */
export const MCP_SERVER_UNKNOWN = {
  code: 'MCP_SERVER_UNKNOWN',
  kind: ConfigurationError,
  money: 'untouched',
  sentence: 'Refused to pay: the MCP server that asks has neither an address nor a name.',
  hint: "Name it: `wrapMCPClientWithPayment(mcpClient, client, { server: 'stdio:weather' })`, or its URL if the transport hides that.",
} as const

/** The way of `x402MCPClient`, on a client of the SDK: it would send no name, and wait for a response until its timeout. */
export const MCP_PARAMS_NEEDED = {
  code: 'INVALID_OPTION',
  kind: ConfigurationError,
  money: 'untouched',
  sentence: '`{call}` takes one object, not a text.',
  hint: 'Write `{written}`{or}.',
} as const

/**
 * @page The MCP client was connected to another server between the unpaid request and the paid one. A payment goes
 * only to the server that asked for it. Money: `untouched`, or `released` if it was signed by then: it never left.
 * Call again: the new server is asked by itself.
 */
export const MCP_SERVER_CHANGED = {
  code: 'MCP_SERVER_CHANGED',
  kind: DeliveryError,
  money: 'untouched',
  sentence: 'Refused to pay: the MCP client is now connected to another server, not the one that asked.',
  hint: 'Call again: the new server is asked what it costs there.',
} as const

/** A transport that was told to follow redirects anywhere. */
export const MCP_SERVER_REDIRECTED = {
  code: 'CHALLENGE_REDIRECTED',
  kind: ChallengeError,
  money: 'untouched',
  sentence: 'Refused to pay: a redirect led the request to another origin, which asks.',
  hint: 'Connect to that server by its own address, if you trust it.',
} as const

/**
 * @page `callToolWithPayment` of `@x402/mcp`, and a hook that returns a payment, send what no limit has seen and no
 * ledger holds. Money: `untouched`. Call the tool, which pays it; `x402: { purchase: 'a key' }` in the options names
 * the purchase, and `limits`, `max` and `approve` decide about it.
 */
export const PAYMENT_BY_HAND = {
  code: 'PAYMENT_BY_HAND',
  kind: ConfigurationError,
  money: 'untouched',
  sentence: 'Refused to send a payment that was made by hand, by {by}.',
  hint: "Call the tool: `callTool(name, args, { x402: { purchase: 'a key' } })` pays it once, under your limits.",
} as const

/** An MCP request names its payment in `_meta`. */
export const PAYMENT_META_PRESENT = {
  code: 'PAYMENT_HEADER_PRESENT',
  kind: DeliveryError,
  money: 'untouched',
  sentence: 'Refused to pay: the request already carries a payment.',
  hint: 'Leave `_meta["x402/payment"]` to pay402, or call the unwrapped MCP client.',
} as const

/** The transport was given a fetch that pays, and the server asked in both ways. */
export const PAID_OVER_HTTP = {
  code: 'PAYMENT_HEADER_PRESENT',
  kind: DeliveryError,
  money: 'untouched',
  sentence: 'Refused to pay: the fetch of the transport paid for this request already, over HTTP.',
  hint: 'Pay such a server in one way: give the transport a plain fetch, or call the unwrapped MCP client. `payments()` lists what was paid.',
} as const

export const MCP_HOOK_STOPPED = {
  code: 'REFUSED_BY_HOOK',
  kind: SelectionError,
  money: 'untouched',
  sentence: 'Refused to pay: {by} said no.',
} as const
