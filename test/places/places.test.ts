import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { type Machine, planProgram, programs, type WantedProgram } from './programs.js'

const run = promisify(execFile)
const tsx = createRequire(import.meta.url).resolve('tsx/cli')

function createMachine(installed: readonly string[], change: Partial<Machine> = {}): Machine {
  return { named: () => undefined, isRoot: true, has: (program) => installed.includes(program), ...change }
}

const other = { named: (variable: string) => (variable === 'CHROMIUM' ? '/opt/chrome' : undefined) }
const [chromium] = programs as readonly [WantedProgram]

describe.each(programs)('planProgram of $name', (wanted) => {
  const { program } = wanted

  it('takes the one that is there', () => {
    expect(planProgram(wanted, createMachine([program], { isRoot: false }))).toEqual({ step: 'take', program })
  })

  it('installs it where there is apt-get, for root', () => {
    expect(planProgram(wanted, createMachine(['apt-get']))).toEqual({ step: 'install', program })
  })

  it('refuses where there is no apt-get, and says what to install', () => {
    const words = new RegExp(
      `^${wanted.name} is missing: there is no ${program}. Install .+(on the PATH|of its program).$`,
    )
    expect(planProgram(wanted, createMachine([]))).toEqual({ step: 'refuse', reason: expect.stringMatching(words) })
  })

  it('refuses where somebody else must install it, and says how', () => {
    const words = `Install it with "sudo apt-get install ${wanted.package}"`
    const machine = createMachine(['apt-get'], { isRoot: false })
    expect(planProgram(wanted, machine)).toEqual({ step: 'refuse', reason: expect.stringContaining(words) })
  })
})

describe('planProgram of Chromium', () => {
  it('takes the one that the environment names', () => {
    const machine = createMachine([chromium.program, '/opt/chrome'], other)
    expect(planProgram(chromium, machine)).toEqual({ step: 'take', program: '/opt/chrome' })
  })

  it('refuses where the environment names one that is missing, and says which', () => {
    const reason = expect.stringContaining('CHROMIUM says /opt/chrome')
    expect(planProgram(chromium, createMachine([chromium.program], other))).toEqual({ step: 'refuse', reason })
  })
})

it('npm run test:places: says what it needs, and ends before any test where it cannot have it', async () => {
  const environment = { ...process.env, CHROMIUM: '/nowhere/chromium' }
  const prepared = run(process.execPath, [tsx, '--tsconfig', 'test/tsconfig.json', 'test/places/prepare.ts'], {
    env: environment,
  })
  await expect(prepared).rejects.toMatchObject({
    code: 1,
    stdout: expect.stringMatching(
      /^test:places needs:\n +Chromium .*\n +Redis, Postgres .*\n +\d+ runtimes .*about 900 MB\n +npm /,
    ),
    stderr: expect.stringContaining("test:places can't run here. CHROMIUM says /nowhere/chromium"),
  })
})
