import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

/** A program that tells one value as JSON on its last line. */
export type Program = {
  /** Runs it in a process of its own. */
  run<Told>(parameters?: readonly string[], nodeOptions?: readonly string[]): Promise<Told>
  /** Where it is, for one that goes on running. */
  readonly path: string
}

/**
 * Compiles programs, each for a process of its own: what they replace, collect or measure is nobody else's, and a compiler that runs
 * alongside would be measured with them.
 *
 * @param sources - Files that import pay402 as a user does, by the names of its entries.
 * @param folder - Inside `.cache`; emptied first, so no two processes may share one.
 */
export async function compilePrograms<Name extends string>(
  sources: Readonly<Record<Name, URL>>,
  folder: string,
): Promise<Record<Name, Program>> {
  const outdir = join('.cache', folder)
  await rm(outdir, { recursive: true, force: true })
  const files = Object.entries<URL>(sources).map(([name, url]) => [name, fileURLToPath(url)] as const)
  await build({
    entryPoints: files.map(([out, file]) => ({ in: file, out })),
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true, // what is loaded on demand stays so
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    tsconfig: 'test/tsconfig.json', // which knows where the entries' sources are
    logLevel: 'warning',
  })
  const programs = files.map(([name]) => [name, toProgram(join(outdir, `${name}.mjs`))])
  return Object.fromEntries(programs) as Record<Name, Program>
}

function toProgram(path: string): Program {
  return {
    path,
    async run(parameters = [], nodeOptions = []) {
      const child = spawn(process.execPath, [...nodeOptions, path, ...parameters], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      const ended = once(child, 'close')
      const chunks: Buffer[] = await child.stdout.toArray()
      const [code] = await ended
      const lines = Buffer.concat(chunks).toString().trim().split('\n')
      if (code !== 0) throw new Error(`${basename(path)} ended with ${code}: ${lines.join('\n')}`)
      return JSON.parse(lines.at(-1) ?? '')
    },
  }
}
