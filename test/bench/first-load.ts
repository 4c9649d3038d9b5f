import { cp, mkdir, rm, symlink, writeFile } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import { type BuildOptions, build, type Plugin } from 'esbuild'
import { build as buildPackage } from 'tsup'
import { library as packageOptions } from '../../tsup.config.js'
import type { Figures } from './figures.js'

const FOLDER = resolve('.cache/bench-first-load')

const imports = {
  ours: `import { wrapFetchWithPayment, x402Client } from 'pay402/fetch'
import { ExactEvmScheme } from 'pay402/evm'`,
  official: `import { wrapFetchWithPayment, x402Client } from '@x402/fetch'
import { ExactEvmScheme } from '@x402/evm/exact/client'`,
}

/** Kilobytes of gzip of what is loaded at once: of each file by itself, and of all as one. */
type Loaded = { readonly files: number; readonly split: number; readonly one: number }

const program = `globalThis.pay = (account) =>
  wrapFetchWithPayment(fetch, new x402Client().register('eip155:*', new ExactEvmScheme(account)))`

/** What a page loads before its first paid call on EVM, its account given, in kB of gzip: as one file, and in the files that esbuild makes. */
export async function measureFirstLoad(): Promise<Figures> {
  await installPackage()
  const ours = await bundle('ours')
  const official = await bundle('official')
  return {
    'first-load-one': {
      now: ours.one,
      official: official.one,
      note: `the same files as one; ${ours.leftOut.toFixed(1)} kB where what is loaded on demand is left out first`,
    },
    'first-load-split': {
      now: ours.split,
      official: official.split,
      note: `in ${ours.files} files, official in ${official.files}`,
    },
  }
}

/** The package as npm would install it, without its types. */
async function installPackage(): Promise<void> {
  await rm(FOLDER, { recursive: true, force: true })
  const installed = join(FOLDER, 'node_modules/pay402')
  await mkdir(installed, { recursive: true })
  await cp('package.json', join(installed, 'package.json'))
  // A package of its own, or `pay402` would be the one that this folder is in.
  await writeFile(join(FOLDER, 'package.json'), '{ "type": "module" }')
  const { onSuccess: _licenses, ...options } = packageOptions
  await buildPackage({
    ...options,
    ...{ dts: false, format: ['esm'], sourcemap: false, silent: true, config: false },
    outDir: join(installed, 'dist'),
  })
  // What it depends on, where the official client finds the same.
  await symlink(resolve('node_modules/@noble'), join(FOLDER, 'node_modules/@noble'))
}

async function bundle(client: keyof typeof imports): Promise<Loaded & { leftOut: number }> {
  const entry = join(FOLDER, `${client}.js`)
  await writeFile(entry, `${imports[client]}\n${program}\n`)
  const split = await bundleFirstLoad(entry, { splitting: true })
  const { one } = await bundleFirstLoad(entry, { plugins: [leaveOut] })
  return { ...split, leftOut: one }
}

/** Leaves out what is loaded on demand before anything is bundled, so that what only it needs isn't in the first load either. */
const leaveOut: Plugin = {
  name: 'leave out what is loaded on demand',
  setup(builder) {
    builder.onResolve({ filter: /.*/ }, ({ kind, path }) =>
      kind === 'dynamic-import' ? { path, external: true } : undefined,
    )
  },
}

async function bundleFirstLoad(entry: string, options: BuildOptions): Promise<Loaded> {
  const { metafile, outputFiles = [] } = await build({
    ...{ entryPoints: [entry], outdir: join(FOLDER, 'out'), write: false, metafile: true },
    ...{ bundle: true, minify: true, format: 'esm', platform: 'browser', target: 'es2022', legalComments: 'none' },
    ...options,
  })
  const outputs = metafile?.outputs ?? {}
  const loaded = new Set(Object.keys(outputs).filter((path) => outputs[path]?.entryPoint === relative('', entry)))
  for (const path of loaded) {
    for (const { kind, path: imported, external } of outputs[path]?.imports ?? []) {
      if (kind === 'import-statement' && external !== true) loaded.add(imported)
    }
  }
  const files = outputFiles.filter(({ path }) => loaded.has(relative('', path))).map(({ contents }) => contents)
  const split = files.reduce((sum, contents) => sum + toKilobytes(contents), 0)
  return { files: files.length, split, one: toKilobytes(Buffer.concat(files)) }
}

function toKilobytes(contents: Uint8Array): number {
  return gzipSync(contents, { level: 9 }).length / 1000
}
