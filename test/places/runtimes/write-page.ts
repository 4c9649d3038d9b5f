import { isDeepStrictEqual } from 'node:util'
import { createChecks } from './create-checks.js'
import { exceptions, mustLoad, type Runtime } from './runtimes.js'
import type { Shown } from './show-runtime.js'
import { situations } from './situations.js'

/** The page that says where the package runs. */
export const PAGE = 'docs/runtimes.md'

/** One runtime, and what was shown on it. */
export type Row = { readonly runtime: Runtime; readonly shown: Shown }

const COLUMNS = ['free', 'paid', 'refused', 'lost response', 'redirected'] as const

/**
 * Writes the page from what was shown.
 *
 * @throws When something isn't as it must be: the page says nothing that wasn't so.
 */
export function writePage(rows: readonly Row[], entries: readonly string[]): string {
  for (const row of rows) assertShown(row, entries)
  return `# Where it runs

pay402 needs \`fetch\`, \`crypto\`, \`URL\` and \`TextEncoder\`. [Phones](guides/react-native.md) need polyfills. \`npm run runtimes\` installs the
packed package, makes purchases on each runtime, and writes this page; \`npm run test:places\` fails when a runtime does anything else.

${writeRuntimes(rows)}

The version of Chromium is that of the machine that wrote this page.

## What was shown on each

${COLUMNS.map(writeColumn).join('\n')}
- **ledger in a file**, where it says "yes": A second process finds what the first one spent. After one is killed while it waits for what it
  paid for, the next one presents the same payment. While one has the file open, another pays from the same budget.

The seller checked every signature. "Nothing of Node" means no Node module in the bundle, no \`process\` and no \`Buffer\`.

## Entries

${writeEntries(rows, entries)}

## What to know

- **Browsers** hide where a redirect leads, so a payment follows none: the call fails with \`REDIRECTED\`, and the money is in doubt. Sellers on
  another origin need [CORS headers](guides/browser.md#cors-for-sellers).
- **Cloudflare Workers** need no \`nodejs_compat\`, and one client can serve all requests. But one request can't wait for another there, so
  don't buy under the same key in two requests at once: the second pays nothing, and its own timeout or the runtime ends it. Before
  compatibility date 2024-11-11 the paid request can't say \`cache: 'no-store'\`.
- **Deno** needs \`--allow-net\` for the seller, and \`--allow-env\` for axios. The ledger in a file also needs \`--allow-read\` and \`--allow-write\` for
  its folder, \`--allow-sys=hostname\`, and \`--allow-run\` to see whether the process that left a lock is gone. To share the file with other
  processes, allow its socket: \`--allow-net=unix:/folder/payments.ledger.sock\`, or all of \`--allow-net\`. A process with other permissions, or
  Node, gets \`LEDGER_LOCKED\`, also where Deno left the lock: delete it once its process is gone.
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
    ['runtime', 'version', 'how it ran', 'ledger in a file', 'nothing of Node'],
    ...rows.map(({ runtime, shown }) => [
      runtime.name,
      runtime.package?.version ?? shown.version,
      runtime.how,
      shown.ledger === undefined ? 'no' : 'yes',
      runtime.isBare ? 'yes' : '',
    ]),
  ])
}

function writeColumn(column: (typeof COLUMNS)[number]): string {
  const titles = situations.filter((situation) => situation.column === column).map(({ title }) => title)
  return `- **${column}**: ${titles.join(' ')}`
}

function writeEntries(rows: readonly Row[], entries: readonly string[]): string {
  const names = entries.map((entry) => `\`${toSpecifier(entry)}\``)
  const required = rows.filter(({ shown }) => shown.required !== undefined).map(({ runtime }) => runtime.name)
  const load = `Loaded by \`import\`, and on ${toList(required)} by \`require\`, too: ${toList(names)}.`
  return [load, ...writeExceptions(rows, entries)].join('\n\n')
}

function writeExceptions(rows: readonly Row[], entries: readonly string[]): string[] {
  return exceptions
    .filter(({ entry }) => entries.includes(entry))
    .map(({ entry, why }) => {
      const without = rows.filter(({ runtime }) => !mustLoad(runtime, entry)).map(({ runtime }) => runtime.name)
      return `\`${toSpecifier(entry)}\` is missing on ${toList(without)}, where ${why}.`
    })
}

/** As a sentence lists them. */
function toList(words: readonly string[]): string {
  return new Intl.ListFormat('en-US').format(words)
}

function toSpecifier(entry: string): string {
  return entry.replace('.', 'pay402')
}

function writeTable([head = [], ...rows]: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}
