import { type Model, type ModelResponse, Usage } from '@openai/agents'
import { MockLanguageModelV4 } from 'ai/test'

/** What the models of the pages call. */
const CALL = { name: 'pay_and_fetch', input: { url: 'https://api.example.com/weather' } }

/** Strict models write every field. */
const STRICT = { ...CALL.input, method: null, headers: null, body: null, max: null, fresh: null }

/** Models that buy the weather and then tell it, each as its toolkit takes one. They read the temperature from what the tool returned. */
export function createModels() {
  return { ai: createAiModel(), openai: createOpenAiModel() }
}

function createAiModel(): MockLanguageModelV4 {
  const count = { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 }
  const usage = { inputTokens: count, outputTokens: { total: 1, text: 1, reasoning: 0 } }
  return new MockLanguageModelV4({
    async doGenerate({ prompt }) {
      const text = tell(prompt)
      const { name: toolName, input } = CALL
      if (text !== undefined) {
        return {
          content: [{ type: 'text', text }],
          finishReason: { unified: 'stop', raw: undefined },
          usage,
          warnings: [],
        }
      }
      return {
        content: [{ type: 'tool-call', toolCallId: '1', toolName, input: JSON.stringify(input) }],
        finishReason: { unified: 'tool-calls', raw: undefined },
        usage,
        warnings: [],
      }
    },
  })
}

function createOpenAiModel(): Model {
  return {
    async getResponse({ input }): Promise<ModelResponse> {
      const text = tell(input)
      const call = { type: 'function_call', callId: '1', name: CALL.name, status: 'completed' } as const
      const output: ModelResponse['output'] =
        text === undefined
          ? [{ ...call, arguments: JSON.stringify(STRICT) }]
          : [{ type: 'message', role: 'assistant', status: 'completed', content: [{ type: 'output_text', text }] }]
      return { usage: new Usage(), output }
    },
    // biome-ignore lint/correctness/useYield: nothing of the pages streams
    async *getStreamedResponse() {
      throw new Error('this model does not stream')
    },
  }
}

/** What a model says once it has the result of the tool, however a toolkit wrote it. */
function tell(given: unknown): string | undefined {
  const [, degrees] = /temperature\W+(\d+)/.exec(JSON.stringify(given)) ?? []
  return degrees && `It is ${degrees} degrees.`
}
