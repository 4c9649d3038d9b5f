import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import type { TestProject } from 'vitest/node'

declare module 'vitest' {
  export interface ProvidedContext {
    /** A project elsewhere, with what npm would install of this one and nothing but its dependencies. */
    consumer: string
    /** Every file that npm would publish. */
    published: string[]
  }
}

const SCRIPTS = [
  'decode-twice.mjs',
  'hold-to-contract.mjs',
  'load-pair.mjs',
  'pay-across-copies.mjs',
  'pay-without-a-part.mjs',
  'small-app.mjs',
  'small-app.test.mjs',
]

/** Builds the package once for all packaging tests, and installs the files that npm would publish into a folder of its own. */
export function setup(project: TestProject): () => void {
  execFileSync('npm', ['run', 'build', '--silent'], { stdio: ['ignore', 'ignore', 'inherit'] })
  const packed: [{ files: { path: string }[] }] = JSON.parse(
    execFileSync('npm', ['pack', '--dry-run', '--json', '--silent'], { encoding: 'utf8' }),
  )
  const published = packed[0].files.map(({ path }) => path)

  const consumer = mkdtempSync(join(tmpdir(), 'pay402-'))
  for (const path of published) cpSync(path, join(consumer, 'node_modules/pay402', path))
  mkdirSync(join(consumer, 'node_modules/@noble'))
  symlinkSync(resolve('node_modules/@noble/hashes'), join(consumer, 'node_modules/@noble/hashes'), 'dir')
  // What users bring themselves.
  for (const peer of ['axios', 'msw', 'viem', 'zod', '@x402'])
    symlinkSync(resolve('node_modules', peer), join(consumer, 'node_modules', peer), 'dir')
  // Node resolves imports from where a script lies, so these run from where a user's would.
  for (const script of SCRIPTS) {
    cpSync(join(dirname(import.meta.filename), script), join(consumer, script))
  }
  project.provide('consumer', consumer)
  project.provide('published', published)
  return () => rmSync(consumer, { recursive: true })
}
