// biome-ignore-all lint/correctness/noNodejsModules: the command line is for Node alone
import { spawn } from 'node:child_process'
import type { KeySource } from './config/schema.js'
import type { Terminal } from './terminal.js'

/** How long a command that prints a key may take: a person may have to unlock what holds it. */
const PATIENCE_MS = 30_000

/** Longer than any key, in bytes. */
const MAX_BYTES = 4_096

/** A key, or why there is none. The reason never holds what was read. */
export type ReadKey = { readonly key: string } | { readonly problem: string }

/**
 * Reads a key from an environment variable, or from what a command prints. The command is started without a shell and without this process's
 * input; what it prints goes nowhere else, and what it says of errors isn't shown, since it may hold the key.
 *
 * @param source - As the configuration has it.
 * @param terminal - Has the environment.
 * @param patienceMs - How long the command may take.
 */
export async function readKey(
  source: KeySource,
  terminal: Terminal,
  patienceMs: number = PATIENCE_MS,
): Promise<ReadKey> {
  if ('env' in source) {
    const key = terminal.env[source.env]?.trim()
    if (key) return { key }
    return {
      problem: `the environment variable ${source.env} isn't set; an MCP host sets it by "env" in its own configuration`,
    }
  }
  const printed = await runCommand(source.command, terminal, patienceMs)
  if ('problem' in printed) return printed
  const key = printed.key.trim()
  return key === '' ? { problem: `${nameCommand(source.command)} printed nothing` } : { key }
}

function runCommand(command: readonly string[], { env }: Terminal, patienceMs: number): Promise<ReadKey> {
  const [program = '', ...args] = command
  const name = nameCommand(command)
  return new Promise((resolve) => {
    const child = start(program, args, env)
    if (child === undefined) return resolve({ problem: `${name} can't be started` })
    const chunks: Buffer[] = []
    let bytes = 0
    const end = (read: ReadKey) => {
      clearTimeout(timer)
      child.kill('SIGKILL')
      child.stdout.destroy()
      resolve(read)
    }
    const timer = setTimeout(
      () => end({ problem: `${name} took longer than ${patienceMs / 1000} seconds` }),
      patienceMs,
    )
    child.stdout.on('data', (chunk: Buffer) => {
      chunks.push(chunk)
      bytes += chunk.length
      if (bytes > MAX_BYTES) end({ problem: `${name} printed more than a key` })
    })
    child.on('error', () => end({ problem: `${name} can't be started; is it installed, and in PATH?` }))
    child.on('close', (code) => {
      if (code === 0) end({ key: Buffer.concat(chunks).toString('utf8') })
      else end({ problem: `${name} ended with ${code ?? 'a signal'} instead of 0; run it by itself to see why` })
    })
  })
}

/** `undefined` where the platform refuses at once, such as a list of arguments that is too long. */
function start(program: string, args: readonly string[], env: Terminal['env']) {
  try {
    return spawn(program, args, { env, shell: false, stdio: ['ignore', 'pipe', 'ignore'], windowsHide: true })
  } catch {
    return undefined
  }
}

/** The program alone: its arguments may say where a secret is kept. */
function nameCommand([program = '']: readonly string[]): string {
  return `the command "${program.slice(0, 60)}"`
}
