import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { entries } from '../../../tsup.config.js'
import { strictOptions } from '../../support/strict-options.js'
import type { World } from './programs/world.js'

const folder = resolve(dirname(fileURLToPath(import.meta.url)), 'programs')

/** Where each official entry goes, as the first table of the migration page says. */
export const table: ReadonlyMap<string, string> = readTable()

function readTable(): ReadonlyMap<string, string> {
  const rows = readFileSync('docs/migrating-from-x402.md', 'utf8').matchAll(
    /^\| (`@x402\/.*?) \| `(pay402[^`]*)` \|$/gm,
  )
  return new Map(
    Array.from(rows).flatMap(([, from = '', to = '']) =>
      Array.from(from.matchAll(/`([^`]+)`/g), ([, entry = '']): [string, string] => [entry, to]),
    ),
  )
}

/** The text of a program in `programs/`, as it is or with its imports moved and nothing else. */
function readProgram(name: string, isMoved: boolean): string {
  const source = readFileSync(resolve(folder, `${name}.ts`), 'utf8')
  return isMoved ? moveImports(source) : source
}

/** Writes other module names into a program. */
export function moveImports(source: string): string {
  return source.replace(/'(@x402\/[^']+)'/g, (quoted, entry: string) => {
    const to = table.get(entry)
    return to === undefined ? quoted : `'${to}'`
  })
}

const options: ts.CompilerOptions = {
  ...strictOptions,
  types: [],
  paths: Object.fromEntries(
    Object.entries(entries).map(([name, source]) => [
      name === 'index' ? 'pay402' : `pay402/${name}`,
      [resolve(source)],
    ]),
  ),
}

/** Compiles programs under `--strict`. Resolves to what the compiler says of each, one line a problem. */
export function compilePrograms(names: readonly string[], isMoved: boolean): ReadonlyMap<string, readonly string[]> {
  // In the same folder, so that what they import is found, under names that no file there has.
  const texts = new Map(names.map((name) => [resolve(folder, `moved-${name}.ts`), readProgram(name, isMoved)]))
  const host = ts.createCompilerHost(options)
  const { fileExists, readFile, getSourceFile } = host
  host.fileExists = (path) => texts.has(path) || fileExists(path)
  host.readFile = (path) => texts.get(path) ?? readFile(path)
  host.getSourceFile = (path, version, ...rest) => {
    const text = texts.get(path)
    return text === undefined ? getSourceFile(path, version, ...rest) : ts.createSourceFile(path, text, version)
  }
  const program = ts.createProgram([...texts.keys()], options, host)
  return new Map(
    [...texts.keys()].map((path, index) => {
      const found = [
        ...program.getSyntacticDiagnostics(program.getSourceFile(path)),
        ...program.getSemanticDiagnostics(program.getSourceFile(path)),
      ]
      return [names[index] ?? '', found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))]
    }),
  )
}

/** Runs a program. What it imports is loaded from where its text says. */
export async function runProgram(name: string, isMoved: boolean, world: World): Promise<unknown> {
  const { outputText } = ts.transpileModule(readProgram(name, isMoved), {
    compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 },
  })
  const needed = Array.from(outputText.matchAll(/require\("([^"]+)"\)/g), ([, specifier = '']) => specifier)
  const modules = new Map<string, unknown>()
  for (const specifier of needed) modules.set(specifier, await import(/* @vite-ignore */ specifier))
  const exported: { run?: (world: World) => Promise<unknown> } = {}
  // The program's own text, which the tests know.
  new Function('require', 'exports', outputText)((specifier: string) => modules.get(specifier), exported)
  if (exported.run === undefined) throw new Error(`${name} exports no run`)
  return exported.run(world)
}
