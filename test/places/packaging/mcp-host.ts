import { Client as Client2 } from '@modelcontextprotocol/client'
import { StdioClientTransport as StdioClientTransport2 } from '@modelcontextprotocol/client/stdio'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { CallToolResultSchema, ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js'

/** The official clients: both SDKs, and the newer one also in the newer protocol, where questions travel within a call. */
export const HOSTS = ['SDK 1', 'SDK 2', 'SDK 2, protocol of 2026-07-28'] as const

export type HostKind = (typeof HOSTS)[number]

/** What a person does with a question; a host without it can't ask one. */
export type Person = (message: string) => { action: 'accept' | 'decline' | 'cancel'; content?: { pay: boolean } }

/** What a tool returns, in both of its forms. */
export type Called = {
  readonly text: string
  readonly isError: boolean
  readonly told: Readonly<Record<string, unknown>>
}

/** An MCP host that started the program. */
export type Host = {
  readonly instructions: string | undefined
  tools(): Promise<readonly { name: string; annotations?: { readOnlyHint?: boolean | undefined } | undefined }[]>
  call(name: string, input: Record<string, unknown>): Promise<Called>
  read(uri: string): Promise<string>
  /** The process that was started. */
  readonly pid: number
  /** All that it wrote to stderr. */
  stderr(): string
  /** Ends its input, and waits until it is gone. */
  close(): Promise<void>
}

/** How the program is started. */
export type Start = { command: string; args: string[]; cwd: string; env: Record<string, string> }

/**
 * Starts the program as an MCP host does, and speaks to it with an official client.
 *
 * @param kind - Which client.
 * @param start - The program.
 * @param person - Answers questions; without one the host declares that it can't ask any.
 */
export async function openHost(kind: HostKind, start: Start, person?: Person): Promise<Host> {
  const opened = await (kind === 'SDK 1' ? openFirst(start, person) : openSecond(kind, start, person))
  let written = ''
  opened.transport.stderr?.on('data', (chunk) => {
    written += String(chunk)
  })
  const { client, transport } = opened
  return {
    instructions: client.getInstructions(),
    tools: async () => (await client.listTools()).tools,
    call: (name, input) => opened.call(name, input),
    async read(uri) {
      const [content] = (await client.readResource({ uri })).contents
      return content !== undefined && 'text' in content ? String(content.text) : ''
    },
    pid: transport.pid ?? 0,
    stderr: () => written,
    close: () => client.close(),
  }
}

const WHO = { name: 'a host', version: '1.0.0' }

async function openFirst(start: Start, person: Person | undefined) {
  const client = new Client(WHO, { capabilities: person === undefined ? {} : { elicitation: {} } })
  if (person !== undefined) client.setRequestHandler(ElicitRequestSchema, ({ params }) => person(params.message))
  const transport = new StdioClientTransport({ ...start, stderr: 'pipe' })
  await client.connect(transport)
  const call = async (name: string, input: Record<string, unknown>) =>
    toCalled(CallToolResultSchema.parse(await client.callTool({ name, arguments: input })))
  return { client, transport, call }
}

async function openSecond(kind: HostKind, start: Start, person: Person | undefined) {
  const capabilities = person === undefined ? {} : { elicitation: {} }
  const client = new Client2(WHO, { capabilities, versionNegotiation: { mode: kind === 'SDK 2' ? 'legacy' : 'auto' } })
  if (person !== undefined) client.setRequestHandler('elicitation/create', ({ params }) => person(params.message))
  const transport = new StdioClientTransport2({ ...start, stderr: 'pipe' })
  await client.connect(transport)
  const call = async (name: string, input: Record<string, unknown>) =>
    toCalled(await client.callTool({ name, arguments: input }))
  return { client, transport, call }
}

function toCalled(result: {
  content: readonly object[]
  isError?: boolean | undefined
  structuredContent?: unknown
}): Called {
  const [first] = result.content
  return {
    text: String(first && 'text' in first ? first.text : ''),
    isError: result.isError === true,
    told: { ...new Object(result.structuredContent) },
  }
}
