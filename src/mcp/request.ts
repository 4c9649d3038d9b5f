import { MCP_PARAMS_NEEDED } from '../errors/catalogue/mcp.js'
import { fail } from '../errors/fail.js'
import type { CallOptions } from '../payment/exchange.js'
import { isJsonObject, type JsonObject, parseJsonObject } from '../wire/json.js'

/** Methods of an MCP client that may have to be paid, and what each sends. */
export const PAID_METHODS = {
  callTool: 'tools/call',
  readResource: 'resources/read',
  getPrompt: 'prompts/get',
} as const

/** One of {@link PAID_METHODS}, as an MCP client calls it. */
export type PaidMethod = keyof typeof PAID_METHODS

/** One call of an MCP client, as far as a payment depends on it. */
export type McpRequest = {
  readonly call: PaidMethod
  /** The tool, the prompt, or the address of the resource. */
  readonly name: string
  /** The arguments of the call, without what it says to pay402. */
  readonly args: readonly unknown[]
  /** Where among them the SDK looks for its own options. */
  readonly optionsAt: number
  readonly signal: AbortSignal | undefined
  readonly options: CallOptions | undefined
  /** What was asked for as it was when the call was made: what is sent again. `undefined` when it can't be written as JSON. */
  readonly params: JsonObject | undefined
  /** The arguments of a tool or a prompt as one text, whatever the order in which they were written; empty where there are none. */
  readonly body: string
}

/**
 * Reads a call of an MCP client.
 *
 * @param call - Which method.
 * @param args - What the caller gave.
 * @param hasSchema - Whether the SDK takes a schema of the result before its options, as version 1 does for tools.
 * @throws {@link ConfigurationError} `INVALID_OPTION` for a text in place of the object; nothing was sent.
 */
export function readRequest(call: PaidMethod, args: readonly unknown[], hasSchema: boolean): McpRequest {
  if (typeof args[0] === 'string') throw fail(MCP_PARAMS_NEEDED, { words: { call, ...WRITTEN[call] } })
  const optionsAt = call === 'callTool' && hasSchema ? 2 : 1
  const given = toPlace(args, optionsAt)
  const asked = given[optionsAt]
  const { x402, ...sdk } = isJsonObject(asked) ? asked : {}
  const params = copyParams(given[0])
  const name = params?.[call === 'readResource' ? 'uri' : 'name']
  const input = params?.['arguments']
  return {
    call,
    name: typeof name === 'string' ? name : '',
    args: x402 === undefined ? given : given.map((one, index) => (index === optionsAt ? sdk : one)),
    optionsAt,
    signal: sdk['signal'] instanceof AbortSignal ? sdk['signal'] : undefined,
    options: x402 as CallOptions | undefined, // the client reads it, and refuses what it isn't
    params,
    body: isJsonObject(input) && Object.keys(input).length > 0 ? writeSorted(input) : '',
  }
}

/** How a call is written that was given a text. */
const WRITTEN = {
  callTool: {
    written: 'callTool({ name, arguments })',
    or: ', or use `x402MCPClient`, whose `callTool(name, args)` pays, too',
  },
  readResource: { written: 'readResource({ uri })', or: '' },
  getPrompt: { written: 'getPrompt({ name, arguments })', or: '' },
} as const

/** Options in the place of the schema, as version 2 of the SDK has them, can only be meant as options. */
function toPlace(args: readonly unknown[], optionsAt: number): readonly unknown[] {
  const [params, second, ...rest] = args
  const areOptions = optionsAt === 2 && rest.length === 0 && isJsonObject(second) && Object.hasOwn(second, 'x402')
  return areOptions ? [params, undefined, second] : args
}

function copyParams(params: unknown): JsonObject | undefined {
  try {
    const copied = parseJsonObject(JSON.stringify(params) ?? '')
    return 'value' in copied ? copied.value : undefined
  } catch {
    return undefined // the SDK says what is wrong with it
  }
}

/** Writes JSON with the keys of each object in one order. */
function writeSorted(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(writeSorted).join(',')}]`
  if (!isJsonObject(value)) return JSON.stringify(value) ?? 'null'
  const members = Object.keys(value).sort()
  return `{${members.map((name) => `${JSON.stringify(name)}:${writeSorted(value[name])}`).join(',')}}`
}
