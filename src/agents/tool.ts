import * as z from 'zod'
import type { MoneyState } from '../index.js'
import type { Untrusted } from './body.js'
import { type Outcome, tellFailure } from './failure.js'

/** What is left of one of the agent's own limits. */
export type LeftOfLimit = {
  /** Its name, such as `total` or `perDay`. */
  readonly limit: string
  readonly left: string
  readonly of: string
  /** What it counts, where that isn't all payments. */
  readonly counts?: string | undefined
}

/** What a tool returns: plain JSON, written for a model. Tools never throw. */
export type ToolResult = {
  /**
   * How it ended:
   *
   * - `'received'`: a response is here, paid for or free.
   * - `'told'`: what was asked of the budget, the purchases or a price.
   * - `'waiting'`: it waits for a person's yes, or for a seller that delivers later.
   * - `'refused'`: nothing was bought.
   * - `'lost'`: a payment was sent, and nothing came for it.
   * - `'failed'`: the server could not be reached, and nothing was paid.
   * - `'bad-input'`: the input can't be used.
   */
  readonly outcome: Outcome
  /** What happened, in sentences of ours. */
  readonly what: string
  /** What to do next, in sentences of ours. */
  readonly next?: string | undefined
  /** Where the money is, where the call was about money. */
  readonly money?: MoneyState | undefined
  /** In dollars where it is known to be; `'free'` for what costs nothing. Left out where a purchase is returned again: `what` says what it cost. */
  readonly price?: string | undefined
  /** The HTTP status of the response. */
  readonly status?: number | undefined
  /** The ledger's id of the payment. */
  readonly payment?: string | undefined
  /** What is left of the agent's own limits. */
  readonly left?: readonly LeftOfLimit[] | undefined
  /** A few words of the seller about itself or a refusal: data, never an instruction. */
  readonly sellerSays?: string | undefined
  /** The body of the response. */
  readonly untrusted?: Untrusted | undefined
  /** Of `my_purchases`. */
  readonly purchases?: readonly Purchase[] | undefined
  /** Of `my_purchases`: there are older ones. */
  readonly more?: boolean | undefined
}

/** One payment of the agent. */
export type Purchase = {
  /** When, in UTC. */
  readonly at: string
  /** Method and address, without query. */
  readonly resource: string
  readonly price: string | undefined
  readonly money: MoneyState
  readonly delivery: string
  /** The HTTP status of the last response to it. */
  readonly status?: number | undefined
  readonly payment: string
  /** Why the seller didn't deliver, in its words: data, never an instruction. */
  readonly sellerSays?: string | undefined
}

/**
 * One tool, which every toolkit takes in one line: `tool(t)` of the AI SDK and of OpenAI Agents, `tool(t.execute, t)` of LangChain.
 * It is one plain object; the names that mean the same are there because the toolkits have different ones.
 */
export type PaymentTool = {
  readonly name: string
  readonly description: string
  /** A zod object, of zod 4. Every field may also be `null`, as strict modes need. */
  readonly inputSchema: z.ZodObject
  /** The same. */
  readonly schema: z.ZodObject
  /** The same. */
  readonly parameters: z.ZodObject
  /** The same as JSON schema, for toolkits without zod and for model APIs. */
  readonly jsonSchema: { readonly type: 'object'; readonly [keyword: string]: unknown }
  /** Whether it changes nothing and pays nothing. */
  readonly isReadOnly: boolean
  /**
   * Runs the tool. It may be called without its object.
   *
   * @param input - What the model wrote.
   * @param context - What the toolkit adds; an abort signal in it is obeyed.
   * @returns A plain object. It never throws and never rejects.
   */
  readonly execute: (input: Record<string, unknown>, ...context: readonly unknown[]) => Promise<ToolResult>
  /** The same as `execute`. */
  readonly invoke: (input: Record<string, unknown>, ...context: readonly unknown[]) => Promise<ToolResult>
  /**
   * Whether a person must say yes first, as `approveAbove` has it. It takes the input as its first or second argument, since toolkits differ.
   */
  readonly needsApproval: (first: unknown, second?: unknown, ...context: readonly unknown[]) => Promise<boolean>
}

/** What one tool is made of. */
export type ToolParts = {
  readonly name: string
  readonly description: string
  readonly schema: z.ZodObject
  readonly isReadOnly: boolean
  /** Takes secrets out of what a seller says. */
  redact(text: string): string
  /** With the toolkit's id of the call, where it has one. */
  run(input: unknown, signal: AbortSignal | undefined, id: string | undefined): Promise<ToolResult>
  needsApproval?(input: unknown, id: string | undefined): Promise<boolean>
}

/** Makes the one object. */
export function createTool(parts: ToolParts): PaymentTool {
  const { name, description, schema, isReadOnly, redact, run, needsApproval } = parts
  const execute: PaymentTool['execute'] = async (input, ...context) => {
    try {
      return toPlain(await run(input, findSignal(context), findId(context)), redact)
    } catch (error) {
      return toPlain(tellFailure(error), redact)
    }
  }
  return Object.freeze({
    name,
    description,
    inputSchema: schema,
    schema,
    parameters: schema,
    jsonSchema: { ...z.toJSONSchema(schema, { target: 'draft-7' }), type: 'object' as const },
    isReadOnly,
    execute,
    invoke: execute,
    async needsApproval(first: unknown, second?: unknown, ...context: readonly unknown[]) {
      try {
        const [input, added] = isInput(second) ? [second, context] : [first, [second, ...context]]
        return (await needsApproval?.(input, findId(added))) ?? false
      } catch {
        return false // the call itself says what is wrong, and pays nothing that no one was asked about
      }
    },
  })
}

/** OpenAI Agents hands its context first. */
function isInput(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'url' in value
}

/** The abort signal of a toolkit: `abortSignal` of the AI SDK, `signal` of the others. */
function findSignal(context: readonly unknown[]): AbortSignal | undefined {
  return context
    .flatMap((one) => (typeof one === 'object' && one !== null ? [one] : []))
    .flatMap((one) => ['abortSignal', 'signal'].map((name): unknown => Reflect.get(one, name)))
    .find((one) => one instanceof AbortSignal)
}

/** The id of a call: `toolCallId` of the AI SDK; of OpenAI Agents a text of its own, or `callId` in `toolCall`. */
function findId(context: readonly unknown[]): string | undefined {
  const found = context.map((one): unknown => {
    if (typeof one !== 'object' || one === null) return one
    const { toolCallId, toolCall }: { toolCallId?: unknown; toolCall?: unknown } = one
    return toolCallId ?? Reflect.get(new Object(toolCall), 'callId')
  })
  return found.find((one) => typeof one === 'string')
}

/** Leaves out what isn't there, so that it is JSON for any toolkit, and the secrets that a seller may have written into its words. */
function toPlain(result: ToolResult, redact: ToolParts['redact']): ToolResult {
  const { untrusted, left, purchases, ...rest } = result
  const clean = <T extends { readonly sellerSays?: string | undefined }>(one: T): T =>
    withoutUndefined({ ...one, sellerSays: one.sellerSays && redact(one.sellerSays) })
  return clean({
    ...rest,
    left: left?.map(withoutUndefined),
    purchases: purchases?.map(clean),
    untrusted: untrusted && withoutUndefined(untrusted),
  })
}

function withoutUndefined<T extends object>(given: T): T {
  const copy = { ...given }
  for (const [name, value] of Object.entries(copy)) if (value === undefined) Reflect.deleteProperty(copy, name)
  return copy
}
