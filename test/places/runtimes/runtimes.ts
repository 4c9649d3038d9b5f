import { arch, platform } from 'node:process'

/** A package of npm that brings a runtime's program for this machine. */
export type RuntimePackage = {
  readonly name: string
  readonly version: string
  /** Where the program may lie: in the package itself, or in those of its optional dependencies that fit the machine. */
  readonly programs: readonly string[]
}

/** How a runtime is given the scenario. */
export type Way =
  | {
      readonly kind: 'command line'
      /** What stands before the script's name. */
      readonly before: readonly string[]
      /** The same, for a ledger in a file. */
      readonly beforeLedger: (folder: string) => readonly string[]
      readonly hasRequire: boolean
    }
  | { readonly kind: 'workerd'; readonly date: string; readonly flags: readonly string[] }
  | { readonly kind: 'browser' }

/** One row of the page. */
export type Runtime = {
  /** Unique. */
  readonly name: string
  /** `undefined` where the machine's own is taken. */
  readonly package: RuntimePackage | undefined
  readonly way: Way
  /** What the page says of how it ran. */
  readonly how: string
  /** Has nothing of Node: neither its modules nor its globals. */
  readonly isBare: boolean
}

/** Every runtime that the page speaks of, at the version that was shown. */
export const runtimes: readonly Runtime[] = [
  createNode('20.19.0', 'the oldest that is supported'),
  createNode('22.23.2', 'plain'),
  createNode('24.21.0', 'plain'),
  {
    name: 'Bun 1.4',
    package: { name: 'bun', version: '1.4.5', programs: ['bin/bun', 'bin/bun.exe'] },
    way: { kind: 'command line', before: ['run'], beforeLedger: () => ['run'], hasRequire: true },
    how: 'plain',
    isBare: false,
  },
  {
    name: 'Deno 2.9',
    package: { name: 'deno', version: '2.9.6', programs: ['deno', 'deno.exe'] },
    way: {
      kind: 'command line',
      before: ['run', '--no-prompt', '--allow-net=127.0.0.1', '--allow-env'],
      beforeLedger: (folder) => [
        ...['run', '--no-prompt', `--allow-net=127.0.0.1,unix:${folder}/payments.ledger.sock`],
        ...['--allow-sys=hostname', '--allow-run'],
        ...[`--allow-read=${folder}`, `--allow-write=${folder}`],
      ],
      hasRequire: false,
    },
    how: '`--allow-net`, and `--allow-env` for axios',
    isBare: false,
  },
  createWorkerd('workerd', '2026-11-17', [], 'compatibility date 2026-11-17, which has `nodejs_compat`', false),
  createWorkerd(
    'workerd without Node',
    '2026-11-17',
    ['no_nodejs_compat', 'no_nodejs_compat_v2'],
    'compatibility date 2026-11-17, `no_nodejs_compat`, `no_nodejs_compat_v2`',
    true,
  ),
  createWorkerd(
    'workerd as of 2022',
    '2022-10-31',
    [],
    'compatibility date 2022-10-31, the oldest with a standard `URL`',
    true,
  ),
  {
    name: 'Chromium',
    package: undefined,
    way: { kind: 'browser' },
    how: 'headless; a page of another origin',
    isBare: true,
  },
]

/** An entry that some runtimes can't have. */
export type Exception = { readonly entry: string; isMissing(runtime: Runtime): boolean; readonly why: string }

/** Every other entry must load on all. */
export const exceptions: readonly Exception[] = [
  { entry: './ledger/file', isMissing: ({ way }) => way.kind !== 'command line', why: 'there is no file system' },
]

function createNode(version: string, how: string): Runtime {
  return {
    name: `Node ${version.split('.')[0]}`,
    // As the package `node` names them, which downloads by an install script.
    package: {
      name: [platform === 'darwin' && arch === 'arm64' ? 'node-bin' : 'node', platform.replace(/32$/, ''), arch].join(
        '-',
      ),
      version,
      programs: ['bin/node', 'bin/node.exe'],
    },
    way: { kind: 'command line', before: [], beforeLedger: () => [], hasRequire: true },
    how,
    isBare: false,
  }
}

function createWorkerd(name: string, date: string, flags: readonly string[], how: string, isBare: boolean): Runtime {
  return {
    name,
    package: { name: 'workerd', version: '1.20261117.1', programs: ['bin/workerd', 'bin/workerd.exe'] },
    way: { kind: 'workerd', date, flags },
    how,
    isBare,
  }
}

/** Whether a runtime must load an entry. */
export function mustLoad(runtime: Runtime, entry: string): boolean {
  return !exceptions.some((exception) => exception.entry === entry && exception.isMissing(runtime))
}
