import { McpServer as ServerOfOne } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js'
import { McpServer as ServerOfTwo } from '@modelcontextprotocol/server'
import { serveStdio } from '@modelcontextprotocol/server/stdio'
import { toMcpServer } from '../../../../src/agents/index.js'
import { createShop } from '../create-shop.js'

/** A program that an MCP host starts: `tsx stdio-server.ts 1` or `2`, after the SDK that it serves with. */
const [, , sdk] = process.argv
const { tools } = createShop({ routes: { '/weather': {}, '/report': { price: '$0.30' } } })
const about = { name: 'paying', version: '1.0.0' }

if (sdk === '1') await toMcpServer(tools, new ServerOfOne(about)).connect(new StdioServerTransport())
else serveStdio(() => toMcpServer(tools, new ServerOfTwo(about)))
