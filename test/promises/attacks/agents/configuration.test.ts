import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { runProgram } from '../../../../src/cli/program.js'
import { createTerminal } from '../../../unit/cli/create-terminal.js'

/** Starts the program with a configuration, and ends its input. */
async function start(config: object) {
  const cwd = mkdtempSync(join(tmpdir(), 'pay402-mistakes-'))
  onTestFinished(() => rmSync(cwd, { recursive: true }))
  const all = { key: { env: 'K' }, ledger: 'l', limits: { networks: ['eip155:1'] }, ...config }
  writeFileSync(
    join(cwd, 'pay402.json'),
    JSON.stringify(all).replace('"limits"', '\n"limits"').replace('"rpc"', '\n"rpc"'),
  )
  const { terminal, stdin, readStderr } = createTerminal({
    cwd,
    env: { K: '11'.repeat(32), PATH: process.env['PATH'] },
  })
  stdin.end()
  return { code: await runProgram(['mcp', '--config', 'pay402.json'], terminal), told: readStderr() }
}

describe('a mistake in a configuration', () => {
  it.each([
    ['no address at all', []],
    ['a password in it', 'https://me:hunter22@rpc.example.com'],
    ['a blank in it, and a key', 'http://'],
  ])('of an RPC with %s is not blamed on the key, and its address is not repeated', async (_, rpc) => {
    const { code, told } = await start({ rpc: { 'eip155:1': rpc } })
    expect(code).toBe(2)
    expect(told).toMatch(/line 3, rpc\S*: must be /)
    expect(told).not.toMatch(/private key|hunter22/)
  })

  it('that names a cluster of Solana as no seller does is told, with its line', async () => {
    const { code, told } = await start({ limits: { networks: ['eip155:1', 'solana:devnet'] } })
    expect(code).toBe(2)
    expect(told).toContain('line 2, limits.networks[1]: must be a network of EVM chains or Solana')
  })

  it('that gives the command of a key more than a platform takes is told, and none of it is repeated', async () => {
    const { code, told } = await start({ key: { command: ['cat', `secret-${'x'.repeat(200_000)}`] } })
    expect(code).toBe(2)
    expect(told).toContain('the command "cat" can\'t be started')
    expect(told).not.toContain('secret-')
  })
})
