import { execFileSync } from 'node:child_process'
import { planProgram, programs, readMachine, toWay, type WantedProgram } from './programs.js'
import { installRuntime } from './runtimes/install-runtime.js'
import { type RuntimePackage, runtimes } from './runtimes/runtimes.js'

/** The beginning of `npm run test:places`: says what it needs, installs what it can, and ends where it can't, before any test runs. */
const packages = new Map(
  runtimes.flatMap(({ package: one }) => (one === undefined ? [] : [[toName(one), one] as const])),
)

console.log(`test:places needs:
  Chromium            at /usr/bin/chromium, or where CHROMIUM says; installed by apt-get where that is there and may
  Redis, Postgres     redis-server and postgres, on the PATH or where Debian puts them; installed in the same way
  ${packages.size} runtimes          ${[...packages.keys()].join(', ')}; from npm into .cache/runtimes, once, about 900 MB
  npm                 to pack this package and to install it elsewhere`)

try {
  for (const wanted of programs) prepareProgram(wanted)
  for (const [name, runtime] of packages) console.log(`${name}: ${await prepareRuntime(name, runtime)}`)
} catch (error) {
  console.error(`\ntest:places can't run here. ${error instanceof Error ? error.message : error}`)
  process.exitCode = 1
}

function prepareProgram(wanted: WantedProgram): void {
  const plan = planProgram(wanted, readMachine())
  if (plan.step === 'refuse') throw new Error(plan.reason)
  if (plan.step === 'install') {
    console.log(`${wanted.name}: installing it with apt-get`)
    installByApt(wanted)
  }
  console.log(`${wanted.name}: ${plan.program}`)
}

function installByApt(wanted: WantedProgram): void {
  const { name, program, package: debian } = wanted
  try {
    for (const args of [['update'], ['install', '--yes', '--no-install-recommends', debian]]) {
      execFileSync('apt-get', args, { stdio: ['ignore', 'ignore', 'inherit'] })
    }
  } catch (cause) {
    throw new Error(`apt-get could not install ${name}: install it, ${toWay(wanted)}.`, { cause })
  }
  if (readMachine().has(program)) return
  throw new Error(`apt-get installed no ${program}: install ${name}, ${toWay(wanted)}.`)
}

async function prepareRuntime(name: string, runtime: RuntimePackage): Promise<string> {
  try {
    return await installRuntime(runtime)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.trim() : cause
    throw new Error(`npm could not install ${name} into .cache/runtimes: ${why}`, { cause })
  }
}

function toName({ name, version }: RuntimePackage): string {
  return `${name}@${version}`
}
