import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { entries } from '../../../tsup.config.js'
import { table } from './moved-program.js'

/**
 * Every name that the installed packages export from an entry that the migration page moves: it is exported here, from where the page sends
 * it, or the page of names that stay lists it. The installed packages are the oracle, so a new release shows what is new.
 */

const here = dirname(fileURLToPath(import.meta.url))
const page = readFileSync('docs/x402-names.md', 'utf8')
const listed = readListed()

/** Entries that the page says stay as a whole. */
const stays =
  /^@x402\/(core\/(facilitator|server|utils|schemas)|(evm|svm)\/(.*(server|facilitator).*|batch-settlement\/.*|auth-capture\/.*|upto\/client))$/

const exported = readExports([...table.keys()], [...new Set(table.values())])

describe.each([...table])('%s, which goes to %s', (from, to) => {
  const [official, ours] = [exported.get(from) ?? [], exported.get(to) ?? []]

  it('has names', () => {
    expect(official.length).toBeGreaterThan(0)
  })

  it('is here with every name that is not listed as one that stays', () => {
    const missing = official.filter((name) => !ours.includes(name))
    expect(missing.sort()).toEqual([...(listed.get(from) ?? [])].sort())
  })
})

it('the page lists names of no entry but these', () => {
  expect([...listed.keys()].filter((entry) => !table.has(entry))).toEqual([])
})

it.each(['core', 'fetch', 'axios', 'evm', 'svm'])('every entry of @x402/%s moves, or is said to stay', (name) => {
  const path = createRequire(import.meta.url)
    .resolve(`@x402/${name}`)
    .replace(/\/dist\/.*$/, '/package.json')
  const { exports } = JSON.parse(readFileSync(path, 'utf8'))
  const all = Object.keys(exports).map((entry) => `@x402/${name}${entry.slice(1)}`)
  // `upto` on EVM chains moves.
  expect(all.filter((entry) => !table.has(entry) && !stays.test(entry))).toEqual([])
})

/** The names that stay, by the entry that has them: the page's last block. */
function readListed(): ReadonlyMap<string, readonly string[]> {
  const [, block = ''] = /```text\n([\s\S]*?)```/.exec(page) ?? []
  const parts = block.split(/^(?=@x402)/m).map((part) => part.trim().split(/\s+/))
  return new Map(parts.map(([entry = '', ...names]) => [entry, names]))
}

/** What each module exports, values and types. */
function readExports(official: readonly string[], ours: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const file = resolve(here, 'all-entries.ts')
  const modules = [...official, ...ours]
  const text = modules.map((name, index) => `import * as m${index} from '${name}'`).join('\n')
  const options: ts.CompilerOptions = {
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    noLib: true,
    types: [],
    paths: Object.fromEntries(
      Object.entries(entries).map(([name, source]) => [
        name === 'index' ? 'pay402' : `pay402/${name}`,
        [resolve(source)],
      ]),
    ),
  }
  const host = ts.createCompilerHost(options)
  const { fileExists, getSourceFile } = host
  host.fileExists = (path) => path === file || fileExists(path)
  host.getSourceFile = (path, version, ...rest) =>
    path === file ? ts.createSourceFile(path, text, version, true) : getSourceFile(path, version, ...rest)
  const program = ts.createProgram([file], options, host)
  const checker = program.getTypeChecker()
  const imports = program.getSourceFile(file)?.statements.filter(ts.isImportDeclaration) ?? []
  return new Map(
    imports.map((statement, index) => {
      const symbol = checker.getSymbolAtLocation(statement.moduleSpecifier)
      return [
        modules[index] ?? '',
        symbol === undefined ? [] : checker.getExportsOfModule(symbol).map(({ name }) => name),
      ]
    }),
  )
}
