import { z } from 'zod'

/** What a tool of these servers answers. */
export type ToolResult = {
  [key: string]: unknown
  content: { type: 'text'; text: string }[]
  structuredContent?: { [key: string]: unknown }
  isError?: boolean
  _meta?: { [key: string]: unknown }
}

/** What a server sells, or gives away. */
export type Tool = {
  readonly name: string
  readonly description: string
  readonly isPaid: boolean
  readonly hasSchema: boolean
  readonly isReadOnly: boolean
  run(args: { city: string }): Promise<ToolResult>
}

export const inputSchema = { city: z.string() }

/** What a tool with a schema promises to answer. */
export const outputSchema = { city: z.string(), temperature: z.number() }

const toForecast = (city: string) => ({ city, temperature: 21 })

/** Every server has these, each in its own dialect. */
export const tools: readonly Tool[] = [
  {
    name: 'forecast',
    description: 'The weather of tomorrow, as text',
    isPaid: true,
    hasSchema: false,
    isReadOnly: true,
    run: async ({ city }) => ({ content: [{ type: 'text', text: JSON.stringify(toForecast(city)) }] }),
  },
  {
    name: 'forecast_with_schema',
    description: 'The weather of tomorrow, as a schema says',
    isPaid: true,
    hasSchema: true,
    isReadOnly: true,
    run: async ({ city }) => ({
      content: [{ type: 'text', text: JSON.stringify(toForecast(city)) }],
      structuredContent: toForecast(city),
    }),
  },
  {
    name: 'order',
    description: 'Changes something, so that it must not run twice',
    isPaid: true,
    hasSchema: false,
    isReadOnly: false,
    run: async ({ city }) => ({ content: [{ type: 'text', text: `ordered for ${city}` }] }),
  },
  {
    name: 'broken',
    description: 'Fails after it was paid, and before it was settled',
    isPaid: true,
    hasSchema: false,
    isReadOnly: true,
    run: async ({ city }) => ({ isError: true, content: [{ type: 'text', text: `no station in ${city}` }] }),
  },
  {
    name: 'stations',
    description: 'Costs nothing',
    isPaid: false,
    hasSchema: false,
    isReadOnly: true,
    run: async ({ city }) => ({ content: [{ type: 'text', text: `one station in ${city}` }] }),
  },
]

/** A paid resource, and a paid prompt, of servers whose dialect knows them. */
export const resource = { name: 'archive', uri: 'weather://archive', text: 'last year was mild' } as const
export const prompt = { name: 'advise', description: 'Asks for advice', text: 'Take an umbrella.' } as const
