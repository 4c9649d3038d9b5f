import { spawn } from 'node:child_process'
import { once } from 'node:events'

/** A server in a process of its own. */
export type OtherProcess = {
  readonly url: string
  stop(): Promise<void>
}

/** Starts a server that prints its address and ends with its standard input. */
export async function startOtherProcess(path: string | undefined): Promise<OtherProcess> {
  if (path === undefined) throw new Error('name the server to start')
  const child = spawn(process.execPath, [path], { stdio: ['pipe', 'pipe', 'inherit'] })
  const [line] = await once(child.stdout, 'data')
  return {
    url: String(line).trim(),
    async stop() {
      const ended = once(child, 'exit')
      child.stdin.end()
      await ended
    },
  }
}
