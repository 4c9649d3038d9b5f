import ts from 'typescript'
import { entries } from '../../../tsup.config.js'
import { brands, layers, packages } from './layers.js'
import { type Import, readImports, type SourceFiles, statementsOf, walk } from './source-files.js'

/** One sentence about the tree, and an example that breaks it. */
export type Rule = {
  sentence: string
  /** What breaks the rule, each `path:line` and why. */
  find(files: SourceFiles): string[]
  example: Readonly<Record<string, string>>
  /** What {@link find} finds in the example. */
  finds: string[]
}

/** What `pay402` on the command line starts. */
const PROGRAM = 'src/cli/index.ts'

const lines = (count: number) => 'export const a = 1\n'.repeat(count)

export const rules: readonly Rule[] = [
  {
    sentence: 'a layer imports only what its row of the table names',
    find: (files) =>
      readImports(files)
        .filter((found) => found.isFile && !maySee(found))
        .map(({ from, line, to }) => `${from}:${line} ${nameLayer(from)} may not see ${nameLayer(to)}: ${to}`),
    example: {
      'src/flow/pay.ts': "import type { x402Client } from '../client/x402-client.js'",
      'src/client/open.ts': "export const ledger = await import('../ledger/file/index.js')",
      'src/hooks/hook-runner.ts':
        "import type { Signed } from '../payment/steps.js'\nimport type { sign } from '../flow/sign.js'",
      'src/http/paid-response.ts': "import { judge } from '../flow/judge.js'",
      'src/fetch/wrap.ts': "import type { Quote } from '../desk/quote.js'\nimport { quote } from '../desk/quote.js'",
      'schemes/evm/a.ts':
        "import { b } from '../svm/b.js'\nimport { Ports } from '../../src/payment/ports.js'\nimport { c } from '../../src/payment/scheme.js'",
      'src/utils/a.ts': "import { b } from './b.js'",
    },
    finds: [
      'src/flow/pay.ts:1 flow may not see client: src/client/x402-client.ts',
      'src/client/open.ts:1 client may not see file ledger: src/ledger/file/index.ts',
      'src/hooks/hook-runner.ts:2 hooks may not see flow: src/flow/sign.ts',
      'src/http/paid-response.ts:1 http may not see flow: src/flow/judge.ts',
      'src/fetch/wrap.ts:2 fetch door may not see desk: src/desk/quote.ts',
      'schemes/evm/a.ts:1 evm may not see svm: schemes/svm/b.ts',
      'schemes/evm/a.ts:2 evm may not see payment: src/payment/ports.ts',
      'src/utils/a.ts:1 no layer may not see no layer: src/utils/b.ts',
    ],
  },
  {
    sentence: 'what src/mcp loads at once leads to nothing of HTTP',
    find: (files) => {
      const loaded = new Set<string>()
      const reading = [...files.keys()].filter((path) => path.startsWith('src/mcp/'))
      const imports = readImports(files).filter(
        ({ isFile, isTypeOnly, isDynamic }) => isFile && !isTypeOnly && !isDynamic,
      )
      for (let path = reading.pop(); path !== undefined; path = reading.pop()) {
        if (loaded.has(path)) continue
        loaded.add(path)
        reading.push(...imports.filter(({ from }) => from === path).map(({ to }) => to))
      }
      return [...loaded].filter((path) => /^src\/(http|fetch|axios|ky)\//.test(path)).sort()
    },
    example: {
      'src/mcp/index.ts':
        "import { x402Client } from '../client/x402-client.js'\nimport type { A } from '../http/door.js'",
      'src/client/x402-client.ts':
        "import { b } from '../http/message.js'\nexport const later = import('../http/terms.js')",
    },
    finds: ['src/http/message.ts'],
  },
  {
    sentence: 'a package is imported only where the table names it, and none of Node where browsers run',
    find: (files) =>
      readImports(files)
        .filter(({ from, to, isFile, isTypeOnly }) => !isFile && !mayImport(from, to, isTypeOnly))
        .map(({ from, line, to }) => `${from}:${line} ${to}`),
    example: {
      'src/flow/digest.ts': "import { createHash } from 'node:crypto'\nimport * as z from 'zod'",
      'src/ky/wrap.ts': "import type { KyInstance } from 'ky'\nimport ky from 'ky'",
      'schemes/evm/sign.ts': "import type { Account } from 'viem'\nexport type A = import('viem').Hex",
    },
    finds: [
      'src/flow/digest.ts:1 node:crypto',
      'src/flow/digest.ts:2 zod',
      'src/ky/wrap.ts:2 ky',
      'schemes/evm/sign.ts:1 viem',
      'schemes/evm/sign.ts:2 viem',
    ],
  },
  {
    sentence: 'a step of the corridor is made only by its own file',
    find: (files) => {
      const steps = 'src/payment/steps.ts'
      const unlisted = [...(files.get(steps) ?? '').matchAll(/export (?:const|function) (brand\w+)/g)]
        .map(([, name = '']) => name)
        .filter((name) => brands[name] === undefined)
        .map((name) => `${steps}:1 ${name} is missing in the table of brands`)
      const broken = readImports(files)
        .filter(({ to, isTypeOnly }) => to === steps && !isTypeOnly)
        .flatMap(({ from, line, names }) =>
          names.filter((name) => isForeignBrand(name, from)).map((name) => `${from}:${line} ${name}`),
        )
      return [...unlisted, ...broken]
    },
    example: {
      'src/payment/steps.ts': 'export const brandReturned = 1',
      'src/flow/select.ts': "import { brandSelected, brandSigned, type Signed } from '../payment/steps.js'",
      'src/client/pay.ts':
        "import * as steps from '../payment/steps.js'\nimport type * as types from '../payment/steps.js'",
      'src/flow/open.ts': "export { brandAuthorized as make } from '../payment/steps.js'",
    },
    finds: [
      'src/payment/steps.ts:1 brandReturned is missing in the table of brands',
      'src/flow/select.ts:1 brandSigned',
      'src/client/pay.ts:1 *',
      'src/flow/open.ts:1 brandAuthorized',
    ],
  },
  {
    sentence: 'src names no chain, but for the names of protocol 1, in the kit for tests, and in the program',
    find: (files) =>
      leavesOf(files, (path) => /^src\/(?!wire\/v1-networks\.ts$|testing\/|cli\/)/.test(path))
        .filter(({ text }) => /eip155|solana/i.test(text))
        .map(({ at, text }) => `${at} ${text}`),
    example: {
      'src/wire/v1-networks.ts': "export const base = 'eip155:8453'",
      'src/flow/select.ts':
        "// eip155 in a comment\nexport const all = 'eip155:*'\nexport const solanaOnly = `a solana`",
      'schemes/evm/network.ts': "export const all = 'eip155:*'",
      'src/testing/offer.ts': "export const usual = 'eip155:84532'",
      'src/cli/agent.ts': "export const all = 'eip155:*'",
    },
    finds: ["src/flow/select.ts:2 'eip155:*'", 'src/flow/select.ts:3 solanaOnly', 'src/flow/select.ts:3 `a solana`'],
  },
  {
    sentence: 'JSON is parsed in src/wire/json.ts only',
    find: (files) => findCalls(files, /^JSON\.parse$|\.json$/, 'src/wire/json.ts'),
    example: { 'src/flow/pay.ts': 'JSON.parse("1")\n// JSON.parse\nawait response.json()' },
    finds: ['src/flow/pay.ts:1 JSON.parse', 'src/flow/pay.ts:3 response.json'],
  },
  {
    sentence: 'randomness comes from src/payment/random.ts only',
    find: (files) => findCalls(files, /\.(getRandomValues|randomUUID)$|^Math\.random$/, 'src/payment/random.ts'),
    example: { 'schemes/evm/nonce.ts': 'globalThis.crypto.getRandomValues(a)\nMath.random()' },
    finds: ['schemes/evm/nonce.ts:1 globalThis.crypto.getRandomValues', 'schemes/evm/nonce.ts:2 Math.random'],
  },
  {
    sentence: 'time comes from src/payment/clock.ts only',
    find: (files) => findCalls(files, /^(Date\.now|performance\.now|Date)$/, 'src/payment/clock.ts'),
    example: { 'src/limits/window.ts': 'Date.now()\nnew Date()\nnew Date(0)' },
    finds: ['src/limits/window.ts:1 Date.now', 'src/limits/window.ts:2 Date'],
  },
  {
    sentence: 'a wallet signs only what schemes/evm/wallet/guard.ts has compared with the terms',
    find: (files) => findCalls(files, /\.signUnchecked$/, 'schemes/evm/wallet/guard.ts'),
    example: { 'schemes/evm/eip3009/authorization.ts': 'await wallet.signUnchecked(typedData)' },
    finds: ['schemes/evm/eip3009/authorization.ts:1 wallet.signUnchecked'],
  },
  {
    sentence:
      'a wallet signs only transactions that schemes/evm/permit2/sponsoring/approval-guard.ts has compared with the terms',
    find: (files) =>
      findCalls(files, /\.signTransactionUnchecked$/, 'schemes/evm/permit2/sponsoring/approval-guard.ts'),
    example: {
      'schemes/evm/permit2/sponsoring/approval-signature.ts': 'await signer.signTransactionUnchecked(transaction)',
    },
    finds: ['schemes/evm/permit2/sponsoring/approval-signature.ts:1 signer.signTransactionUnchecked'],
  },
  {
    sentence: 'nothing is printed',
    find: (files) => findCalls(files, /^console\./, undefined),
    example: { 'src/flow/pay.ts': "console.warn('paid')" },
    finds: ['src/flow/pay.ts:1 console.warn'],
  },
  {
    sentence: 'importing a file does nothing, but for the one that starts the program',
    find: (files) =>
      [...files].flatMap(([path, text]) =>
        (path === PROGRAM ? [] : statementsOf(path, text))
          .filter(({ statement }) => !isDeclaration(statement))
          .map(({ at }) => at),
      ),
    example: {
      'src/flow/pay.ts': "import './polyfill.js'\nexport const a = 1\nglobalThis.paid = a\nif (a) throw a",
      'src/cli/index.ts': 'process.exit(await run())',
      'src/cli/program.ts': 'run()',
    },
    finds: ['src/flow/pay.ts:1', 'src/flow/pay.ts:3', 'src/flow/pay.ts:4', 'src/cli/program.ts:1'],
  },
  {
    sentence: 'everything is exported by name: no default, no star',
    find: (files) =>
      [...files].flatMap(([path, text]) =>
        statementsOf(path, text)
          .filter(({ statement }) => isNamelessExport(statement))
          .map(({ at }) => at),
      ),
    example: {
      'src/flow/pay.ts': 'export default function pay() {}\nexport default 1\nexport { pay as default }',
      'src/index.ts': "export * from './errors.js'\nexport * as errors from './errors.js'",
    },
    finds: ['src/flow/pay.ts:1', 'src/flow/pay.ts:2', 'src/flow/pay.ts:3', 'src/index.ts:1', 'src/index.ts:2'],
  },
  {
    sentence: 'only an entry of the package re-exports others',
    find: (files) =>
      [...files]
        .filter(([path]) => !isEntry(path))
        .flatMap(([path, text]) =>
          statementsOf(path, text)
            .filter(({ statement }) => ts.isExportDeclaration(statement) && statement.moduleSpecifier !== undefined)
            .map(({ at }) => at),
        ),
    example: {
      'src/flow/index.ts': "export { pay } from './pay.js'",
      'src/fetch/index.ts': "export { x402Client } from '../client/x402-client.js'",
    },
    finds: ['src/flow/index.ts:1'],
  },
  {
    sentence: 'a file is named in kebab-case',
    find: (files) =>
      [...files.keys()].filter((path) => !/^([a-z0-9]+(-[a-z0-9]+)*\/)+[a-z0-9]+(-[a-z0-9]+)*\.ts$/.test(path)),
    example: { 'src/flow/readChallenge.ts': '', 'src/Flow/pay.ts': '', 'src/x402-client.ts': '' },
    finds: ['src/flow/readChallenge.ts', 'src/Flow/pay.ts'],
  },
  {
    sentence: 'a function lives with its noun, not in a folder or file of leftovers',
    find: (files) =>
      [...files.keys()].filter((path) => /[/-](utils?|helpers?|common|shared|types|misc)[/.]/.test(path)),
    example: {
      'src/utils/hex.ts': '',
      'src/flow/types.ts': '',
      'src/limits/money-helpers.ts': '',
      'src/typed-data.ts': '',
    },
    finds: ['src/utils/hex.ts', 'src/flow/types.ts', 'src/limits/money-helpers.ts'],
  },
  {
    sentence: 'a file stays under 300 lines',
    find: (files) =>
      [...files].filter(([, text]) => countLines(text) >= 300).map(([path, text]) => `${path}:${countLines(text)}`),
    example: { 'src/flow/pay.ts': lines(300), 'src/flow/sign.ts': lines(299) },
    finds: ['src/flow/pay.ts:300'],
  },
  {
    sentence: 'half of the files stay under 100 lines',
    find: (files) => {
      const median = [...files.values()].map(countLines).sort((a, b) => a - b)[Math.floor(files.size / 2)] ?? 0
      return median < 100 ? [] : [`the median is ${median}`]
    },
    example: { 'src/a.ts': lines(5), 'src/b.ts': lines(100), 'src/c.ts': lines(200) },
    finds: ['the median is 100'],
  },
]

function isEntry(path: string): boolean {
  return Object.values(entries).includes(path)
}

function nameLayer(path: string): string {
  return layers.find(({ holds }) => holds.test(path))?.name ?? 'no layer'
}

function maySee({ from, to, isTypeOnly }: Import): boolean {
  const layer = layers.find(({ holds }) => holds.test(from))
  if (layer === undefined) return false
  const seen = [...layer.sees, ...(isTypeOnly ? (layer.seesTypesOf ?? []) : [])]
  return layer.holds.test(to) || seen.includes(nameLayer(to)) || (seen.includes('entries') && isEntry(to))
}

function mayImport(from: string, to: string, isTypeOnly: boolean): boolean {
  const row = packages.find(({ holds }) => holds.test(from))
  return row !== undefined && (row.atRunTime.test(to) || (isTypeOnly && row.asTypes?.test(to) === true))
}

function isForeignBrand(name: string, path: string): boolean {
  return name === '*' || (name.startsWith('brand') && !brands[name]?.includes(path))
}

/** Identifiers and literals: what is left of a file without comments and punctuation. */
function leavesOf(files: SourceFiles, isMeant: (path: string) => boolean): { at: string; text: string }[] {
  return [...walk(files)]
    .filter(
      ({ path, node }) =>
        isMeant(path) && (ts.isIdentifier(node) || ts.isLiteralExpression(node) || isTemplatePart(node)),
    )
    .map(({ at, node }) => ({ at, text: node.getText() }))
}

function isTemplatePart(node: ts.Node): boolean {
  return ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node)
}

/** Uses of what a pattern names, written out: `a.b.c`, or `new A()` without arguments. */
function findCalls(files: SourceFiles, pattern: RegExp, home: string | undefined): string[] {
  return [...walk(files)]
    .filter(({ path }) => path !== home)
    .flatMap(({ at, node }) => {
      const isBareNew = ts.isNewExpression(node) && (node.arguments?.length ?? 0) === 0
      const text = ts.isPropertyAccessExpression(node) ? node.getText() : isBareNew ? node.expression.getText() : ''
      return pattern.test(text) ? [`${at} ${text}`] : []
    })
}

function isDeclaration(statement: ts.Statement): boolean {
  if (ts.isImportDeclaration(statement)) return statement.importClause !== undefined
  return (
    ts.isExportDeclaration(statement) ||
    ts.isExportAssignment(statement) ||
    ts.isVariableStatement(statement) ||
    ts.isFunctionDeclaration(statement) ||
    ts.isClassDeclaration(statement) ||
    ts.isTypeAliasDeclaration(statement) ||
    ts.isInterfaceDeclaration(statement) ||
    ts.isModuleDeclaration(statement)
  )
}

function isNamelessExport(statement: ts.Statement): boolean {
  if (ts.isExportAssignment(statement)) return true
  if (ts.isExportDeclaration(statement)) {
    const clause = statement.exportClause
    if (clause === undefined || !ts.isNamedExports(clause)) return true
    return clause.elements.some(({ name }) => name.text === 'default')
  }
  const modifiers = ts.canHaveModifiers(statement) ? ts.getModifiers(statement) : undefined
  return modifiers?.some(({ kind }) => kind === ts.SyntaxKind.DefaultKeyword) ?? false
}

function countLines(text: string): number {
  return text.trimEnd().split('\n').length
}
