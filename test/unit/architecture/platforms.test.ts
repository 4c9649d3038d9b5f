import { posix } from 'node:path'
import ts from 'typescript'
import { expect, it } from 'vitest'
import { readSourceFiles } from './source-files.js'

/** The program that `tsc --project` checks. */
function createProgram(config: string): ts.Program {
  const { config: read } = ts.readConfigFile(config, ts.sys.readFile)
  const { fileNames, options } = ts.parseJsonConfigFileContent(read, ts.sys, '.', undefined, config)
  return ts.createProgram(fileNames, options)
}

function pathsOf(program: ts.Program): string[] {
  return program.getSourceFiles().map(({ fileName }) => posix.relative(process.cwd(), posix.resolve(fileName)))
}

function knowsNode(program: ts.Program): boolean {
  return pathsOf(program).some((path) => path.includes('@types/node/'))
}

it('platforms: what runs in browsers is checked without the types of Node, and the file ledger with them', {
  timeout: 60_000,
}, () => {
  expect(knowsNode(createProgram('tsconfig.json'))).toBe(false)
  expect(knowsNode(createProgram('tsconfig.node.json'))).toBe(true)
})

it('platforms: every source is checked on one of them', { timeout: 60_000 }, () => {
  const checked = new Set([...pathsOf(createProgram('tsconfig.json')), ...pathsOf(createProgram('tsconfig.node.json'))])
  expect([...readSourceFiles('src', 'schemes').keys()].filter((path) => !checked.has(path))).toEqual([])
})
