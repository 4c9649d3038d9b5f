import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import type { Options } from 'tsup'

const manifest: { exports: Record<string, unknown> } = JSON.parse(readFileSync('package.json', 'utf8'))

/** Source of every entry by its name in `dist`: `exports` of package.json is the one table, the source follows from the name. */
export const entries: Record<string, string> = Object.fromEntries(
  Object.keys(manifest.exports)
    .filter((path) => path !== './package.json')
    .map((path) => (path === '.' ? 'index' : path.slice(2)))
    .map((name) => [name, findSource(name)]),
)

export default {
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
  clean: true,
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

function findSource(name: string): string {
  const chain = `schemes/${name}/index.ts`
  const file = `src/${name}.ts`
  return [chain, file].find((path) => existsSync(path)) ?? `src/${name}/index.ts`
}
