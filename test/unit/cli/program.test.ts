import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { EXAMPLE, readConfig } from '../../../src/cli/config/config.js'
import { findConfig, toLedgerPath } from '../../../src/cli/config/found-config.js'
import { runProgram } from '../../../src/cli/program.js'
import { createTerminal } from './create-terminal.js'

function createFolder(files: Readonly<Record<string, string>> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'pay402-cli-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  return folder
}

async function run(args: readonly string[], parts: Parameters<typeof createTerminal>[0] = {}) {
  const { terminal, readStdout, readStderr } = createTerminal(parts)
  const code = await runProgram(args, terminal)
  return { code, stdout: readStdout(), stderr: readStderr() }
}

describe('pay402', () => {
  it.each([[['--version']], [['-v']]])('%s tells its version', async (args) => {
    expect(await run(args)).toEqual({ code: 0, stdout: '1.2.3\n', stderr: '' })
  })

  it('mcp --help shows how that command is used, and where its page is', async () => {
    const { code, stdout, stderr } = await run(['mcp', '--help'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/^Usage: npx pay402 mcp \[--config <file>\]\n/)
    expect(stdout).toContain('"key": { "env": "PAY402_KEY" }')
    expect(stdout).toContain('All options are in /package/docs/guides/mcp-server.md.')
    expect((await run(['mcp', '-h'])).stdout).toBe(stdout)
  })

  it.each([[[]], [['--help']], [['-h']]])('%s shows its commands', async (args) => {
    const { code, stdout, stderr } = await run(args)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain('mcp [--config <file>]')
  })

  it.each(['freeze', 'thaw'])('%s --help shows how that command is used', async (command) => {
    const { code, stdout, stderr } = await run([command, '--help'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain(`Usage: npx pay402 ${command} [--ledger <file>] [--by <name>] [--reason <text>]\n`)
  })

  it.each([
    [['mpc'], 'there is no command "mpc"; known: mcp, freeze, thaw, ledger'],
    [['toString'], 'there is no command "toString"; known: mcp, freeze, thaw, ledger'],
    [['mcp', 'more'], '"mcp" takes no further words; name the configuration by --config'],
    [['mcp', '--confg', 'x'], 'there is no option --confg; did you mean --config?'],
    [['mcp', '--private-key', '0xsecret'], 'there is no option --private-key'],
    [['mcp', '--private-key=0xsecret'], 'there is no option --private-key'],
    [['mcp', '-k'], 'there is no option -k'],
    [['mcp', '--config'], '--config needs the name of a file'],
    [['mcp', '--config='], '--config needs the name of a file'],
    [['mcp', '--help=yes'], '--migration, --help, --version take no value'],
    [['mcp', '--ledger', 'x'], '"mcp" takes no --ledger; it takes --config'],
    [['--config', 'x'], 'a command is missing: mcp, freeze, thaw, ledger'],
    [['freeze', '--by'], '--by needs a name'],
    [['freeze', '--reason', '--by', 'ann'], '--reason needs a text'],
    [
      ['freeze', 'payments.ledger'],
      '"freeze" takes no further words; name the ledger by --ledger, and say why by --reason',
    ],
    [['thaw', '--ledger', 'x', '--config', 'y'], 'give --ledger or --config, not both'],
    [['ledger'], 'write "ledger postgres --migration": it is all that "ledger" does'],
    [['ledger', 'postgres'], 'write "ledger postgres --migration": it is all that "ledger" does'],
    [['ledger', 'redis', '--migration'], 'write "ledger postgres --migration": it is all that "ledger" does'],
    [['ledger', 'postgres', '--migration', '--schema='], '--schema needs the name of a schema'],
    [
      ['ledger', 'postgres', '--migration', '--config', 'x'],
      '"ledger" takes no --config; it takes --migration, --schema',
    ],
  ])('%s is refused in a sentence', async (args, sentence) => {
    expect(await run(args)).toEqual({ code: 2, stdout: '', stderr: `pay402: ${sentence}\nSee "pay402 --help".\n` })
  })
})

describe('pay402 mcp', () => {
  it('shows a configuration to copy where there is none', async () => {
    const cwd = createFolder()
    const { code, stdout, stderr } = await run(['mcp'], { cwd, env: { XDG_CONFIG_HOME: cwd } })
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(/^There is no configuration at /)
    expect(stderr).toContain(join(cwd, 'pay402', 'pay402.json'))
    expect(stderr).toContain(EXAMPLE)
  })

  it('runs no command of a configuration that only lies in the working folder', async () => {
    const trace = join(createFolder(), 'trace')
    const command = [process.execPath, '-e', `require('node:fs').writeFileSync(${JSON.stringify(trace)}, '')`]
    const text = JSON.stringify({ key: { command }, limits: { networks: ['eip155:84532'], perDay: '$1000' } })
    const cwd = createFolder({ 'pay402.json': text })
    const parts = { cwd, home: cwd, env: { XDG_STATE_HOME: cwd } }
    const { code, stderr } = await run(['mcp'], parts)
    expect({ code, ran: existsSync(trace) }).toEqual({ code: 2, ran: false })
    expect(stderr).toMatch(/^The pay402\.json of this folder isn't used unless you name it: --config pay402\.json\./)
    await run(['mcp', '--config', 'pay402.json'], parts)
    expect(existsSync(trace)).toBe(true)
  })

  it('says so where the configuration is a folder', async () => {
    const cwd = createFolder()
    const { code, stderr } = await run(['mcp', '--config', '.'], { cwd })
    expect(code).toBe(2)
    expect(stderr).toBe(`${cwd} can't be used:\n  it can't be read (EISDIR)\n`)
  })

  it.each([
    [
      'an asset without decimals',
      '"assets": [{ "network": "eip155:1", "asset": "0x1", "peg": "usd" }]',
      "limits.assets[0].peg: must be 'usd', beside a symbol and decimals",
    ],
    [
      'a host that none is',
      '"hosts": ["api.example.com", "a.example:99999"]',
      "limits.hosts[1]: must be a host such as 'api.example.com', '*.example.com', 'localhost:4021' or 'stdio:weather'",
    ],
    [
      'a window that is too long',
      '"windows": [{ "window": "400d", "payments": 1 }]',
      "limits.windows[0].window: must be a length of time up to '366d', such as '90s', '15m', '36h' or '7d'",
    ],
  ])('names the line of %s, which only the library finds', async (_, line, told) => {
    const text = `{ "key": { "env": "K" }, "limits": { "networks": ["eip155:1"],\n${line} } }`
    const cwd = createFolder({ 'pay402.json': text })
    const { code, stderr } = await run(['mcp', '--config', 'pay402.json'], { cwd })
    expect(code).toBe(2)
    expect(stderr).toBe(`${join(cwd, 'pay402.json')} can't be used:\n  line 2, ${told}\n`)
  })

  it.each([
    ['that is none', 'hello'],
    ['that is too short', '0x1234'],
    ['that no account has', `0x${'0'.repeat(64)}`],
    ['that no account has, being too large', `0x${'f'.repeat(64)}`],
  ])('refuses a key %s, and repeats nothing of it', async (_, key) => {
    const cwd = createFolder({ 'pay402.json': EXAMPLE })
    const { code, stderr } = await run(['mcp', '--config', 'pay402.json'], {
      cwd,
      env: { PAY402_KEY: key, XDG_STATE_HOME: cwd },
    })
    expect(code).toBe(2)
    expect(stderr).toContain('line 3, key: what it leads to is not the private key of an EVM account')
    expect(stderr).not.toContain(key)
  })

  it('refuses a Solana key that is none', async () => {
    const text = '{ "solanaKey": { "env": "K" }, "limits": { "networks": ["solana:*"] } }'
    const cwd = createFolder({ 'pay402.json': text })
    const { stderr } = await run(['mcp', '--config', 'pay402.json'], { cwd, env: { K: 'hello', XDG_STATE_HOME: cwd } })
    expect(stderr).toContain('line 1, solanaKey: what it leads to is not a Solana key: 64 or 32 bytes in base58')
  })

  describe('with a good configuration', () => {
    const parsed = { key: { env: 'PAY402_KEY' }, limits: { networks: ['eip155:84532', 'eip155:8453'] } }
    const open = (ledger: string | undefined) => {
      const files = { 'pay402.json': JSON.stringify({ ...parsed, ledger }), file: '', 'changed.ledger': 'no\nledger\n' }
      const cwd = createFolder(files)
      return { cwd, ...createTerminal({ cwd, env: { PAY402_KEY: '11'.repeat(32), XDG_STATE_HOME: cwd } }) }
    }
    const clientInfo = { name: 'a host', version: '1.0.0' }
    const params = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo }
    const initialize = `${JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params })}\n`

    it('serves until its input ends, says who pays, and ends with code 0', async () => {
      const { terminal, stdin, cwd, readStdout, readStderr } = open('payments.ledger')
      const ended = runProgram(['mcp', '--config', 'pay402.json'], terminal)
      stdin.end(initialize)
      expect(await ended).toBe(0)
      const serverInfo = { name: 'pay402', version: '1.2.3' }
      expect(JSON.parse(readStdout())).toMatchObject({ id: 1, result: { serverInfo } })
      expect(readStderr()).toBe(
        `pay402 1.2.3: an MCP server on stdin and stdout. It pays from 0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A, on eip155:84532 (play money) and eip155:8453 (real money), within ${join(cwd, 'pay402.json')}.\n`,
      )
    })

    it('ends with code 0 when no host ever spoke', async () => {
      const { terminal, stdin, readStdout } = open('payments.ledger')
      stdin.end()
      expect(await runProgram(['mcp', '--config', 'pay402.json'], terminal)).toBe(0)
      expect(readStdout()).toBe('')
    })

    it('goes on after a line that is no message, and ends at one that has no end', async () => {
      const { terminal, stdin, stdout, readStdout } = open('payments.ledger')
      const ended = runProgram(['mcp', '--config', 'pay402.json'], terminal)
      stdin.write(`hello\n${initialize}`)
      await once(stdout, 'readable')
      expect(JSON.parse(readStdout())).toMatchObject({ id: 1 })
      stdin.write('{'.repeat(11_000_000))
      expect(await ended).toBe(0)
    })

    it('shares its ledger with another one of the same configuration', async () => {
      const { terminal, stdin, cwd, stdout } = open('payments.ledger')
      const first = runProgram(['mcp', '--config', 'pay402.json'], terminal)
      stdin.write(initialize)
      await once(stdout, 'readable')
      const second = createTerminal({ cwd, env: terminal.env })
      second.stdin.end(initialize)
      expect(await runProgram(['mcp', '--config', 'pay402.json'], second.terminal)).toBe(0)
      expect(JSON.parse(second.readStdout())).toMatchObject({ id: 1, result: {} })
      stdin.end()
      expect(await first).toBe(0)
    })

    it.each([
      ['payments.ledger', 'payments.ledger', '"ledger", which is a budget of its own'],
      [undefined, 'pay402/mcp.ledger', '"name", which has a ledger and a budget of its own'],
    ])('says which option to change where another machine has the ledger %s', async (ledger, file, way) => {
      const { terminal, cwd, readStderr } = open(ledger)
      const holder = { pid: 1, boot: 'another', host: 'another', token: 'a'.repeat(32) }
      mkdirSync(dirname(join(cwd, file)), { recursive: true })
      writeFileSync(join(cwd, `${file}.lock`), JSON.stringify(holder))
      expect(await runProgram(['mcp', '--config', 'pay402.json'], terminal)).toBe(1)
      expect(readStderr()).toContain(`or give this one a configuration with another ${way}.`)
    })

    it.each([
      ['is a folder', '.', 'name another file by "ledger".'],
      ['is in a folder that can not be made', 'file/payments.ledger', 'name another file by "ledger".'],
      ['was changed', 'changed.ledger', 'restore a backup, or move it away.'],
    ])('says so, and ends with code 1, where its ledger %s', async (_, ledger, way) => {
      const { terminal, readStdout, readStderr } = open(ledger)
      expect(await runProgram(['mcp', '--config', 'pay402.json'], terminal)).toBe(1)
      expect(readStdout()).toBe('')
      const told = readStderr()
      expect(told).toMatch(/^pay402: .+\n$/)
      expect(told).toContain(way)
    })
  })
})

describe('findConfig', () => {
  it('takes --config before PAY402_CONFIG, and that before the one in the user’s own folder', async () => {
    const text = (name: string) => EXAMPLE.replace('{', `{ "name": "${name}",`)
    const cwd = createFolder({ 'pay402.json': text('here'), 'env.json': text('env'), 'named.json': text('named') })
    mkdirSync(join(cwd, 'pay402'))
    writeFileSync(join(cwd, 'pay402', 'pay402.json'), text('own'))
    const find = async (named: string | undefined, env: Record<string, string>) => {
      const found = await findConfig(named, createTerminal({ cwd, env: { XDG_CONFIG_HOME: cwd, ...env } }).terminal)
      return 'config' in found ? found.config.name : found.says
    }
    expect(await find('named.json', { PAY402_CONFIG: 'env.json' })).toBe('named')
    expect(await find(undefined, { PAY402_CONFIG: 'env.json' })).toBe('env')
    expect(await find(undefined, { PAY402_CONFIG: '' })).toBe('own')
    expect(await find('pay402.json', {})).toBe('here')
  })
})

describe('toLedgerPath', () => {
  const toPath = (more: object, parts: Parameters<typeof createTerminal>[0]) => {
    const read = readConfig(JSON.stringify({ key: { env: 'K' }, limits: { networks: ['eip155:1'] }, ...more }))
    if ('problems' in read) throw new Error(read.problems[0]?.text)
    return toLedgerPath({ ...read.value, path: '/etc/agents/pay402.json' }, createTerminal(parts).terminal)
  }

  it.each([
    ['linux', {}, '/home/someone/.local/state/pay402/mcp.ledger'],
    ['linux', { XDG_STATE_HOME: '/state' }, '/state/pay402/mcp.ledger'],
    ['linux', { XDG_STATE_HOME: 'relative' }, '/home/someone/.local/state/pay402/mcp.ledger'],
    ['darwin', {}, '/home/someone/Library/Application Support/pay402/mcp.ledger'],
    ['win32', { LOCALAPPDATA: '/local' }, '/local/pay402/mcp.ledger'],
  ])('on %s with %o is where such files go', (platform, env, path) => {
    expect(toPath({}, { platform, env })).toBe(path)
  })

  it('has a file of its own for each name', () => {
    expect(toPath({ name: 'team/researcher' }, {})).toBe('/home/someone/.local/state/pay402/team.researcher.ledger')
  })

  it.each([
    ['payments.ledger', '/etc/agents/payments.ledger'],
    ['/var/payments.ledger', '/var/payments.ledger'],
    ['~/payments.ledger', '/home/someone/payments.ledger'],
  ])('reads %s from the folder of the configuration', (ledger, path) => {
    expect(toPath({ ledger }, {})).toBe(path)
  })
})
