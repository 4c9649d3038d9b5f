import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { entries } from '../../../tsup.config.js'

/** Where the repository begins. */
export const root = join(dirname(fileURLToPath(import.meta.url)), '../../..')

/** A fenced `ts` block of a page, or of a JSDoc comment. */
export type Block = {
  /** The page, from the root of the repository. */
  file: string
  /** The line of the fence, so that the first line of code is the next one. */
  line: number
  code: string
  /** Why it is only type-checked: what follows `no-run` on the fence. */
  noRun: string | undefined
}

/** A block made whole: it imports what the page lets it take for granted. */
export type Example = Block & { source: string }

/**
 * Reads every `ts` block of README.md, `docs/` and the JSDoc of `src/` and `schemes/`.
 *
 * A page reads from top to bottom: its blocks see what the blocks above them import. An `@example` sees what its own file and the
 * entries export.
 */
export function readExamples(): Example[] {
  // Pages of the reference repeat the comments, whose examples are read where they are written.
  const pages = ['README.md', ...filesOf('docs', '.md')].filter(
    (file) => !file.startsWith('docs/reference/') && ts.sys.fileExists(join(root, file)),
  )
  const sources = [...filesOf('src', '.ts'), ...filesOf('schemes', '.ts')]
  return [...pages, ...sources].flatMap((file) => toExamples(file, readFileSync(join(root, file), 'utf8')))
}

/** As {@link readExamples} does for one file. */
export function toExamples(file: string, text: string): Example[] {
  const scope = file.endsWith('.ts') ? readExports(file, text) : new Map<string, string>()
  return readBlocks(file, text).map((block) => {
    const tree = parse(block.code)
    const needed = findUndeclared(tree).flatMap((name) => scope.get(name) ?? [])
    for (const [name, statement] of readImports(tree)) scope.set(name, statement)
    // Imports are hoisted, so they stand at the end and every line keeps its number.
    return { ...block, source: [block.code, ...needed].join('\n') }
  })
}

/**
 * Finds the fenced blocks of a page.
 *
 * @throws When a block would escape the runner: JavaScript under another name, or `no-run` without a reason.
 */
export function readBlocks(file: string, text: string): Block[] {
  const blocks: Block[] = []
  let ticks: string | undefined
  let block: Block | undefined
  for (const [index, content] of toContent(file, text).entries()) {
    const fence = /^\s*(`{3,})(.*)$/.exec(content)
    if (ticks === undefined) {
      ticks = fence?.[1]
      block = fence === null ? undefined : openBlock(file, index + 1, fence[2] ?? '')
      if (block !== undefined) blocks.push(block)
    } else if (fence?.[1] === ticks) ticks = undefined
    else if (block !== undefined) block.code += `${content}\n`
  }
  return blocks
}

/** Reads TypeScript without resolving anything. */
export function parse(code: string): ts.SourceFile {
  return ts.createSourceFile('example.ts', code, ts.ScriptTarget.ES2022, true)
}

/** `file:line` of a line of the block's code, counted from 0. */
export function lineOf(block: Block, codeLine: number): string {
  return `${block.file}:${block.line + 1 + codeLine}`
}

function filesOf(folder: string, extension: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(extension))
    .map((file) => `${folder}/${file}`)
    .sort()
}

/** The lines of a page; of a source only what its comments say. */
function toContent(file: string, text: string): string[] {
  const lines = text.split('\n')
  return file.endsWith('.ts') ? lines.map((line) => /^\s*\* ?(.*)$/.exec(line)?.[1] ?? '') : lines
}

/** A block for a fence of `ts`, none for other languages. */
function openBlock(file: string, line: number, info: string): Block | undefined {
  const [language = '', flag, ...reason] = info.trim().split(/\s+/)
  if (/^(js|mjs|cjs|javascript|typescript|tsx|jsx)$/.test(language)) {
    throw new Error(`${file}:${line}: a \`${language}\` block is never run; write \`ts\``)
  }
  if (language !== 'ts') return undefined
  const noRun = flag === undefined ? undefined : reason.join(' ')
  if (noRun === '' || (flag !== undefined && flag !== 'no-run')) {
    throw new Error(`${file}:${line}: write \`ts\`, or \`ts no-run\` and why`)
  }
  return { file, line, code: '', noRun }
}

/** What an `@example` of this file may use: by name, the statement that imports it. */
function readExports(file: string, text: string): Map<string, string> {
  const scope = new Map<string, string>()
  for (const [entry, source] of Object.entries(entries)) {
    const code = ts.sys.readFile(join(root, source)) ?? ''
    const specifier = entry === 'index' ? 'pay402' : `pay402/${entry}`
    for (const name of namesExportedBy(code)) if (!scope.has(name)) scope.set(name, toImport(name, specifier))
  }
  const own = join(root, file.replace(/\.ts$/, ''))
  for (const name of namesExportedBy(text)) scope.set(name, toImport(name, own))
  return scope
}

/** Names of the values that a file exports. Types an example imports itself. */
function namesExportedBy(code: string): string[] {
  return parse(code).statements.flatMap((statement) => {
    if (ts.isExportDeclaration(statement)) return namesReexportedBy(statement)
    if (!isExported(statement)) return []
    if (ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement)) return statement.name?.text ?? []
    if (!ts.isVariableStatement(statement)) return []
    return statement.declarationList.declarations.map((declaration) => declaration.name.getText())
  })
}

function namesReexportedBy({ isTypeOnly, exportClause }: ts.ExportDeclaration): string[] {
  if (isTypeOnly || exportClause === undefined || !ts.isNamedExports(exportClause)) return []
  return exportClause.elements.filter((element) => !element.isTypeOnly).map((element) => element.name.text)
}

function isExported(statement: ts.Statement): boolean {
  if (!ts.canHaveModifiers(statement)) return false
  return ts.getModifiers(statement)?.some((modifier) => modifier.kind === ts.SyntaxKind.ExportKeyword) ?? false
}

function toImport(name: string, specifier: string): string {
  return `import { ${name} } from '${specifier}'`
}

/** What a block imports: by name, a statement that imports just that. */
function readImports(tree: ts.SourceFile): [string, string][] {
  return tree.statements.filter(ts.isImportDeclaration).flatMap(({ importClause, moduleSpecifier }) => {
    const from = `from ${moduleSpecifier.getText()}`
    const type = importClause?.isTypeOnly ? 'type ' : ''
    const found: [string, string][] = []
    if (importClause?.name) found.push([importClause.name.text, `import ${type}${importClause.name.text} ${from}`])
    const bindings = importClause?.namedBindings
    if (bindings === undefined) return found
    if (ts.isNamespaceImport(bindings))
      return [...found, [bindings.name.text, `import ${type}${bindings.getText()} ${from}`]]
    for (const element of bindings.elements) {
      found.push([element.name.text, `import ${type}{ ${element.getText()} } ${from}`])
    }
    return found
  })
}

/** Names that a block uses without declaring them anywhere in itself. */
function findUndeclared(tree: ts.SourceFile): string[] {
  const used = new Set<string>()
  const declared = new Set<string>()
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node)) (isDeclaration(node) ? declared : used).add(node.text)
    ts.forEachChild(node, visit)
  }
  visit(tree)
  return [...used].filter((name) => !declared.has(name))
}

function isDeclaration(name: ts.Identifier): boolean {
  const { parent } = name
  const declares =
    ts.isVariableDeclaration(parent) ||
    ts.isBindingElement(parent) ||
    ts.isParameter(parent) ||
    ts.isFunctionDeclaration(parent) ||
    ts.isClassDeclaration(parent) ||
    ts.isTypeAliasDeclaration(parent) ||
    ts.isImportClause(parent) ||
    ts.isImportSpecifier(parent) ||
    ts.isNamespaceImport(parent)
  return declares && parent.name === name
}
