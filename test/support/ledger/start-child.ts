import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { build } from 'tsup'

/** Programs, each for a process of its own. */
const PROGRAMS = {
  'begin-payment': new URL('./begin-payment.ts', import.meta.url),
  'buy-on-a-full-disk': new URL('./buy-on-a-full-disk.ts', import.meta.url),
  'buy-on-approval': new URL('./buy-on-approval.ts', import.meta.url),
  'busy-primary': new URL('./busy-primary.ts', import.meta.url),
  'cluster-workers': new URL('./cluster-workers.ts', import.meta.url),
  'hold-ledger': new URL('./hold-ledger.ts', import.meta.url),
  'measure-ledger': new URL('../../bench/measure-ledger.ts', import.meta.url),
  'measure-sharing': new URL('../../bench/measure-sharing.ts', import.meta.url),
  'pay-in-a-loop': new URL('./pay-in-a-loop.ts', import.meta.url),
  'share-budget': new URL('./share-budget.ts', import.meta.url),
  'share-ledger': new URL('./share-ledger.ts', import.meta.url),
  'pay-until-it-fails': new URL('./pay-until-it-fails.ts', import.meta.url),
  'work-off-a-job': new URL('./work-off-a-job.ts', import.meta.url),
  'weigh-ledger': new URL('./weigh-ledger.ts', import.meta.url),
}

type Program = keyof typeof PROGRAMS

/** Another process that works on a ledger. */
export type Child = {
  readonly pid: number | undefined
  /** What it tells, line by line, until it ends. */
  readonly lines: AsyncIterable<string>
  /** Tells it to go on, where it waits for that. */
  tell(): void
  /** Kills it, as a crash would, and waits until it's gone. */
  kill(): Promise<void>
}

/**
 * Starts a program in a process of its own.
 *
 * @param args - What it's given.
 * @param shell - What the shell does before, such as `umask 0`.
 */
export async function startChild(program: Program, args: readonly string[], shell = 'true'): Promise<Child> {
  const script = await bundleProgram(program)
  const command = ['-c', `${shell}; exec "$0" "$@"`, process.execPath, script, ...args]
  const child = spawn('/bin/sh', command, { stdio: ['pipe', 'pipe', 'inherit'] })
  const gone = once(child, 'exit')
  return {
    pid: child.pid,
    lines: createInterface({ input: child.stdout }),
    tell: () => void child.stdin.write('\n'),
    async kill() {
      child.kill('SIGKILL')
      await gone
    },
  }
}

/** Makes one file of a program, once for each worker, and returns where it is. */
export async function bundleProgram(program: Program): Promise<string> {
  return join(await bundle(program), `${program}.mjs`)
}

const bundles = new Map<Program, Promise<string>>()

/** Once for each program and worker: a child that compiles itself first starts five times as slowly. */
function bundle(program: Program): Promise<string> {
  const bundled = bundles.get(program) ?? bundleInto(`.cache/children-${process.env['VITEST_POOL_ID']}`, program)
  bundles.set(program, bundled)
  return bundled
}

async function bundleInto(outDir: string, program: Program): Promise<string> {
  await build({
    entry: [fileURLToPath(PROGRAMS[program])],
    outDir,
    outExtension: () => ({ js: '.mjs' }),
    format: 'esm',
    target: 'node20',
    platform: 'node',
    noExternal: [/.*/],
    clean: false,
    config: false,
    silent: true,
  })
  return outDir
}
