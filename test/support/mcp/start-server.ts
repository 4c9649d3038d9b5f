import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { build } from 'tsup'
import type { ServerPlan } from './plan.js'

/** Where a client finds a server: a command that starts one for it, or an address. */
export type Place =
  | { readonly transport: 'stdio'; readonly command: string; readonly args: readonly string[] }
  | { readonly transport: 'http'; readonly url: string }

/** A server of tools in a process of its own. Over stdio its client starts and ends it. */
export type McpShop = {
  readonly place: Place
  /** Kills it, as a crash would, and waits until it's gone. */
  stop(): Promise<void>
}

/** Starts a server of tools, or says how a client starts it. */
export async function startServer(plan: ServerPlan): Promise<McpShop> {
  const args = [await bundle(), JSON.stringify(plan)]
  if (plan.transport === 'stdio') {
    return { place: { transport: 'stdio', command: process.execPath, args }, stop: async () => undefined }
  }
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const gone = once(child, 'exit')
  for await (const url of createInterface({ input: child.stdout })) {
    return {
      place: { transport: 'http', url },
      async stop() {
        child.kill('SIGKILL')
        await gone
      },
    }
  }
  throw new Error('the server ended before it told its address')
}

/** The server, and what it hands to mppx in place of a package that isn't installed here. */
const PROGRAMS = [new URL('./serve.ts', import.meta.url), new URL('./payment-wrapper.ts', import.meta.url)]

let bundled: Promise<string> | undefined

/** Once for each worker: a child that compiles itself first starts five times as slowly. */
function bundle(): Promise<string> {
  bundled ??= bundleInto(`.cache/mcp-${process.env['VITEST_POOL_ID']}`)
  return bundled
}

async function bundleInto(outDir: string): Promise<string> {
  await build({
    entry: PROGRAMS.map((program) => fileURLToPath(program)),
    outDir,
    outExtension: () => ({ js: '.mjs' }),
    format: 'esm',
    target: 'node20',
    platform: 'node',
    skipNodeModulesBundle: true,
    splitting: true,
    clean: true,
    config: false,
    silent: true,
  })
  return join(process.cwd(), outDir, 'serve.mjs')
}
