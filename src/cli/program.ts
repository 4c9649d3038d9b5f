// biome-ignore-all lint/correctness/noNodejsModules: the command line is for Node alone
import { parseArgs } from 'node:util'
import { findMeant } from './config/problem.js'
import { EXIT, type Terminal } from './terminal.js'

const HELP = `pay402: the buyer's side of x402

Usage: npx pay402 <command>

Commands:
  mcp [--config <file>]   Serve a paying fetch to an MCP host, over stdio.
                          The configuration is <file>, else what PAY402_CONFIG
                          names, else pay402.json in your configuration
                          folder, such as ~/.config/pay402.

Options:
  -h, --help              Show this.
  -v, --version           Show the version.

Errors go to stderr. Exit codes: 0 done, 1 failed, 2 the command or the
configuration can't be used.
`

/** What one command takes. The example is shown by the command itself where there is no configuration. */
const MCP_HELP = `Usage: npx pay402 mcp [--config <file>]

Serves a paying fetch to an MCP host, over stdio: price, pay_and_fetch, budget
and my_purchases. A host starts it. By hand it shows whether all is well, and
waits until Ctrl+C.

Options:
  --config <file>   The configuration: where the key is, and what may be spent.
                    Without it, what PAY402_CONFIG names, else pay402.json in
                    your configuration folder, such as ~/.config/pay402.

`

const COMMANDS = ['mcp']
const OPTIONS = {
  config: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
} as const

/**
 * Runs one command. What it needs is loaded when it is known which one it is.
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
  const [command, ...more] = positionals
  if (values.version) return print(terminal, `${terminal.version}\n`)
  if (values.help && command === 'mcp') return print(terminal, MCP_HELP + (await explainConfig(terminal)))
  if (values.help || (command === undefined && values.config === undefined)) return print(terminal, HELP)
  if (command === undefined) return refuse(`a command is missing: ${COMMANDS.join(', ')}`)
  if (command !== 'mcp') return refuse(`there is no command "${command.slice(0, 40)}"; known: ${COMMANDS.join(', ')}`)
  if (more.length > 0) return refuse('"mcp" takes no further words; name the configuration by --config')
  if (values.config === '') return refuse('--config needs the name of a file')
  const { runMcp } = await import('./mcp/run-mcp.js')
  return runMcp(values.config, terminal)
}

async function explainConfig({ pages }: Terminal): Promise<string> {
  const { writeExample } = await import('./config/found-config.js')
  return `A configuration to begin with:\n\n${writeExample(pages)}`
}

function print({ stdout }: Terminal, text: string): number {
  stdout.write(text)
  return EXIT.done
}

function readArgs(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true, strict: true })
  } catch {
    return { problem: explainArgs(args) }
  }
}

/** What is wrong with arguments that can't be parsed, in words of ours. */
function explainArgs(args: readonly string[]): string {
  const names = Object.keys(OPTIONS)
  const option = args.find((arg) => {
    const [, name = ''] = /^--([^=]*)/.exec(arg) ?? []
    return arg.startsWith('-') && !names.includes(name) && !/^-[hv]+$/.test(arg)
  })
  if (option === undefined) return '--config needs the name of a file, and no other option takes a value'
  const [name = ''] = option.split('=')
  const meant = findMeant(name.replace(/^-+/, ''), names)
  return `there is no option ${name.slice(0, 40)}${meant === undefined ? '' : `; did you mean --${meant}?`}`
}
