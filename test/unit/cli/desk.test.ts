import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { EXAMPLE } from '../../../src/cli/config/config.js'
import { runProgram } from '../../../src/cli/program.js'
import { openDesk } from '../../../src/desk/index.js'
import { wrapFetchWithPayment } from '../../../src/fetch/index.js'
import { x402Client } from '../../../src/index.js'
import { createFileLedger } from '../../../src/ledger/file/index.js'
import { createSeller, TestScheme } from '../../../src/testing/index.js'
import { createTerminal } from './create-terminal.js'

/** A folder with a configuration of `pay402 mcp`, and the ledger that it leads to. */
async function createPlace() {
  const cwd = mkdtempSync(join(tmpdir(), 'pay402-cli-'))
  onTestFinished(() => rmSync(cwd, { recursive: true }))
  mkdirSync(join(cwd, 'pay402'))
  writeFileSync(join(cwd, 'pay402/pay402.json'), EXAMPLE)
  const path = join(cwd, 'pay402/mcp.ledger')
  await (await createFileLedger(path)).close()
  const env = { XDG_CONFIG_HOME: cwd, XDG_STATE_HOME: cwd, USER: 'ann' }

  async function run(args: readonly string[], more: Record<string, string> = {}, user = '') {
    const { terminal, readStdout, readStderr } = createTerminal({ cwd, env: { ...env, ...more }, user })
    const code = await runProgram(args, terminal)
    return { code, stdout: readStdout(), stderr: readStderr() }
  }

  /** Looks into the ledger. */
  async function look<Result>(read: (desk: ReturnType<typeof openDesk>) => Promise<Result>): Promise<Result> {
    const ledger = await createFileLedger(path)
    try {
      return await read(openDesk(ledger))
    } finally {
      await ledger.close()
    }
  }

  return { cwd, path, run, look }
}

describe('pay402 freeze', () => {
  it('freezes the ledger that the configuration of mcp leads to, in the name of who is logged in', async () => {
    const { path, run, look } = await createPlace()
    expect(await run(['freeze'])).toEqual({
      code: 0,
      stdout: `Frozen: no client signs or sends a payment until "pay402 thaw". Its ledger is ${path}.\n`,
      stderr: '',
    })
    expect(await look((desk) => desk.frozen())).toMatchObject({ by: 'ann' })
  })

  it('takes the ledger, the name and the reason that it is given', async () => {
    const { run, look } = await createPlace()
    const { code } = await run(['freeze', '--ledger', 'pay402/mcp.ledger', '--by', 'ben', '--reason', 'an audit'])
    expect(code).toBe(0)
    expect(await look((desk) => desk.frozen())).toMatchObject({ by: 'ben', reason: 'an audit' })
  })

  it('says who froze it, where it is frozen already', async () => {
    const { path, run } = await createPlace()
    await run(['freeze', '--by', 'ben', '--reason', 'an audit'])
    const { code, stdout } = await run(['freeze'])
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: `Frozen already, by ben: an audit. Its ledger is ${path}.\n`,
    })
  })

  it('needs no key, though the configuration names one', async () => {
    const { run } = await createPlace()
    expect((await run(['freeze'], { PAY402_KEY: '' })).code).toBe(0)
  })

  it('refuses a ledger that is not there, and makes none: it would stop no one', async () => {
    const { cwd, run } = await createPlace()
    const missing = join(cwd, 'payment.ledger')
    expect(await run(['freeze', '--ledger', 'payment.ledger'])).toEqual({
      code: 1,
      stdout: '',
      stderr: `pay402: there is no ledger at ${missing}; nothing was changed.\n`,
    })
    expect(existsSync(missing)).toBe(false)
  })

  it.each(['redis://:hunter2@localhost:6379', 'postgres://localhost/shop'])(
    'refuses %s: it is no file, and another command would look as if it had frozen it',
    async (address) => {
      const { cwd, run } = await createPlace()
      expect(await run(['freeze', '--ledger', address])).toEqual({
        code: 2,
        stdout: '',
        stderr:
          "pay402: --ledger is a file; freeze can't use Redis or Postgres. For those, a script is in /package/docs/guides/fleet.md.\n",
      })
      expect(readdirSync(cwd)).toEqual(['pay402'])
    },
  )

  it('says how to name a ledger, where there is no configuration either', async () => {
    const { cwd, run } = await createPlace()
    const { code, stderr } = await run(['freeze'], { XDG_CONFIG_HOME: join(cwd, 'empty') })
    expect(code).toBe(2)
    expect(stderr).toMatch(/^No --ledger was given, so the configuration of mcp was looked up\.\nThere is no config/)
  })

  it('says so, and decides nothing, where the file is no ledger', async () => {
    const { cwd, run } = await createPlace()
    writeFileSync(join(cwd, 'letter.txt'), 'hello\nworld\n')
    const { code, stdout, stderr } = await run(['freeze', '--ledger', 'letter.txt'])
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/^pay402: The ledger's file was changed or damaged.+Assume that nothing was decided\.\n$/)
  })

  it.each([
    ['LOGNAME', { USER: '', LOGNAME: 'carol' }, 'carol'],
    ['USERNAME, as Windows has it', { USER: '', USERNAME: 'dave' }, 'dave'],
    ['the name of the account, where the environment has none', { USER: '' }, 'root', 'root'],
    ['no name at all', { USER: '' }, 'the command line', ''],
  ])('writes down a decision by %s', async (_, env, by, user = 'root') => {
    const { run, look } = await createPlace()
    await run(['freeze'], env, user)
    expect(await look((desk) => desk.decisions())).toMatchObject([{ type: 'frozen', by }])
  })
})

describe('pay402 freeze, while a client has the ledger open', () => {
  it('stops it at once, until it is thawed', async () => {
    const { path, run } = await createPlace()
    const ledger = await createFileLedger(path)
    onTestFinished(() => ledger.close())
    const seller = createSeller()
    const client = new x402Client({ ledger }).register('eip155:*', new TestScheme())
    const paidFetch = wrapFetchWithPayment(seller.fetch, client)
    expect((await run(['freeze', '--reason', 'it goes wrong'])).code).toBe(0)
    const refused = await paidFetch('https://seller.example/weather').catch((error) => error)
    expect(refused).toMatchObject({ code: 'FROZEN', money: 'untouched' })
    expect((await run(['thaw'])).code).toBe(0)
    expect((await paidFetch('https://seller.example/weather')).status).toBe(200)
    expect(seller.payments).toHaveLength(1)
  })
})

describe('pay402 thaw', () => {
  it('lets clients pay again, and the decision is kept with who made it', async () => {
    const { path, run, look } = await createPlace()
    await run(['freeze'])
    expect(await run(['thaw', '--by', 'ben', '--reason', 'all is well'])).toEqual({
      code: 0,
      stdout: `Thawed: clients may pay again. Its ledger is ${path}.\n`,
      stderr: '',
    })
    const { frozen, decisions } = await look(async (desk) => ({
      frozen: await desk.frozen(),
      decisions: await desk.decisions(),
    }))
    expect(frozen).toBeUndefined()
    expect(decisions).toMatchObject([
      { type: 'thawed', by: 'ben', reason: 'all is well' },
      { type: 'frozen', by: 'ann' },
    ])
  })

  it('says that it was not frozen, where it was not', async () => {
    const { path, run } = await createPlace()
    const { code, stdout } = await run(['thaw'])
    expect({ code, stdout }).toEqual({ code: 0, stdout: `It wasn't frozen. Its ledger is ${path}.\n` })
  })
})
