import { type Args, findForeign, readArgs } from './args.js'
import { COMMAND_HELP, HELP } from './help.js'
import { EXIT, type Terminal } from './terminal.js'

type Name = keyof typeof COMMAND_HELP

/** What a command takes, and how it is run: loaded when it is known which one it is. */
type Command = {
  readonly options: readonly string[]
  /** What is wrong with its words and options, if anything. */
  check(words: readonly string[], values: Args['values']): string | undefined
  run(values: Args['values'], terminal: Terminal): Promise<number>
}

const COMMANDS: Readonly<Record<Name, Command>> = {
  mcp: {
    options: ['config'],
    check: ({ length }) =>
      length > 0 ? '"mcp" takes no further words; name the configuration by --config' : undefined,
    async run({ config }, terminal) {
      const { runMcp } = await import('./mcp/run-mcp.js')
      return runMcp(config, terminal)
    },
  },
  freeze: createDeskCommand('freeze'),
  thaw: createDeskCommand('thaw'),
  ledger: {
    options: ['migration', 'schema'],
    check([engine, ...more], { migration }) {
      const isWhole = engine === 'postgres' && more.length === 0 && migration === true
      return isWhole ? undefined : 'write "ledger postgres --migration": it is all that "ledger" does'
    },
    async run({ schema }, terminal) {
      const { runLedger } = await import('./ledger/run-ledger.js')
      return runLedger(schema, terminal)
    },
  },
}

/**
 * Runs one command.
 *
 * @param args - As they were written after the program's name.
 * @param terminal - What the command is given of the process.
 * @returns The exit code, once the command is over.
 */
export async function runProgram(args: readonly string[], terminal: Terminal): Promise<number> {
  const refuse = (text: string) => {
    terminal.stderr.write(`pay402: ${text}\nSee "pay402 --help".\n`)
    return EXIT.usage
  }
  const read = readArgs(args)
  if ('problem' in read) return refuse(read.problem)
  const { values, positionals } = read
  const { help, version, ...given } = values
  const [name, ...words] = positionals
  if (version) return print(terminal, `${terminal.version}\n`)
  if (help && isCommand(name)) {
    return print(terminal, COMMAND_HELP[name] + (name === 'mcp' ? await explainConfig(terminal) : ''))
  }
  const known = Object.keys(COMMANDS).join(', ')
  if (help || (name === undefined && Object.keys(given).length === 0)) return print(terminal, HELP)
  if (name === undefined) return refuse(`a command is missing: ${known}`)
  if (!isCommand(name)) return refuse(`there is no command "${name.slice(0, 40)}"; known: ${known}`)
  const command = COMMANDS[name]
  const foreign = findForeign(given, command.options)
  if (foreign !== undefined) {
    return refuse(`"${name}" takes no --${foreign}; it takes ${command.options.map((one) => `--${one}`).join(', ')}`)
  }
  const problem = command.check(words, given)
  return problem === undefined ? command.run(given, terminal) : refuse(problem)
}

function createDeskCommand(verb: 'freeze' | 'thaw'): Command {
  return {
    options: ['ledger', 'config', 'by', 'reason'],
    check({ length }, { ledger, config }) {
      if (length > 0) return `"${verb}" takes no further words; name the ledger by --ledger, and say why by --reason`
      return ledger !== undefined && config !== undefined ? 'give --ledger or --config, not both' : undefined
    },
    async run(values, terminal) {
      const { runDesk } = await import('./desk/run-desk.js')
      return runDesk(verb, values, terminal)
    },
  }
}

function isCommand(name: string | undefined): name is Name {
  return name !== undefined && Object.hasOwn(COMMANDS, name)
}

async function explainConfig({ pages }: Terminal): Promise<string> {
  const { writeExample } = await import('./config/found-config.js')
  return `A configuration to begin with:\n\n${writeExample(pages)}`
}

function print({ stdout }: Terminal, text: string): number {
  stdout.write(text)
  return EXIT.done
}
