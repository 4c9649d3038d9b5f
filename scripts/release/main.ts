import { parseArgs } from 'node:util'
import { release } from './release.js'

const USAGE = 'npm run release -- <version> [--rehearse] [--checks <command>]'

function main(): boolean {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      rehearse: { type: 'boolean', default: false },
      checks: { type: 'string', default: '.ci/run' },
    },
  })
  const [version, ...more] = positionals
  if (version === undefined || more.length > 0) throw new Error(USAGE)
  const missing = release({
    root: process.cwd(),
    version,
    checks: values.checks,
    isRehearsal: values.rehearse,
    date: new Date().toISOString().slice(0, 10),
    tell,
  })
  if (missing.length > 0) tell('Not ready to be published. Everything else was done, and no file was changed.')
  return missing.length === 0
}

function tell(line: string): void {
  process.stdout.write(`${line}\n`)
}

try {
  process.exitCode = main() ? 0 : 1
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`)
  process.exitCode = 1
}
