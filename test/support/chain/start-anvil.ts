import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'

const startTimeoutMs = 40_000

/** A chain that answers. */
export type Anvil = {
  /** Its JSON-RPC address on the loopback. */
  url: string
  chainId: number
  /** Ends the process and waits until it is gone. */
  stop: () => Promise<void>
}

/**
 * Starts anvil on a port of its own choosing and resolves when it answers.
 *
 * It cannot outlive this process by an exit or a signal; only `SIGKILL` leaves it behind, because nothing can see that.
 *
 * @param options - Which chain it claims to be.
 * @throws When this platform has no binary, or anvil ends before it listens.
 */
export async function startAnvil({ chainId = 84_532 }: startAnvil.Options = {}): Promise<Anvil> {
  const child = spawn(binaryPath(), ['--host', '127.0.0.1', '--port', '0', '--chain-id', String(chainId)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const exited = once(child, 'exit')
  const letLive = endWithThisProcess(child)
  const stop = async () => {
    letLive()
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL')
      await exited
    }
  }
  try {
    const url = await readAddress(child.stdout, exited)
    // Nobody reads its log: stopped at the source, and drained so that a full pipe never blocks it.
    await call(url, 'anvil_setLoggingEnabled', [false])
    child.stdout.resume()
    child.stderr.resume()
    const answered = Number(await call(url, 'eth_chainId', []))
    if (answered !== chainId) throw new Error(`anvil says it is chain ${answered}, not ${chainId}`)
    return { url, chainId, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

export declare namespace startAnvil {
  type Options = {
    /** @default 84532 (Base Sepolia) */
    chainId?: number | undefined
  }
}

/** The binary inside the platform's package: the wrapper package needs a postinstall script, which npm may block. */
function binaryPath(): string {
  const architectures: Record<string, string> = { x64: 'amd64', arm64: 'arm64' }
  const platformPackage = `@foundry-rs/anvil-${process.platform}-${architectures[process.arch]}`
  const wrapper = createRequire(import.meta.url).resolve('@foundry-rs/anvil/package.json')
  const folder = dirname(createRequire(wrapper).resolve(`${platformPackage}/package.json`))
  return join(folder, 'bin', process.platform === 'win32' ? 'anvil.exe' : 'anvil')
}

/** Kills the child when this process ends, however it ends. Returns the way to take that back. */
function endWithThisProcess(child: ChildProcess): () => void {
  const kill = () => void child.kill('SIGKILL')
  // A signal ends node without an 'exit' event. Ours must not be the listener that keeps the process alive.
  const killAndPassOn = (signal: NodeJS.Signals) => {
    letLive()
    kill()
    if (process.listenerCount(signal) === 0) process.kill(process.pid, signal)
  }
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  const letLive = () => {
    process.removeListener('exit', kill)
    for (const signal of signals) process.removeListener(signal, killAndPassOn)
  }
  process.once('exit', kill)
  for (const signal of signals) process.on(signal, killAndPassOn)
  return letLive
}

async function readAddress(stdout: Readable, exited: Promise<unknown>): Promise<string> {
  const lines = createInterface({ input: stdout })
  const deadline = AbortSignal.timeout(startTimeoutMs)
  const listening = new Promise<string>((resolve, reject) => {
    lines.on('line', (line) => {
      const address = /^Listening on (\S+)$/.exec(line)?.[1]
      if (address !== undefined) resolve(`http://${address}`)
    })
    deadline.addEventListener('abort', () =>
      reject(new Error('anvil did not listen in time', { cause: deadline.reason })),
    )
    exited.then(() => reject(new Error('anvil ended before it listened')), reject)
  })
  return listening.finally(() => lines.close())
}

async function call(url: string, method: string, params: readonly unknown[]): Promise<unknown> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  })
  const answer: unknown = await response.json()
  if (typeof answer !== 'object' || answer === null || !('result' in answer)) {
    throw new Error(`anvil refused ${method}: ${JSON.stringify(answer)}`)
  }
  return answer.result
}
