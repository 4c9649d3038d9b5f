import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'

/** A database server that a test started, and ends. */
export type EngineProcess = {
  readonly port: number
  /** Ends it as `kill` does, and waits until it is gone. It may be started again. @param signal `SIGKILL` loses what it holds in memory. */
  kill(signal?: NodeJS.Signals): Promise<void>
  /** Starts it again on the same port and data. */
  start(): Promise<void>
  /** Holds it still, with all its connections open. */
  pause(): void
  /** Lets it go on. */
  goOn(): void
}

/** What an engine is started with. */
export type EngineProgram = {
  readonly port: number
  readonly program: string
  readonly args: readonly string[]
  readonly user?: { readonly uid: number; readonly gid: number } | undefined
  /** Whether it answers. */
  isReady(): Promise<boolean>
}

/** How often a server that starts is asked whether it answers. */
const ASK_MS = 25

/**
 * Starts a database server and waits until it answers.
 *
 * @throws What the server wrote, where it ended before it answered.
 */
export async function startEngine({ port, program, args, user, isReady }: EngineProgram): Promise<EngineProcess> {
  let child: ChildProcess | undefined

  async function start(): Promise<void> {
    const started = spawn(program, [...args], { stdio: ['ignore', 'pipe', 'pipe'], ...user })
    child = started
    let written = ''
    for (const stream of [started.stdout, started.stderr]) stream?.on('data', (chunk) => (written += chunk))
    let isGone = false
    started.once('exit', () => (isGone = true))
    started.once('error', (error) => {
      isGone = true
      written += error.message
    })
    while (!(await isReady())) {
      if (isGone) throw new Error(`${program} ended before it answered:\n${written}`)
      await new Promise((resolve) => setTimeout(resolve, ASK_MS))
    }
  }

  async function kill(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const ending = child
    child = undefined
    if (ending === undefined || ending.exitCode !== null || ending.signalCode !== null) return
    const gone = once(ending, 'exit')
    ending.kill('SIGCONT')
    ending.kill(signal)
    await gone
  }

  process.once('exit', () => child?.kill('SIGKILL'))
  await start()
  return {
    port,
    kill,
    start,
    pause: () => void child?.kill('SIGSTOP'),
    goOn: () => void child?.kill('SIGCONT'),
  }
}

/** A port that nothing listens on. */
export async function findFreePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('A server that listens has a port.')
  return address.port
}
