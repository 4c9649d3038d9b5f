import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Options } from 'tsup'

type EsbuildPlugin = NonNullable<Options['esbuildPlugins']>[number]

const manifest: { version: string } = JSON.parse(readFileSync('package.json', 'utf8'))

/** Where the parts of the program are, apart from the library's. */
const FOLDER = 'dist/cli'

/** Writes down whose code is in the program, as its licenses ask: it holds what `npx` wouldn't install. */
const licenses: EsbuildPlugin = {
  name: 'licenses of the program',
  setup(builder) {
    builder.initialOptions.metafile = true
    builder.onStart(() => rmSync(FOLDER, { recursive: true, force: true }))
    builder.onEnd(({ metafile }) => {
      const outputs = Object.values(metafile?.outputs ?? {})
      const files = outputs.flatMap(({ inputs }) =>
        Object.entries(inputs).flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? [path] : [])),
      )
      const folders = [...new Set(files.flatMap((path) => findPackage(path) ?? []))].sort()
      const texts = folders.map((folder) => readLicense(folder))
      mkdirSync(FOLDER, { recursive: true })
      writeFileSync(join(FOLDER, 'third-party-licenses.txt'), [...new Set(texts)].join(`\n${'-'.repeat(72)}\n\n`))
    })
  },
}

/** The folder of the package that a file is from; `undefined` for our own. */
function findPackage(path: string): string | undefined {
  const [folder] = /^.*node_modules\/(@[^/]+\/)?[^/]+/.exec(path) ?? []
  return folder
}

function readLicense(folder: string): string {
  const { name, version, license }: Record<string, string> = JSON.parse(
    readFileSync(join(folder, 'package.json'), 'utf8'),
  )
  const file = ['LICENSE', 'LICENSE.md', 'LICENSE.txt', 'license'].map((one) => join(folder, one)).find(existsSync)
  if (file === undefined) throw new Error(`${name} has no file with its license`)
  return `${name} ${version} (${license})\n\n${readFileSync(file, 'utf8').trim()}\n`
}

/** Each command is one file, loaded when it is known which one it is: with everything in it, it would be a hundred. */
const commands: EsbuildPlugin = {
  name: 'commands',
  setup(builder) {
    builder.onResolve({ filter: /\/run-\w+\.js$/ }, ({ path, kind }) => {
      const [, name] = /run-(\w+)\.js$/.exec(path) ?? []
      return kind === 'dynamic-import' ? { path: `./cli/${name}.js`, external: true } : undefined
    })
  },
}

/** The program `pay402`: a file that starts, and one for each command. It needs no package next to it. */
export const program = {
  entry: {
    cli: 'src/cli/index.ts',
    'cli/mcp': 'src/cli/mcp/run-mcp.ts',
    'cli/desk': 'src/cli/desk/run-desk.ts',
    'cli/ledger': 'src/cli/ledger/run-ledger.ts',
  },
  outDir: dirname(FOLDER),
  format: 'esm',
  target: 'node20',
  platform: 'node',
  splitting: false,
  minify: true,
  clean: false,
  dts: false,
  noExternal: [/.*/],
  define: { PAY402_VERSION: JSON.stringify(manifest.version) },
  esbuildPlugins: [commands, licenses],
  esbuildOptions(options) {
    // Of the parser of JSON with comments only its ES modules can be bundled.
    options.mainFields = ['module', 'main']
    options.legalComments = 'none'
  },
} satisfies Options
