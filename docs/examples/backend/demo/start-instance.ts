import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'

/** One process of the service. */
export type Instance = {
  readonly url: string
  /** Everything that it wrote to its output. */
  readonly lines: readonly string[]
  /** Asks for something. */
  get(path: string): Promise<Reply>
  post(path: string, body: object): Promise<Reply>
  /** Sends a signal, and waits until the process is gone. @returns Its exit code; `null` if the signal ended it. */
  end(signal: NodeJS.Signals): Promise<number | null>
  /** Sends a signal, and doesn't wait. */
  signal(signal: NodeJS.Signals): void
  /** The exit code, once it is gone. */
  readonly gone: Promise<number | null>
}

/** What an instance answered. */
export type Reply = { readonly status: number; readonly body: Readonly<Record<string, unknown>> }

const root = join(import.meta.dirname, '../../../..')
const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href

/** Starts the service as its container would, and waits until it listens. */
export async function startInstance(environment: Readonly<Record<string, string>>): Promise<Instance> {
  const child = spawn(process.execPath, ['--import', tsx, join(root, 'docs/examples/backend/main.ts')], {
    cwd: root,
    env: { PATH: process.env['PATH'], TSX_TSCONFIG_PATH: 'test/tsconfig.json', PORT: '0', ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)
  const gone = once(child, 'exit').then(([code]): number | null => {
    process.removeListener('exit', kill)
    return typeof code === 'number' ? code : null
  })
  const lines: string[] = []
  const port = await readPort(child, lines)
  const url = `http://127.0.0.1:${port}`
  return {
    url,
    lines,
    get: (path) => ask(`${url}${path}`),
    post: (path, body) =>
      ask(`${url}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    end(signal) {
      child.kill(signal)
      return gone
    },
    signal: (signal) => void child.kill(signal),
    gone,
  }
}

function readPort({ stdout, pid }: ChildProcess, lines: string[]): Promise<number> {
  if (stdout === null) throw new Error('the output of an instance is read')
  return new Promise((resolve, reject) => {
    const reader = createInterface({ input: stdout })
    reader.on('line', (line) => {
      lines.push(line)
      const [, port] = /"listening":(\d+)/.exec(line) ?? []
      if (port !== undefined) resolve(Number(port))
    })
    reader.once('close', () => reject(new Error(`the instance ${pid} ended before it listened`)))
  })
}

async function ask(url: string, init: RequestInit = {}): Promise<Reply> {
  const response = await fetch(url, init)
  return { status: response.status, body: await response.json() }
}
