import { accessSync, constants, existsSync, readdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** A program that isn't from npm, and that Debian has. */
export type WantedProgram = {
  /** As people call it. */
  readonly name: string
  /** Where Debian puts it, or what it is called in a folder of programs. */
  readonly program: string
  /** Debian's package. */
  readonly package: string
  /** What to install where there is no `apt-get`. */
  readonly else: string
  /** The variable of the environment that may name another one. */
  readonly variable?: string | undefined
}

/** What tests start, beside Node. */
export const programs: readonly WantedProgram[] = [
  {
    name: 'Chromium',
    program: '/usr/bin/chromium',
    package: 'chromium',
    else: 'Chromium or Chrome',
    variable: 'CHROMIUM',
  },
  { name: 'Redis', program: 'redis-server', package: 'redis-server', else: 'Redis 7 or newer' },
  { name: 'Postgres', program: 'postgres', package: 'postgresql', else: 'Postgres 13 or newer' },
]

/** What of a machine decides how it comes by its programs. */
export type Machine = {
  /** The program that the environment names in this variable. */
  named(variable: string): string | undefined
  /** May install packages. */
  readonly isRoot: boolean
  /** Whether there is a program, by its path or its name. */
  has(program: string): boolean
}

/** What to do about a program: take the one that is there, install Debian's, or say why neither can be done. */
export type ProgramPlan =
  | { readonly step: 'take'; readonly program: string }
  | { readonly step: 'install'; readonly program: string }
  | { readonly step: 'refuse'; readonly reason: string }

/** Decides how this machine comes by a program, without changing anything. */
export function planProgram(wanted: WantedProgram, { named, isRoot, has }: Machine): ProgramPlan {
  const other = wanted.variable === undefined ? undefined : named(wanted.variable)
  const program = other ?? wanted.program
  if (has(program)) return { step: 'take', program }
  if (other !== undefined) {
    const says = `${wanted.variable} says ${other}`
    return { step: 'refuse', reason: `${says}, and there is no such program. Name another, or none.` }
  }
  const missing = `${wanted.name} is missing: there is no ${program}.`
  if (!has('apt-get')) return { step: 'refuse', reason: `${missing} Install ${wanted.else}, ${toWay(wanted)}.` }
  if (!isRoot) {
    const install = `Install it with "sudo apt-get install ${wanted.package}"`
    const instead = wanted.variable === undefined ? '' : `, or set ${wanted.variable} to the path of another`
    return { step: 'refuse', reason: `${missing} ${install}${instead}.` }
  }
  return { step: 'install', program }
}

/** How a program that was installed by hand is found. */
export function toWay({ variable, program }: WantedProgram): string {
  return variable === undefined ? `so that ${program} is on the PATH` : `and set ${variable} to the path of its program`
}

/** Looks at this machine. */
export function readMachine(): Machine {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...listPostgresFolders()]
  return {
    named: (variable) => process.env[variable],
    isRoot: process.getuid?.() === 0,
    has: (program) => (program.includes('/') ? [program] : folders.map((folder) => join(folder, program))).some(canRun),
  }
}

/** Debian keeps each version's programs in a folder of its own, which is on no one's `PATH`. */
function listPostgresFolders(): readonly string[] {
  const versions = '/usr/lib/postgresql'
  return existsSync(versions) ? readdirSync(versions).map((version) => join(versions, version, 'bin')) : []
}

function canRun(path: string): boolean {
  if (!existsSync(path)) return false
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false // a file that isn't a program
  }
}
