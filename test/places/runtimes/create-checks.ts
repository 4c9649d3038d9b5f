import { mustLoad, type Runtime } from './runtimes.js'
import { ledgerExpected } from './show-ledger.js'
import type { Shown } from './show-runtime.js'
import { situations } from './situations.js'

/** One thing that must be so on a runtime. */
export type Check = { readonly title: string; readonly expected: unknown; read(shown: Shown): unknown }

/**
 * Everything that must be so on a runtime.
 *
 * @param entries - Of the package.
 */
export function createChecks(runtime: Runtime, entries: readonly string[]): readonly Check[] {
  const { way, isBare } = runtime
  const applicable = entries.filter((entry) => mustLoad(runtime, entry)).map((entry) => entry.replace('.', 'pay402'))
  const hasRequire = way.kind === 'command line' && way.hasRequire
  return [
    { title: 'is of the version that was asked for', expected: true, read: ({ version }) => isAsked(version, runtime) },
    ...situations.flatMap(({ name, title, told, seen }) => [
      { title, expected: told(runtime), read: (shown: Shown) => shown.situations[name] },
      ...(seen === undefined
        ? []
        : [
            { title: `${title} So the seller saw.`, expected: seen(runtime), read: (shown: Shown) => shown.seen[name] },
          ]),
    ]),
    { title: 'No payment reached another origin.', expected: 0, read: ({ strayed }) => strayed },
    { title: 'Every payment was signed by the buyer, for the seller.', expected: 0, read: ({ forged }) => forged },
    {
      title: 'Every entry that applies loads by `import`, and has exports.',
      expected: applicable,
      read: ({ imported }) => Object.keys(imported).filter((name) => imported[name]?.length !== 0),
    },
    ...(hasRequire
      ? [{ title: 'By `require`, they have the same exports.', expected: true, read: isSameByRequire }]
      : []),
    ...(isBare
      ? [
          {
            title: 'It has no globals of Node.',
            expected: { process: 'undefined', Buffer: 'undefined' },
            read: ({ globals }: Shown) => globals,
          },
        ]
      : []),
    ...(way.kind === 'command line'
      ? [
          {
            title:
              'The ledger in a file holds across processes, and after a crash the same payment is presented again.',
            expected: ledgerExpected,
            read: ({ ledger }: Shown) => ledger,
          },
        ]
      : []),
  ]
}

function isSameByRequire({ imported, required }: Shown): boolean {
  return JSON.stringify(imported) === JSON.stringify(required)
}

/** workerd's packages are numbered by its day: 1.20261117.1 is 2026-11-17. */
function isAsked(version: string, { package: asked }: Runtime): boolean {
  return asked === undefined || asked.version === version || asked.version.includes(`.${version.replaceAll('-', '')}.`)
}
