import { execPath } from 'node:process'
import { describe, expect, it } from 'vitest'
import { readKey } from '../../../src/cli/key-source.js'
import { createTerminal } from './create-terminal.js'

const { terminal } = createTerminal({ env: { PATH: process.env['PATH'], PAY402_KEY: ' 0xkey\n', EMPTY: '' } })
/** A command that runs a line of JavaScript. */
const command = (line: string, ...args: string[]) => ({ command: [execPath, '-e', line, ...args] })

describe('readKey', () => {
  it('takes it from the environment, without what surrounds it', async () => {
    expect(await readKey({ env: 'PAY402_KEY' }, terminal)).toEqual({ key: '0xkey' })
  })

  it.each(['EMPTY', 'MISSING'])('names the variable that holds none: %s', async (name) => {
    expect(await readKey({ env: name }, terminal)).toEqual({
      problem: `the environment variable ${name} isn't set; an MCP host sets it by "env" in its own configuration`,
    })
  })

  it('takes it from what a command prints, without what surrounds it', async () => {
    expect(await readKey(command('console.log("  0xkey  ")'), terminal)).toEqual({ key: '0xkey' })
  })

  it('hands arguments on as they are, without a shell', async () => {
    const read = await readKey(command('console.log(process.argv[1])', '$HOME; echo `id` > x'), terminal)
    expect(read).toEqual({ key: '$HOME; echo `id` > x' })
  })

  it('gives a command the environment, and none of its own input', async () => {
    const line = 'process.stdin.on("end", () => console.log(process.env.PAY402_KEY.trim() + "!")).resume()'
    expect(await readKey(command(line), terminal)).toEqual({ key: '0xkey!' })
  })

  it.each([
    [
      'fails',
      'console.log("0xsecret"); console.error("0xsecret"); process.exit(3)',
      'ended with 3 instead of 0; run it by itself to see why',
    ],
    ['prints nothing', '', 'printed nothing'],
    ['prints far more than a key', 'process.stdout.write("0xsecret".repeat(9999))', 'printed more than a key'],
  ])('says so where a command %s, and repeats nothing of what it printed', async (_, line, problem) => {
    const name = `the command "${execPath.slice(0, 60)}"`
    expect(await readKey(command(line), terminal)).toEqual({ problem: `${name} ${problem}` })
  })

  it('says so where there is no such command', async () => {
    expect(await readKey({ command: ['no-such-command'] }, terminal)).toEqual({
      problem: 'the command "no-such-command" can\'t be started; is it installed, and in PATH?',
    })
  })

  it('ends a command that goes on and on', async () => {
    const read = await readKey(command('setInterval(() => undefined, 1000)'), terminal, 1)
    expect(read).toMatchObject({ problem: expect.stringContaining('took longer than 0.001 seconds') })
  })
})
