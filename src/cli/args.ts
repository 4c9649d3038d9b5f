// biome-ignore-all lint/correctness/noNodejsModules: the command line is for Node alone
import { parseArgs } from 'node:util'
import { findMeant } from './config/problem.js'

/** What a command was given. */
export type Args = ReturnType<typeof parse>

const OPTIONS = {
  config: { type: 'string' },
  ledger: { type: 'string' },
  by: { type: 'string' },
  reason: { type: 'string' },
  schema: { type: 'string' },
  migration: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
} as const

/** What each option that takes a value takes. */
const VALUES: Readonly<Record<string, string>> = {
  config: 'the name of a file',
  ledger: 'the name of a file',
  by: 'a name',
  reason: 'a text',
  schema: 'the name of a schema',
}

/**
 * Reads what follows the program's name, for all commands alike.
 *
 * @param args - As they were written.
 * @returns Options and words; or what is wrong with them, in words of ours, which repeat no value: it may be a secret.
 */
export function readArgs(args: readonly string[]): Args | { readonly problem: string } {
  try {
    const read = parse(args)
    const empty = Object.entries(read.values).find(([, value]) => value === '')
    return empty === undefined ? read : { problem: explainMissing(empty[0]) }
  } catch {
    return { problem: explainArgs(args) }
  }
}

/**
 * Finds an option that a command doesn't take.
 *
 * @param values - As {@link readArgs} read them.
 * @param taken - What the command takes.
 */
export function findForeign(values: Args['values'], taken: readonly string[]): string | undefined {
  return Object.keys(values).find((name) => !taken.includes(name))
}

function parse(args: readonly string[]) {
  return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true, strict: true })
}

function explainArgs(args: readonly string[]): string {
  const names = Object.keys(OPTIONS)
  const option = args.find((arg) => {
    const [, name = ''] = /^--([^=]*)/.exec(arg) ?? []
    return arg.startsWith('-') && !names.includes(name) && !/^-[hv]+$/.test(arg)
  })
  if (option !== undefined) {
    const [name = ''] = option.split('=')
    const meant = findMeant(name.replace(/^-+/, ''), names)
    return `there is no option ${name.slice(0, 40)}${meant === undefined ? '' : `; did you mean --${meant}?`}`
  }
  const without = args.find((arg, place) => {
    const next = args[place + 1]
    return VALUES[arg.slice(2)] !== undefined && (next === undefined || next.startsWith('-'))
  })
  if (without !== undefined) return explainMissing(without.slice(2))
  return `${names
    .filter((name) => VALUES[name] === undefined)
    .map((name) => `--${name}`)
    .join(', ')} take no value`
}

function explainMissing(name: string): string {
  return `--${name} needs ${VALUES[name]}`
}
