// biome-ignore-all lint/correctness/noNodejsModules: the command line is for Node alone
import { PassThrough } from 'node:stream'
import type { McpServer } from '@modelcontextprotocol/server'
import { StdioServerTransport, serveStdio } from '@modelcontextprotocol/server/stdio'
import type { Terminal } from '../terminal.js'

/** Runs what must not be cut off: the server ends only after it, or when its patience is over. */
export type Tracked = <Result>(work: () => Promise<Result>) => Promise<Result>

/** How long calls that are under way may take once the host has ended the server. */
const PATIENCE_MS = 10_000

/** The same once the host has asked a second time. Source: MCP hosts kill a server two seconds after SIGTERM. */
const LAST_PATIENCE_MS = 1_000

/**
 * Serves MCP over the terminal's input and output, to hosts of both eras of the protocol, until the input ends or the process is asked to end.
 * Then no more calls are taken, and those under way are let end, so that what was paid for is delivered. What isn't done in time is in the ledger.
 *
 * @param terminal - Whose streams carry the protocol.
 * @param createServer - Makes the server of a connection.
 */
export async function serve(terminal: Terminal, createServer: (tracked: Tracked) => McpServer): Promise<void> {
  const { stdin, stdout } = terminal
  // The transport drops what is under way when its input ends, so it is given one that ends later.
  const input = new PassThrough()
  const underWay = new Set<Promise<unknown>>()
  const tracked: Tracked = async (work) => {
    const running = work()
    underWay.add(running)
    try {
      return await running
    } finally {
      underWay.delete(running)
    }
  }
  let giveUp = (): void => undefined
  const gaveUp = new Promise<void>((resolve) => {
    giveUp = resolve
  })

  await new Promise<void>((resolve) => {
    let isEnding = false
    const end = () => {
      setTimeout(giveUp, isEnding ? LAST_PATIENCE_MS : PATIENCE_MS).unref()
      isEnding = true
      stdin.unpipe(input)
      resolve()
    }
    terminal.onInterrupt(end)
    // The host is gone, or what it sends can't be read anymore.
    for (const event of ['end', 'close', 'error']) stdin.once(event, end)
    stdout.on('error', end)
    stdin.pipe(input, { end: false })
    const transport = new StdioServerTransport(input, stdout)
    serveStdio(() => createServer(tracked), { transport })
    const { onclose } = transport
    transport.onclose = () => {
      onclose?.()
      end()
    }
  })
  // What came with the end of the input is begun, too.
  await new Promise((resolve) => setImmediate(resolve))

  while (underWay.size > 0) {
    const isOver = await Promise.race([Promise.allSettled(underWay).then(() => false), gaveUp.then(() => true)])
    if (isOver) break
  }
  // A response is written in the steps that follow its call's end.
  await new Promise((resolve) => setImmediate(resolve))
}
