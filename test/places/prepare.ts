import { execFileSync } from 'node:child_process'
import { planChromium, readMachine } from './chromium.js'
import { installRuntime } from './runtimes/install-runtime.js'
import { type RuntimePackage, runtimes } from './runtimes/runtimes.js'

/** The beginning of `npm run test:places`: says what it needs, installs what it can, and ends where it can't, before any test runs. */
const packages = new Map(
  runtimes.flatMap(({ package: one }) => (one === undefined ? [] : [[toName(one), one] as const])),
)

console.log(`test:places needs:
  Chromium            at /usr/bin/chromium, or where CHROMIUM says; installed by apt-get where that is there and may
  ${packages.size} runtimes          ${[...packages.keys()].join(', ')}; from npm into .cache/runtimes, once, about 900 MB
  npm                 to pack this package and to install it elsewhere`)

try {
  prepareChromium()
  for (const [name, runtime] of packages) console.log(`${name}: ${await prepareRuntime(name, runtime)}`)
} catch (error) {
  console.error(`\ntest:places can't run here. ${error instanceof Error ? error.message : error}`)
  process.exitCode = 1
}

function prepareChromium(): void {
  const plan = planChromium(readMachine())
  if (plan.step === 'refuse') throw new Error(plan.reason)
  if (plan.step === 'install') {
    console.log('Chromium: installing it with apt-get')
    installByApt(plan.program)
  }
  console.log(`Chromium: ${plan.program}`)
}

function installByApt(program: string): void {
  try {
    for (const args of [['update'], ['install', '--yes', '--no-install-recommends', 'chromium']]) {
      execFileSync('apt-get', args, { stdio: ['ignore', 'ignore', 'inherit'] })
    }
  } catch (cause) {
    throw new Error('apt-get could not install Chromium: install it, or set CHROMIUM to the path of its program.', {
      cause,
    })
  }
  if (readMachine().has(program)) return
  throw new Error(`apt-get installed no ${program}: install Chromium, and set CHROMIUM to the path of its program.`)
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
