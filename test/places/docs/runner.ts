import { dirname, join } from 'node:path'
import ts from 'typescript'
import { expect } from 'vitest'
import { type Example, lineOf, parse, root } from './examples.js'

/**
 * Type-checks all examples as one program.
 *
 * @param examples - What to check.
 * @param contextNames - Names that an example may use without declaring them; their types are those of `createContext`.
 * @returns What is wrong, each with page and line; nothing when all is well.
 */
export function checkTypes(examples: readonly Example[], contextNames: readonly string[]): string[] {
  const folder = join(root, 'test/places/docs')
  const ambient = contextNames.filter((name) => !(name in globalThis))
  const files = new Map(examples.map((example, index) => [join(folder, `example-${index}.ts`), example.source]))
  if (ambient.length > 0) files.set(join(folder, 'ambient.ts'), declareContext(ambient))
  const compilerOptions = readCompilerOptions()
  const host = ts.createCompilerHost(compilerOptions)
  const { fileExists, getSourceFile } = host
  host.fileExists = (path) => files.has(path) || fileExists(path)
  host.getSourceFile = (path, options, ...rest) => {
    const text = files.get(path)
    return text === undefined ? getSourceFile(path, options, ...rest) : ts.createSourceFile(path, text, options)
  }
  const program = ts.createProgram([...files.keys()], compilerOptions, host)
  return examples.flatMap((example, index) => {
    const tree = program.getSourceFile(join(folder, `example-${index}.ts`))
    return [...program.getSyntacticDiagnostics(tree), ...program.getSemanticDiagnostics(tree)].map((diagnostic) => {
      const line = lineOf(example, tree?.getLineAndCharacterOfPosition(diagnostic.start ?? 0).line ?? 0)
      return `${line}: ${ts.flattenDiagnosticMessageText(diagnostic.messageText, ' ')}`
    })
  })
}

/**
 * Runs an example and asserts each `//=> value` that follows an expression or a `const`.
 *
 * In an expected string `…` stands for any text. An expectation that is never reached is a failure.
 *
 * @param example - What to run.
 * @param context - What it may use without declaring it.
 * @throws Whatever the example throws, with page and line.
 */
export async function runExample(example: Example, context: Readonly<Record<string, unknown>>): Promise<void> {
  const { javaScript, expectations } = compile(example)
  const reached = new Set<number>()
  let current = 0
  const hooks = {
    __import: (specifier: string): Promise<unknown> => import(/* @vite-ignore */ specifier),
    __at: (line: number): void => {
      current = line
    },
    __expect: (line: number, actual: unknown, expected: unknown): void => {
      reached.add(line)
      expect(actual, lineOf(example, line)).toEqual(toPattern(expected))
    },
  }
  const names = { ...context, ...hooks }
  const AsyncFunction: FunctionConstructor = Object.getPrototypeOf(async () => undefined).constructor
  try {
    // A block of its own, so that the example may declare what the context has too.
    await AsyncFunction(...Object.keys(names), `{${javaScript}\n}`)(...Object.values(names))
  } catch (error) {
    if (error instanceof Error && error.name === 'AssertionError') throw error
    throw new Error(`${lineOf(example, current)}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    })
  }
  const missed = expectations.find((line) => !reached.has(line))
  if (missed !== undefined) throw new Error(`${lineOf(example, missed)}: this expectation was never reached`)
}

function declareContext(names: readonly string[]): string {
  return `import type { createContext } from './context.js'
    type Context = Awaited<ReturnType<typeof createContext>>
    declare global { ${names.map((name) => `const ${name}: Context['${name}']`).join('\n')} }`
}

function readCompilerOptions(): ts.CompilerOptions {
  const path = join(root, 'test/tsconfig.json')
  const { config } = ts.readConfigFile(path, ts.sys.readFile)
  return {
    ...ts.parseJsonConfigFileContent(config, ts.sys, dirname(path)).options,
    // Examples are for reading: they may leave a result unused, and write `process.env.KEY`.
    noUnusedLocals: false,
    noPropertyAccessFromIndexSignature: false,
  }
}

type Edit = (at: number, until: number, text: string) => void

/** Turns the example into the body of an async function: no imports, no types, and its expectations as calls. */
function compile(example: Example): { javaScript: string; expectations: number[] } {
  const tree = parse(example.source)
  const edits: { at: number; until: number; text: string }[] = []
  const expectations: number[] = []
  const edit: Edit = (at, until, text) => edits.push({ at, until, text })

  const visit = (node: ts.Node): void => {
    const expected = /^[ \t]*\/\/=>(.*)/.exec(tree.text.slice(node.end))?.[1]
    if (expected !== undefined && ts.isStatement(node)) {
      const line = tree.getLineAndCharacterOfPosition(node.end).line
      if (ts.isExpressionStatement(node)) {
        expectations.push(line)
        edit(node.getStart(), node.getStart(), `__expect(${line}, (`)
        edit(node.expression.end, node.end, `), (${expected}))`)
      } else if (ts.isVariableStatement(node)) {
        expectations.push(line)
        edit(
          node.end,
          node.end,
          `;__expect(${line}, ${node.declarationList.declarations[0]?.name.getText()}, (${expected}))`,
        )
      }
    }
    ts.forEachChild(node, visit)
  }
  let imports = ''
  for (const statement of tree.statements) {
    const start = statement.getStart()
    const at = `__at(${tree.getLineAndCharacterOfPosition(start).line});`
    if (ts.isImportDeclaration(statement)) {
      imports += at + toDynamicImport(statement)
      edit(start, statement.end, '')
    } else {
      edit(start, start, at)
      removeExport(statement, edit)
      visit(statement)
    }
  }
  const written = example.code.split('//=>').length - 1
  if (written !== expectations.length) {
    throw new Error(`${lineOf(example, 0)}: a \`//=>\` must follow an expression or a \`const\``)
  }
  // The last edit first, so that positions hold; at one position the first one made comes out in front.
  let source = tree.text
  for (const { at, until, text } of edits.toReversed().sort((a, b) => b.at - a.at)) {
    source = source.slice(0, at) + text + source.slice(until)
  }
  const options = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext }
  return { javaScript: ts.transpile(imports + source, options), expectations }
}

function toDynamicImport({ importClause, moduleSpecifier }: ts.ImportDeclaration): string {
  if (importClause?.isTypeOnly) return ''
  const loaded = `await __import(${moduleSpecifier.getText()})`
  const bindings = importClause?.namedBindings
  const byDefault = importClause?.name ? `const { default: ${importClause.name.text} } = ${loaded};` : ''
  if (bindings === undefined) return byDefault === '' ? `${loaded};` : byDefault
  if (ts.isNamespaceImport(bindings)) return `${byDefault}const ${bindings.name.text} = ${loaded};`
  const names = bindings.elements
    .filter((element) => !element.isTypeOnly)
    .map(({ name, propertyName }) =>
      propertyName === undefined ? name.text : `${propertyName.getText()}: ${name.text}`,
    )
  return `${byDefault}const { ${names.join(', ')} } = ${loaded};`
}

/** A function's body can't export: `export const x` becomes `const x`, `export default x` a mere expression. */
function removeExport(statement: ts.Statement, edit: Edit): void {
  if (ts.isExportAssignment(statement)) edit(statement.getStart(), statement.expression.getStart(), 'void ')
  else if (ts.canHaveModifiers(statement)) {
    for (const modifier of ts.getModifiers(statement) ?? []) {
      if (/^(export|default)$/.test(modifier.getText())) edit(modifier.getStart(), modifier.end, '')
    }
  }
}

function toPattern(expected: unknown): unknown {
  if (typeof expected === 'string' && expected.includes('…')) {
    const parts = expected.split('…').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    return expect.stringMatching(new RegExp(`^${parts.join('[^]*')}$`))
  }
  if (Array.isArray(expected)) return expected.map(toPattern)
  if (typeof expected !== 'object' || expected === null || Object.getPrototypeOf(expected) !== Object.prototype)
    return expected
  return Object.fromEntries(Object.entries(expected).map(([name, value]) => [name, toPattern(value)]))
}
