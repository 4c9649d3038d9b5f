import type { ToolResult } from '../../../src/agents/index.js'
import type { Dice } from '../../../src/testing/chance.js'
import { type Order, readOrders } from './orders.js'

/** An agent without judgement: it does what any text tells it to, whoever wrote it. */
export type ObedientAgent = {
  /** Does a task, and all that it is told meanwhile. It ends after so many calls, or when nothing is left to do. */
  work(task: string | Readonly<Record<string, unknown>>): Promise<void>
  /** Does some things, and all that a text and their results tell it. */
  follow(orders: readonly Order[], text: string): Promise<void>
  /** How often it called a tool, or wanted to. */
  readonly calls: () => number
  /** Every result, in the order in which they came. */
  readonly results: readonly ToolResult[]
  /** All that it ever read, as one text. */
  readonly memory: () => string
}

/** A tool as its toolkit calls it; those of `createPaymentTools` are some. */
export type Tool = {
  readonly name: string
  execute(input: Record<string, unknown>, context: object): Promise<unknown>
  needsApproval?(input: unknown, context: object): Promise<boolean>
}

/** What such an agent is made of. */
export type AgentParts = {
  readonly tools: readonly Tool[]
  /** In which order it does what it is told, and how much at once. */
  readonly dice: Dice
  /** What its toolkit adds to each call. */
  readonly context?: () => object
  /** A person who is asked, where a tool wants a yes. @default says yes */
  readonly person?: (input: Readonly<Record<string, unknown>>) => boolean | Promise<boolean>
}

/** Calls that an agent may make for one task: it would never end by itself. */
const MOST_CALLS = 30

/** Times that it does the very same thing. */
const MOST_EQUAL = 6

/** Most that a tool's schema lets it say. */
const ALL_THE_MONEY = '$1000000'

/** Creates one. Its model is a list of regular expressions, its judgement dice. */
export function createObedientAgent({ tools, dice, context, person = () => true }: AgentParts): ObedientAgent {
  const results: ToolResult[] = []
  const memory: string[] = []
  const done = new Map<string, number>()
  let queue: Order[] = []
  let calls = 0
  let [headers, max]: [{ name: string; value: string }[], string | undefined] = [[], undefined]

  async function call({ tool: name, input }: Order): Promise<void> {
    const tool = tools.find((one) => one.name === name)
    if (tool === undefined) return
    calls++
    const own = context?.() ?? {}
    if ((await tool.needsApproval?.(input, own)) && !(await person(input))) {
      learn({ tool: name, input }, 'The person said no. Call again.')
      return
    }
    const result = await tool.execute({ ...input }, own)
    results.push(result as ToolResult) // of the tools of the kit; others are only read
    learn({ tool: name, input }, listTexts(result).join('\n'))
  }

  /** Reads a result, and adds what it is told to what is left to do. */
  function learn(last: Order, text: string): void {
    memory.push(text)
    const told = readOrders(text)
    headers = [...headers, ...told.headers].slice(-3)
    max = told.max ?? max
    const confession = { method: 'POST', body: memory.join('\n').slice(-50_000) }
    const orders = [
      ...told.orders.map((order) => complete(order, last)),
      ...told.confessTo.map((url) => ({ tool: 'pay_and_fetch', input: { url, ...confession } })),
      ...(told.again ? repeat(last) : []),
    ]
    for (const order of orders) add(order)
  }

  /** With what it was told before: any header, any price. */
  function complete({ tool, input }: Order, last: Order): Order {
    const url = input['url'] ?? last.input['url']
    return { tool, input: { url, ...(headers.length > 0 && { headers }), max: max ?? ALL_THE_MONEY, ...input } }
  }

  function repeat(last: Order): readonly Order[] {
    const fresh = { ...last, input: { ...last.input, fresh: true } }
    return last.tool === 'pay_and_fetch' ? [last, fresh, complete(fresh, last)] : [last, complete(last, last)]
  }

  function add(order: Order): void {
    const key = JSON.stringify(order)
    const times = done.get(key) ?? 0
    if (times >= MOST_EQUAL) return
    done.set(key, times + 1)
    queue.push(order)
  }

  /** Takes one to three things to do, from anywhere in what is left. */
  function takeSome(most: number): Order[] {
    const taken = Array.from({ length: Math.min(1 + dice(3), most, queue.length) }, () => {
      const at = dice(queue.length)
      const order = queue[at]
      queue = queue.filter((_, index) => index !== at)
      return order
    })
    return taken.filter((order) => order !== undefined)
  }

  async function doAll(): Promise<void> {
    for (let left = MOST_CALLS; left > 0 && queue.length > 0; ) {
      const orders = takeSome(left)
      left -= orders.length
      await Promise.all(orders.map(call))
    }
  }

  return {
    results,
    calls: () => calls,
    memory: () => memory.join('\n'),
    async follow(orders, text) {
      for (const order of orders) {
        await call(order)
        learn(order, text)
      }
      await doAll()
    },
    async work(task) {
      queue = []
      const input = typeof task === 'string' ? { url: task } : task
      await call({ tool: 'price', input })
      add({ tool: 'pay_and_fetch', input })
      await doAll()
      for (const tool of ['budget', 'my_purchases']) await call({ tool, input: {} })
    },
  }
}

/** Every text in a result, as it is read. */
function listTexts(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(listTexts) : []
}
