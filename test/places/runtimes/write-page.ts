import { isDeepStrictEqual } from 'node:util'
import { createChecks } from './create-checks.js'
import { exceptions, mustLoad, type Runtime } from './runtimes.js'
import type { Shown } from './show-runtime.js'
import { situations } from './situations.js'

/** The page that says where the package runs. */
export const PAGE = 'docs/runtimes.md'

/** One runtime, and what was shown on it. */
export type Row = { readonly runtime: Runtime; readonly shown: Shown }

const COLUMNS = ['free', 'paid', 'refused', 'lost answer', 'redirected'] as const

/**
 * Writes the page from what was shown.
 *
 * @throws When something isn't as it must be: the page says nothing that wasn't so.
 */
export function writePage(rows: readonly Row[], entries: readonly string[]): string {
  for (const row of rows) assertShown(row, entries)
  return `# Where it runs

pay402 needs \`fetch\`, \`crypto\`, \`URL\` and \`TextEncoder\`: what browsers, servers and edge runtimes have in common. [Phones](guides/react-native.md)
need polyfills. \`npm run runtimes\`
packs the package, installs it, and lets the same script buy on each of these from a seller on the same machine; then it writes this page.
\`npm run test:places\` does the same, and fails when a runtime does anything else.

${writeRuntimes(rows)}

The version of Chromium is that of the machine which wrote this page; the others are pinned, and come from npm.

## What was shown

${COLUMNS.map(writeColumn).join('\n')}
- **ledger in a file**
  - One process opens the file, pays and ends, and so does a second one, which finds what the first has spent.
  - A third one is killed while it waits for what it paid for. The next makes the same purchase and presents the same payment: one authorization.
  - A process that opens the file while another has it open is refused with \`LEDGER_LOCKED\`.

Every payment was signed by the buyer for the seller, which the seller's side checked. Where it says "nothing of Node", the bundle
has no module of Node in it, and there is no \`process\` and no \`Buffer\`.

## Entries

Each was loaded by \`import\` and, where it says so, by \`require\`, from the installed package.

${writeEntries(rows, entries)}

${writeExceptions(entries)}

## What to know

- **Browsers** hide where a redirect leads, so there a payment follows none: the call fails with \`REDIRECTED\`, and the money is in doubt. A
  seller on another origin must allow the header \`PAYMENT-SIGNATURE\` and expose \`PAYMENT-REQUIRED\` and \`PAYMENT-RESPONSE\`; this buyer sends
  no other header of its own.
- **Cloudflare Workers** need no \`nodejs_compat\`. A client may be made once for all requests. Two requests at once must not buy
  under the same key (\`x402.purchase\` or \`Idempotency-Key\`): one request can't wait for another there, so the runtime ends the second, which pays
  nothing. Before the compatibility date 2024-11-11 no request can say \`cache: 'no-store'\`, so there the paid one leaves it out.
- **Deno** needs \`--allow-net\` for the seller; axios itself also wants \`--allow-env\`. The ledger in a file also needs \`--allow-read\` and \`--allow-write\` for its folder,
  \`--allow-sys=hostname\`, and \`--allow-run\` to see whether the process that left a lock is gone. Only with \`--allow-all\` does Deno tell when a
  process began. A lock that was made with fewer permissions, or by Node, isn't taken over by a process that is told more or less
  than its holder was: it gets \`LEDGER_LOCKED\`, and you delete the lock when its process is gone.
`
}

/** The page with another version of a runtime. */
export function withVersion(page: string, name: string, version: string): string {
  return page.replace(new RegExp(`^(\\| ${name} \\| )[^|]+`, 'm'), `$1${version} `)
}

function assertShown({ runtime, shown }: Row, entries: readonly string[]): void {
  const failed = createChecks(runtime, entries).filter(
    ({ expected, read }) => !isDeepStrictEqual(read(shown), expected),
  )
  if (failed.length === 0) return
  const lines = failed.map(({ title, expected, read }) => [
    title,
    JSON.stringify(read(shown)),
    JSON.stringify(expected),
  ])
  throw new Error(
    `${runtime.name}:\n${lines.map(([title, is, must]) => `${title}\n  is   ${is}\n  must ${must}`).join('\n')}`,
  )
}

function writeRuntimes(rows: readonly Row[]): string {
  return writeTable([
    ['runtime', 'version', 'how it ran', ...COLUMNS, 'ledger in a file', 'nothing of Node'],
    ...rows.map(({ runtime, shown }) => [
      runtime.name,
      runtime.package?.version ?? shown.version,
      runtime.how,
      ...COLUMNS.map((column) => (column === 'redirected' && runtime.way.kind === 'browser' ? 'in doubt' : 'yes')),
      shown.ledger === undefined ? 'no' : 'yes',
      runtime.isBare ? 'yes' : '',
    ]),
  ])
}

function writeColumn(column: (typeof COLUMNS)[number]): string {
  const titles = situations.filter((situation) => situation.column === column).map(({ title }) => title)
  return `- **${column}**\n${titles.map((title) => `  - ${title}`).join('\n')}`
}

function writeEntries(rows: readonly Row[], entries: readonly string[]): string {
  return writeTable([
    ['entry', ...rows.map(({ runtime }) => runtime.name)],
    ...entries.map((entry) => [`\`${toSpecifier(entry)}\``, ...rows.map((row) => writeLoading(row, entry))]),
  ])
}

function writeLoading({ runtime, shown }: Row, entry: string): string {
  if (!mustLoad(runtime, entry)) return 'no'
  return shown.required === undefined ? '`import`' : '`import`, `require`'
}

function writeExceptions(entries: readonly string[]): string {
  return exceptions
    .filter(({ entry }) => entries.includes(entry))
    .map(({ entry, why }) => `\`${toSpecifier(entry)}\` is missing where ${why}.`)
    .join('\n')
}

function toSpecifier(entry: string): string {
  return entry.replace('.', 'pay402')
}

function writeTable([head = [], ...rows]: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}
