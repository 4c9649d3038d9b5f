import { toMigration } from 'pay402/ledger/postgres'
import { expect, it } from 'vitest'
import { runProgram } from '../../../src/cli/program.js'
import { createTerminal } from './create-terminal.js'

async function run(args: readonly string[]) {
  const { terminal, stdout, readStderr } = createTerminal()
  let written = ''
  stdout.on('data', (chunk) => (written += chunk))
  const code = await runProgram(['ledger', ...args], terminal)
  return { code, stdout: written, stderr: readStderr() }
}

it('pay402 ledger postgres --migration: prints the migration and nothing else, so that psql can read it', async () => {
  expect(await run(['postgres', '--migration'])).toEqual({ code: 0, stdout: toMigration(), stderr: '' })
})

it('pay402 ledger postgres --migration: makes the schema that it is given', async () => {
  const { code, stdout } = await run(['postgres', '--migration', '--schema', 'reports'])
  expect({ code, stdout }).toEqual({ code: 0, stdout: toMigration({ schema: 'reports' }) })
  expect(stdout).not.toBe(toMigration())
})

it('pay402 ledger postgres --migration: prints nothing for a schema that no ledger could have', async () => {
  const { code, stdout, stderr } = await run(['postgres', '--migration', '--schema', 'a"; drop table b; --'])
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toMatch(/^pay402: .*`schema`.*\n$/)
})

it('pay402 ledger --help: shows how it is used', async () => {
  const { code, stdout } = await run(['--help'])
  expect(code).toBe(0)
  expect(stdout).toMatch(/^Usage: npx pay402 ledger postgres --migration \[--schema <name>\]\n/)
})

it('pay402 ledger postgres --migration: ends with code 1 where what reads it is gone', async () => {
  const { terminal, stdout } = createTerminal()
  stdout.destroy()
  expect(await runProgram(['ledger', 'postgres', '--migration'], terminal)).toBe(1)
})
