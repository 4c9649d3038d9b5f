import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { type Machine, planChromium } from './chromium.js'

const run = promisify(execFile)
const tsx = createRequire(import.meta.url).resolve('tsx/cli')
const usual = '/usr/bin/chromium'

function createMachine(programs: readonly string[], change: Partial<Machine> = {}): Machine {
  return { named: undefined, isRoot: true, has: (program) => programs.includes(program), ...change }
}

describe('planChromium', () => {
  it('takes the one that is there', () => {
    expect(planChromium(createMachine([usual]))).toEqual({ step: 'take', program: usual })
  })

  it('takes the one that the environment names', () => {
    const machine = createMachine([usual, '/opt/chrome'], { named: '/opt/chrome' })
    expect(planChromium(machine)).toEqual({ step: 'take', program: '/opt/chrome' })
  })

  it('installs it where there is apt-get, for root', () => {
    expect(planChromium(createMachine(['apt-get']))).toEqual({ step: 'install', program: usual })
  })

  it.each<[string, Machine, string]>([
    [
      'the environment names one that is missing',
      createMachine([usual], { named: '/opt/chrome' }),
      'CHROMIUM says /opt/chrome',
    ],
    ['there is no apt-get', createMachine([]), 'set CHROMIUM to the path'],
    ['somebody else must install it', createMachine(['apt-get'], { isRoot: false }), 'sudo apt-get install chromium'],
  ])('refuses where %s, and says what to do', (_what, machine, words) => {
    expect(planChromium(machine)).toEqual({ step: 'refuse', reason: expect.stringContaining(words) })
  })
})

it('npm run test:places: says what it needs, and ends before any test where it cannot have it', async () => {
  const environment = { ...process.env, CHROMIUM: '/nowhere/chromium' }
  const prepared = run(process.execPath, [tsx, '--tsconfig', 'test/tsconfig.json', 'test/places/prepare.ts'], {
    env: environment,
  })
  await expect(prepared).rejects.toMatchObject({
    code: 1,
    stdout: expect.stringMatching(/^test:places needs:\n +Chromium .*\n +\d+ runtimes .*about 900 MB\n +npm /),
    stderr: expect.stringContaining("test:places can't run here. CHROMIUM says /nowhere/chromium"),
  })
})
