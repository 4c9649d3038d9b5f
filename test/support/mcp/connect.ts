import { Client as Client2, StreamableHTTPClientTransport as Http2 } from '@modelcontextprotocol/client'
import { StdioClientTransport as Stdio2 } from '@modelcontextprotocol/client/stdio'
import { Client as Client1 } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport as Stdio1 } from '@modelcontextprotocol/sdk/client/stdio.js'
import { StreamableHTTPClientTransport as Http1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import type { Place } from './start-server.js'

const info = { name: 'buyer', version: '1.0.0' }

/** Connects a client of SDK 1. */
export async function connect1(place: Place): Promise<Client1> {
  const client = new Client1(info)
  // The SDK's own types don't hold each other to exact optional properties.
  await client.connect(
    (place.transport === 'http' ? new Http1(new URL(place.url)) : new Stdio1(toCommand(place))) as never,
  )
  return client
}

/** Connects a client of SDK 2. */
export async function connect2(place: Place, { isModern = false }: { isModern?: boolean } = {}): Promise<Client2> {
  const client = new Client2(info, isModern ? { versionNegotiation: { mode: 'auto' } } : {})
  await client.connect(place.transport === 'http' ? new Http2(new URL(place.url)) : new Stdio2(toCommand(place)))
  return client
}

function toCommand({ command, args }: Extract<Place, { transport: 'stdio' }>) {
  return { command, args: [...args] }
}
