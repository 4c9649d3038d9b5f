import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import { z } from 'zod'

/** What workerd tells over its control channel. */
const Listening = z.object({ event: z.literal('listen'), port: z.number() })

/** A worker that listens, until it's stopped. */
export type Worker = { readonly url: string; stop(): Promise<void> }

/** What Cloudflare calls compatibility: which day's behaviour a worker sees, and what it asked for beside it. */
export type Compatibility = { readonly date: string; readonly flags: readonly string[] }

/**
 * Starts workerd with one worker on a free port.
 *
 * @param binary - Of workerd.
 * @param bundle - The worker, as one module.
 */
export async function startWorkerd(binary: string, bundle: string, compatibility: Compatibility): Promise<Worker> {
  const config = join(dirname(bundle), `${compatibility.date}-${compatibility.flags.join('-')}.capnp`)
  await writeFile(config, writeConfig(basename(bundle), compatibility))
  const child = spawn(binary, ['serve', '--control-fd=3', config], { stdio: ['ignore', 'ignore', 'pipe', 'pipe'] })
  const gone = once(child, 'exit')
  const control = child.stdio[3] as Readable
  let complaints = ''
  child.stderr?.on('data', (chunk) => {
    complaints += chunk
  })
  const port = await readPort(control)
  if (port === undefined) throw new Error(`workerd ended before it listened: ${complaints}`)
  return {
    url: `http://127.0.0.1:${port}`,
    async stop() {
      child.kill('SIGKILL')
      await gone
    },
  }
}

async function readPort(control: Readable): Promise<number | undefined> {
  let text = ''
  for await (const chunk of control) {
    text += chunk
    if (text.includes('\n')) break
  }
  return text === '' ? undefined : Listening.parse(JSON.parse(text.slice(0, text.indexOf('\n')))).port
}

/** Source: workerd's `workerd.capnp`. A seller on this machine is reached only where local addresses are allowed. */
function writeConfig(bundle: string, { date, flags }: Compatibility): string {
  const list = flags.map((flag) => JSON.stringify(flag)).join(', ')
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .worker),
    (name = "internet", network = (allow = ["public", "private"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
const worker :Workerd.Worker = (
  modules = [(name = "worker", esModule = embed ${JSON.stringify(bundle)})],
  compatibilityDate = ${JSON.stringify(date)},
  compatibilityFlags = [${list}],
);
`
}
