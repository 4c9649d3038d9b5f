// biome-ignore-all lint/correctness/noNodejsModules: the command line is for Node alone
import { access, readFile } from 'node:fs/promises'
import { dirname, isAbsolute, join, resolve } from 'node:path'
import type { Terminal } from '../terminal.js'
import { EXAMPLE, type ReadConfig, readConfig } from './config.js'
import { writeProblems } from './problem.js'

/** What the file is called where no other is named. */
const FILE = 'pay402.json'

/** A configuration with the file that it was read from. */
export type FoundConfig = ReadConfig & {
  /** Absolute. */
  readonly path: string
}

/**
 * Finds and reads the configuration: the file of `--config`, else that of `PAY402_CONFIG`, else `pay402.json` in the user's own configuration folder.
 * A `pay402.json` in the working folder is used only where it is named: hosts start servers in any project, and who wrote that file would choose the
 * limits, and the command that prints the key.
 *
 * @param named - What `--config` says; `undefined` where it isn't given.
 * @param terminal - Where the command runs.
 * @returns The configuration, or what to tell the person who started the command: all that is wrong, or an example to copy.
 */
export async function findConfig(
  named: string | undefined,
  terminal: Terminal,
): Promise<FoundConfig | { says: string }> {
  const file = named ?? (terminal.env['PAY402_CONFIG'] || undefined)
  const path = file === undefined ? join(toConfigFolder(terminal), FILE) : toNamedPath(file, terminal)
  const text = await readFile(path, 'utf8').catch((error: unknown) => ({ error }))
  if (typeof text !== 'string')
    return { says: (await findPassedOver(file, terminal)) + explainUnread(path, text.error, terminal) }
  const read = readConfig(text)
  return 'problems' in read ? { says: writeProblems(path, read.problems) } : { ...read.value, path }
}

/** The smallest configuration, to copy, and where all options are. */
export function writeExample(pages: string): string {
  return `${EXAMPLE}
All options are in ${join(pages, 'guides/mcp-server.md')}.
`
}

/** The file of the ledger: as the configuration names it, from its own folder on, or one for the agent's name in the user's state folder. */
export function toLedgerPath({ config, path }: FoundConfig, terminal: Terminal): string {
  if (config.ledger !== undefined) return toOwnPath(config.ledger, { path }, terminal)
  // Names have no dot, so no two of them share a file.
  return join(toStateFolder(terminal), `${config.name.replaceAll('/', '.')}.ledger`)
}

/** Reads a path that a configuration names: from its own folder on, or with `~/` from the user's. */
export function toOwnPath(file: string, { path }: Pick<FoundConfig, 'path'>, terminal: Terminal): string {
  return toPath(file, dirname(path), terminal)
}

/** Reads a path of the command line: from the working folder on. */
export function toNamedPath(file: string, terminal: Terminal): string {
  return toPath(file, terminal.cwd, terminal)
}

function toPath(file: string, from: string, { home }: Terminal): string {
  if (/^~[/\\]/.test(file)) return join(home, file.slice(2))
  return isAbsolute(file) ? file : resolve(from, file)
}

/** Source: XDG Base Directory Specification, "XDG_CONFIG_HOME"; on macOS and Windows, next to what is kept. */
function toConfigFolder(terminal: Terminal): string {
  const { env, home, platform } = terminal
  if (platform === 'darwin' || platform === 'win32') return toStateFolder(terminal)
  const { XDG_CONFIG_HOME: own } = env
  return join(own !== undefined && isAbsolute(own) ? own : join(home, '.config'), 'pay402')
}

/** Source: XDG Base Directory Specification, "XDG_STATE_HOME"; on macOS and Windows, where their programs keep such files. */
function toStateFolder({ env, home, platform }: Terminal): string {
  const { XDG_STATE_HOME: state, LOCALAPPDATA: local } = env
  if (platform === 'darwin') return join(home, 'Library/Application Support/pay402')
  if (platform === 'win32') return join(local || join(home, 'AppData/Local'), 'pay402')
  return join(state !== undefined && isAbsolute(state) ? state : join(home, '.local/state'), 'pay402')
}

/** Says that a configuration in the working folder was passed over; nothing where one was named, or there is none. */
async function findPassedOver(file: string | undefined, { cwd }: Terminal): Promise<string> {
  if (file !== undefined) return ''
  const isThere = await access(join(cwd, FILE)).then(
    () => true,
    () => false,
  )
  return isThere
    ? `The ${FILE} of this folder isn't used unless you name it: --config ${FILE}. Look into it first.\n`
    : ''
}

function explainUnread(path: string, error: unknown, { pages }: Terminal): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code !== 'ENOENT') return writeProblems(path, [{ text: `it can't be read (${String(code)})` }])
  return `There is no configuration at ${path}.
Save this there, or name another file by --config or PAY402_CONFIG:

${writeExample(pages)}`
}
