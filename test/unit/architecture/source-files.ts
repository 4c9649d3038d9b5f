import { readdirSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'
import ts from 'typescript'

/** Sources by path from the root of the repository; the real ones, or a bad example. */
export type SourceFiles = ReadonlyMap<string, string>

/** One `import` or `export … from`, however it is written. */
export type Import = {
  /** The file that imports. */
  from: string
  line: number
  /** The file that is imported, or the name of a package with its subpath. */
  to: string
  isFile: boolean
  /** Nothing of it is left at run time. */
  isTypeOnly: boolean
  /** It is loaded when it is needed. */
  isDynamic: boolean
  /** What is imported by name; `*` for all of it. */
  names: string[]
}

/** Reads the TypeScript files of these folders. */
export function readSourceFiles(...folders: string[]): SourceFiles {
  const paths = folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((path) => `${folder}/${path.replaceAll('\\', '/')}`),
  )
  return new Map(
    paths
      .filter((path) => path.endsWith('.ts'))
      .sort()
      .map((path) => [path, readFileSync(path, 'utf8')]),
  )
}

/** Every node of every file, with its `path:line`; comments aren't nodes. */
export function* walk(files: SourceFiles): Generator<{ path: string; at: string; node: ts.Node }> {
  for (const [path, text] of files) {
    const tree = parse(path, text)
    const nodes: ts.Node[] = [tree]
    for (let node = nodes.pop(); node !== undefined; node = nodes.pop()) {
      yield { path, at: `${path}:${lineOf(tree, node)}`, node }
      const children: ts.Node[] = []
      ts.forEachChild(node, (child) => void children.push(child))
      nodes.push(...children.reverse())
    }
  }
}

/** The statements at the top of every file, with their `path:line`. */
export function statementsOf(path: string, text: string): { at: string; statement: ts.Statement }[] {
  const tree = parse(path, text)
  return tree.statements.map((statement) => ({ at: `${path}:${lineOf(tree, statement)}`, statement }))
}

/** Every import of every file. */
export function readImports(files: SourceFiles): Import[] {
  return [...walk(files)].flatMap(({ path, at, node }) => {
    const read = readImport(node)
    if (read === undefined) return []
    const { specifier, ...rest } = read
    const isFile = specifier.startsWith('.')
    const to = isFile ? posix.join(posix.dirname(path), specifier).replace(/(\.js)?$/, '.ts') : specifier
    return [{ from: path, line: Number(at.split(':').at(-1)), to, isFile, ...rest }]
  })
}

const trees = new Map<string, ts.SourceFile>()

function parse(path: string, text: string): ts.SourceFile {
  const key = `${path}\n${text}`
  const tree = trees.get(key) ?? ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true)
  trees.set(key, tree)
  return tree
}

function lineOf(tree: ts.SourceFile, node: ts.Node): number {
  return tree.getLineAndCharacterOfPosition(node.getStart(tree)).line + 1
}

type Found = { specifier: string; isTypeOnly: boolean; isDynamic: boolean; names: string[] }

function readImport(node: ts.Node): Found | undefined {
  if (ts.isImportDeclaration(node)) {
    const { importClause, moduleSpecifier } = node
    // `import { type A }` still loads the file, so only `import type` counts.
    return found(moduleSpecifier, importClause?.isTypeOnly ?? false, namesOf(importClause?.namedBindings))
  }
  if (ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined) {
    return found(node.moduleSpecifier, node.isTypeOnly, namesOf(node.exportClause))
  }
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) return found(node.argument.literal, true, ['*'])
  const isDynamic = ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword
  return isDynamic ? { ...found(node.arguments[0], false, ['*']), isDynamic } : undefined
}

function found(specifier: ts.Node | undefined, isTypeOnly: boolean, names: string[]): Found {
  const isLiteral = specifier !== undefined && ts.isStringLiteralLike(specifier)
  return { specifier: isLiteral ? specifier.text : '(computed)', isTypeOnly, isDynamic: false, names }
}

function namesOf(clause: ts.NamedImportBindings | ts.NamedExportBindings | undefined): string[] {
  if (clause === undefined || !(ts.isNamedImports(clause) || ts.isNamedExports(clause))) return ['*']
  return clause.elements.map(({ name, propertyName }) => (propertyName ?? name).text)
}
