import { accessSync, constants, existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Where Debian puts it. */
const USUAL = '/usr/bin/chromium'

/** What of a machine decides how it comes by Chromium. */
export type Machine = {
  /** The program that the environment names. */
  readonly named: string | undefined
  /** May install packages. */
  readonly isRoot: boolean
  /** Whether there is a program, by its path or its name. */
  has(program: string): boolean
}

/** What to do about Chromium: take the one that is there, install Debian's, or say why neither can be done. */
export type ChromiumPlan =
  | { readonly step: 'take'; readonly program: string }
  | { readonly step: 'install'; readonly program: string }
  | { readonly step: 'refuse'; readonly reason: string }

/** Decides how this machine comes by Chromium, without changing anything. */
export function planChromium({ named, isRoot, has }: Machine): ChromiumPlan {
  const program = named ?? USUAL
  if (has(program)) return { step: 'take', program }
  if (named !== undefined) {
    return { step: 'refuse', reason: `CHROMIUM says ${named}, and there is no such program. Name another, or none.` }
  }
  const missing = `Chromium is missing: there is no ${USUAL}.`
  if (!has('apt-get')) {
    return {
      step: 'refuse',
      reason: `${missing} Install Chromium or Chrome, and set CHROMIUM to the path of its program.`,
    }
  }
  if (!isRoot) {
    return {
      step: 'refuse',
      reason: `${missing} Install it with "sudo apt-get install chromium", or set CHROMIUM to the path of another.`,
    }
  }
  return { step: 'install', program }
}

/** Looks at this machine. */
export function readMachine(): Machine {
  const { CHROMIUM, PATH = '' } = process.env
  const folders = PATH.split(delimiter)
  return {
    named: CHROMIUM,
    isRoot: process.getuid?.() === 0,
    has: (program) => (program.includes('/') ? [program] : folders.map((folder) => join(folder, program))).some(canRun),
  }
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
