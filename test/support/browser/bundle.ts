import { resolve } from 'node:path'
import { build } from 'esbuild'
import { entries } from '../../../tsup.config.js'

/** `pay402` and `pay402/…` mean the sources, as in all tests. */
const sources = Object.fromEntries(
  Object.entries(entries).map(([name, source]) => [name === 'index' ? 'pay402' : `pay402/${name}`, resolve(source)]),
)

/**
 * Bundles a module for a page as any bundler does that knows only browsers: no polyfill of Node, no global of it.
 *
 * @param entry - The module, from the root of the repository; or its text.
 * @param options - Packages that are left out, and whether it becomes a classic script (`'iife'`) or a module (`'esm'`).
 * @returns One script, with all that it imports.
 * @throws When something of it can't be had in a browser, such as a module of Node.
 */
export async function bundle(
  entry: string | { text: string },
  { external = [], format = 'iife' }: { external?: readonly string[]; format?: 'iife' | 'esm' } = {},
): Promise<string> {
  const { outputFiles } = await build({
    ...(typeof entry === 'string'
      ? { entryPoints: [entry] }
      : { stdin: { contents: entry.text, resolveDir: '.', loader: 'ts' } }),
    bundle: true,
    write: false,
    platform: 'browser',
    format,
    target: 'es2022',
    legalComments: 'none',
    logLevel: 'silent',
    external: [...external],
    alias: sources,
  })
  return outputFiles.map(({ text }) => text).join('')
}
