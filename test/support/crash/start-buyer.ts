import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { build } from 'tsup'
import { onTestFinished } from 'vitest'
import { Line, type Outcome, type Plan } from './plan.js'

/** What one run of the buyer came to. */
export type Run = {
  /** It killed itself where the plan says so. */
  readonly killed: boolean
  /** The moments that it passed, in order. */
  readonly seams: readonly string[]
  readonly outcomes: readonly Outcome[]
}

/** Runs the buyer in a process of its own, and waits until it's gone. */
export async function runBuyer(plan: Plan): Promise<Run> {
  const script = await bundle()
  const child = spawn(process.execPath, [script, JSON.stringify(plan)], { stdio: ['ignore', 'pipe', 'inherit'] })
  const gone = once(child, 'close')
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await gone
  })
  const seams: string[] = []
  const outcomes: Outcome[] = []
  for await (const text of createInterface({ input: child.stdout })) {
    const line = Line.parse(JSON.parse(text))
    if ('seam' in line) seams.push(line.seam)
    else outcomes.push(line)
  }
  const [code, signal] = await gone
  if (code !== 0 && signal !== 'SIGKILL') throw new Error(`the buyer ended with ${code ?? signal}`)
  return { killed: signal === 'SIGKILL', seams, outcomes }
}

let bundled: Promise<string> | undefined

/** Once for each worker: a child that compiles itself first starts five times as slowly. */
function bundle(): Promise<string> {
  bundled ??= bundleInto(`.cache/crash-${process.env['VITEST_POOL_ID']}`)
  return bundled
}

async function bundleInto(outDir: string): Promise<string> {
  await build({
    entry: [fileURLToPath(new URL('./buyer.ts', import.meta.url))],
    outDir,
    outExtension: () => ({ js: '.mjs' }),
    format: 'esm',
    target: 'node20',
    platform: 'node',
    // It is CommonJS, which can't be put into a module; the bundle lies where it's found.
    external: ['axios'],
    noExternal: [/^(?!axios$)/],
    splitting: true,
    treeshake: true,
    minify: true,
    clean: true,
    config: false,
    silent: true,
  })
  return join(outDir, 'buyer.mjs')
}
