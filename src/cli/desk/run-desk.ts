// biome-ignore-all lint/correctness/noNodejsModules: the command line is for Node alone
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { type Desk, openDesk } from '../../desk/index.js'
import { isX402Error } from '../../index.js'
import { createFileLedger, type FileLedger } from '../../ledger/file/index.js'
import { findConfig, toLedgerPath, toNamedPath } from '../config/found-config.js'
import { isDatabase } from '../config/schema.js'
import { EXIT, type Terminal } from '../terminal.js'

/** What the commands of the desk take, as it was written. */
export type DeskOptions = {
  readonly ledger?: string | undefined
  readonly config?: string | undefined
  readonly by?: string | undefined
  readonly reason?: string | undefined
}

/**
 * `pay402 freeze` and `pay402 thaw`: decides at the desk of a ledger in a file, also while clients have it open.
 *
 * A ledger that isn't there is refused, not made: freezing a new file would stop no one, and look as if it had.
 *
 * @param verb - What to do.
 * @param options - Which ledger, who decides, and why.
 * @param terminal - Where the command runs. `stdout` gets one line with what holds now.
 * @returns The exit code. Only with 0 the decision holds.
 */
export async function runDesk(verb: 'freeze' | 'thaw', options: DeskOptions, terminal: Terminal): Promise<number> {
  if (options.ledger !== undefined && isDatabase(options.ledger))
    return tell(terminal, explainDatabase(verb, terminal), EXIT.usage)
  const path = await findLedger(options, terminal)
  if (typeof path !== 'string') return tell(terminal, path.says, EXIT.usage)
  const isThere = await access(path).then(
    () => true,
    () => false,
  )
  if (!isThere) {
    return tell(terminal, `pay402: there is no ledger at ${path}; nothing was changed.\n`, EXIT.failed)
  }
  const by = { by: options.by ?? readName(terminal), reason: options.reason }
  let ledger: FileLedger | undefined
  try {
    ledger = await createFileLedger(path, {
      onWarning: ({ message }) => terminal.stderr.write(`pay402: ${message}\n`),
    })
    const said = await DECISIONS[verb](openDesk(ledger), by)
    await ledger.close()
    terminal.stdout.write(`${said} Its ledger is ${path}.\n`)
    return EXIT.done
  } catch (error) {
    await ledger?.close().catch(() => undefined)
    return tell(terminal, `pay402: ${explain(error, path)}\n`, EXIT.failed)
  }
}

type By = { readonly by: string; readonly reason: string | undefined }

const DECISIONS = {
  async freeze(desk: Desk, by: By) {
    const before = await desk.frozen()
    await desk.freeze(by)
    if (before === undefined) return 'Frozen: no client signs or sends a payment until "pay402 thaw".'
    return `Frozen already, by ${before.by ?? 'someone'}${before.reason === undefined ? '' : `: ${before.reason}`}.`
  },
  async thaw(desk: Desk, by: By) {
    const before = await desk.frozen()
    await desk.thaw(by)
    return before === undefined ? "It wasn't frozen." : 'Thawed: clients may pay again.'
  },
}

async function findLedger({ ledger, config }: DeskOptions, terminal: Terminal): Promise<string | { says: string }> {
  if (ledger !== undefined) return toNamedPath(ledger, terminal)
  const found = await findConfig(config, terminal)
  if ('config' in found) return toLedgerPath(found, terminal)
  return { says: `No --ledger was given, so the configuration of mcp was looked up.\n${found.says}` }
}

/** Source: POSIX, "LOGNAME"; Windows has `USERNAME`. In containers, and as a service, often none is set. */
function readName({ env, user: account }: Terminal): string {
  const { USER: user, LOGNAME: login, USERNAME: windows } = env
  return user || login || windows || account || 'the command line'
}

/** Repeats nothing of the address: it may have a password. */
function explainDatabase(verb: string, { pages }: Terminal): string {
  const page = join(pages, 'guides/fleet.md')
  return `pay402: --ledger is a file; ${verb} can't use Redis or Postgres. For those, a script is in ${page}.\n`
}

function explain(error: unknown, path: string): string {
  if (!isX402Error(error)) return `the ledger ${path} could not be used`
  return `${error.shortMessage} It is ${path}. Assume that nothing was decided.`
}

function tell({ stderr }: Terminal, text: string, code: number): number {
  stderr.write(text)
  return code
}
