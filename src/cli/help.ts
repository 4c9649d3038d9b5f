/** What `pay402 --help` shows. */
export const HELP = `pay402: the buyer's side of x402

Usage: npx pay402 <command>

Commands:
  mcp [--config <file>]   Serve a paying fetch to an MCP host, over stdio.
                          The configuration is <file>, else what PAY402_CONFIG
                          names, else pay402.json in your configuration
                          folder, such as ~/.config/pay402.
  freeze [--ledger <file>] [--reason <text>]
                          Stop every client of a ledger from paying, even
                          those that are running, until it is thawed. Without
                          --ledger, the ledger that mcp's configuration names.
  thaw [--ledger <file>]  Let them pay again.
  ledger postgres --migration [--schema <name>]
                          Print the SQL that a ledger in Postgres needs.

Options:
  -h, --help              Show this, or what a command takes.
  -v, --version           Show the version.

Errors go to stderr. Exit codes: 0 done, 1 failed, 2 the command or the
configuration can't be used.
`

/** The example is shown by the command itself where there is no configuration. */
const MCP = `Usage: npx pay402 mcp [--config <file>]

Serves a paying fetch to an MCP host, over stdio: price, pay_and_fetch, budget
and my_purchases. A host starts it. Run by hand, it shows whether all is well,
and waits until Ctrl+C. Several may run at once with one configuration: they
share its budget.

Options:
  --config <file>   The configuration: where the key is, and what may be spent.
                    Without it, what PAY402_CONFIG names, else pay402.json in
                    your configuration folder, such as ~/.config/pay402.

`

const DESK_OPTIONS = `  --ledger <file>   The ledger. Without it, the one that mcp's configuration
                    names.
  --config <file>   The configuration that names the ledger. Without it, what
                    PAY402_CONFIG names, else pay402.json in your
                    configuration folder.
  --by <name>       Who decides. Without it, your name on this machine.
  --reason <text>   Why. It is kept with the decision, and errors show it.
`

const FREEZE = `Usage: npx pay402 freeze [--ledger <file>] [--by <name>] [--reason <text>]

Stops every client of a ledger in a file from signing and sending payments,
even in programs that are running, until "pay402 thaw". It holds once the
command has exited with 0. What was sent before may still be taken. It needs no
key.

Options:
${DESK_OPTIONS}`

const THAW = `Usage: npx pay402 thaw [--ledger <file>] [--by <name>] [--reason <text>]

Lets the clients of a ledger in a file pay again after "pay402 freeze".

Options:
${DESK_OPTIONS}`

const LEDGER = `Usage: npx pay402 ledger postgres --migration [--schema <name>]

Prints the SQL that createPostgresLedger needs, and changes nothing: run that
SQL once, with your migrations. It ends with the rights that your program's
role needs.

Options:
  --migration       Print the migration.
  --schema <name>   The schema that it makes. Without it, pay402.
`

/** What each command takes, as its own `--help` shows. */
export const COMMAND_HELP = { mcp: MCP, freeze: FREEZE, thaw: THAW, ledger: LEDGER } as const
