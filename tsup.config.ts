import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import type { Options } from 'tsup'
import { program } from './tsup.cli.config.js'

type EsbuildPlugin = NonNullable<Options['esbuildPlugins']>[number]

const manifest: { exports: Record<string, unknown> } = JSON.parse(readFileSync('package.json', 'utf8'))

/** Source of every entry by its name in `dist`: `exports` of package.json is the one table, the source follows from the name. */
export const entries: Record<string, string> = Object.fromEntries(
  Object.keys(manifest.exports)
    .filter((path) => path !== './package.json')
    .map((path) => (path === '.' ? 'index' : path.slice(2)))
    .map((name) => [name, findSource(name)]),
)

/** What a page loads first, by the folder whose entries and parts share it as one chunk. */
const FIRST_LOADS: Readonly<Record<string, string>> = {
  '': 'src/fetch/index.ts',
  'schemes/evm/': 'schemes/evm/exact-evm-scheme.ts',
}

/**
 * Keeps what is loaded first in one chunk. esbuild puts each file into the chunk of all that reach it, entries and parts that are loaded on demand,
 * so without this every file that a part shares with the first load is a chunk of its own: 45 of them, each compressed by itself. Here
 * all of them reach all of the first load.
 */
const oneFirstLoad: EsbuildPlugin = {
  name: 'one first load',
  setup(builder) {
    const roots = new Set([...Object.values(entries).map((path) => resolve(path)), ...listParts()])
    builder.onResolve({ filter: /^first-load:/ }, ({ path }) => ({ path, namespace: 'first-load', sideEffects: true }))
    builder.onLoad({ filter: /.*/, namespace: 'first-load' }, ({ path }) => ({
      contents: `import * as loaded from '${resolve(path.slice('first-load:'.length))}'; export { loaded }`,
      resolveDir: process.cwd(),
    }))
    builder.onLoad({ filter: /\.ts$/ }, ({ path, pluginData }) => {
      const first = Object.entries(FIRST_LOADS).filter(([folder]) => relative('', path).startsWith(folder))
      // On the first line, so that the others keep their numbers.
      const imports = roots.has(path) ? first.map(([, file]) => `import 'first-load:${file}';`).join('') : ''
      return { contents: imports + readFileSync(path, 'utf8'), loader: 'ts', pluginData }
    })
  },
}

/**
 * Gives a part a copy of what an entry exports, too: what both share would be in the first load of everyone who imports the entry, since bundlers
 * drop what isn't used only after they have put files into chunks.
 */
const ownCopies: EsbuildPlugin = {
  name: 'own copies of a part',
  setup(builder) {
    const copied =
      /\/schemes\/evm\/(assets\/known-assets|describe-evm-payload|auth-capture\/.+|batch-settlement\/.+)\.ts$/
    builder.onResolve({ filter: /^\./ }, ({ path, kind, resolveDir, pluginData }) => {
      const source = resolve(resolveDir, path).replace(/\.js$/, '.ts')
      const isOfPart = kind === 'dynamic-import' || pluginData === 'part'
      if (!isOfPart || !copied.test(source)) return undefined
      return { path: source, suffix: '?part', pluginData: 'part', sideEffects: false }
    })
  },
}

/** Every file that is loaded on demand. */
function listParts(): string[] {
  const files = ['src', 'schemes'].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)),
  )
  return files
    .filter((path) => path.endsWith('.ts'))
    .flatMap((path) => {
      const specifiers = readFileSync(path, 'utf8').matchAll(/(?<!typeof )import\('(\.[^']+)\.js'\)/g)
      return [...specifiers].map(([, specifier = '']) => resolve(dirname(path), `${specifier}.ts`))
    })
}

/** The library: every entry of the package. */
export const library = {
  entry: entries,
  format: ['esm', 'cjs'],
  target: 'es2022',
  platform: 'neutral',
  // Deno and workerd know Node's modules by their full names only.
  removeNodeProtocol: false,
  // Also for CommonJS, where tsup's default is off: two entries would each hold a copy of what they share, and not know each other.
  splitting: true,
  // By Rollup, which leaves no bare imports between chunks: bundlers warn of those in a package without side effects.
  treeshake: { moduleSideEffects: false },
  // Declarations are made in one program, in which the file ledger needs Node's types; `npm run types` is what keeps them out of the rest.
  dts: { compilerOptions: { types: ['node'] } },
  sourcemap: true,
  // What the program is made of is cleaned where it is built, at the same time.
  clean: ['!cli.js', '!cli/**'],
  esbuildPlugins: [ownCopies, oneFirstLoad],
  external: [/^node:/],
  noExternal: ['@noble/hashes'],
  esbuildOptions(options, { format }) {
    // ES modules import the hashes, which keeps them auditable and shared. They have no CommonJS build, so there they are bundled:
    // Jest, Electron and older bundlers can't `require` a module.
    if (format === 'esm') options.external = [...(options.external ?? []), '@noble/hashes']
  },
  async onSuccess() {
    const licenses = ['@noble/hashes'].map(
      (name) => `${name}\n\n${readFileSync(`node_modules/${name}/LICENSE`, 'utf8').trim()}\n`,
    )
    writeFileSync('dist/third-party-licenses.txt', licenses.join(`\n${'-'.repeat(72)}\n\n`))
  },
} satisfies Options

export default [library, program]

function findSource(name: string): string {
  const chain = `schemes/${name}/index.ts`
  const file = `src/${name}.ts`
  return [chain, file].find((path) => existsSync(path)) ?? `src/${name}/index.ts`
}
