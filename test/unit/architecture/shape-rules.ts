import { posix } from 'node:path'
import ts from 'typescript'
import type { Rule } from './rules.js'
import { readImports, walk } from './source-files.js'

/** Most files in a folder: more are several rooms. */
const MAX_FILES = 20

/** Fewest lines of a file that few import. */
const MIN_LINES = 30

/** How many files must import a smaller one, for it to stand alone. */
const MIN_READERS = 3

/** Codes are never renamed. */
const OLD_CODES = /\bPAYEE_(CHANGED|NOT_ALLOWED)\b/g

/** What an offer says, and how many of these make a type a second one of it. */
const FACTS = ['scheme', 'network', 'asset', 'payTo', 'amount', 'maxTimeoutSeconds']
const MAX_FACTS = 3

const short = (imports = '') => `${imports}export const a = 1`
const many = (folder: string, count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`${folder}/file-${index}.ts`, '']))

/** What holds for the shape of the tree: how it is cut into files, and that nothing in it is said twice. */
export const shapeRules: readonly Rule[] = [
  {
    sentence: `a folder holds at most ${MAX_FILES} files`,
    find: (files) =>
      [...countBy([...files.keys()].map((path) => posix.dirname(path)))]
        .filter(([, count]) => count > MAX_FILES)
        .map(([folder, count]) => `${folder}:${count}`),
    example: { ...many('src/flow', 21), ...many('src/flow/steps', 20) },
    finds: ['src/flow:21'],
  },
  {
    sentence: `a file under ${MIN_LINES} lines stands alone only where ${MIN_READERS} others import it`,
    find: (files) => {
      const readers = new Map<string, Set<string>>()
      for (const { from, to } of readImports(files)) readers.set(to, (readers.get(to) ?? new Set()).add(from))
      return [...files]
        .filter(([path, text]) => !path.endsWith('/index.ts') && countLines(text) < MIN_LINES)
        .map(([path]) => ({ path, by: readers.get(path)?.size ?? 0 }))
        .filter(({ by }) => by < MIN_READERS)
        .map(({ path, by }) => `${path} is imported by ${by}`)
    },
    example: {
      'src/flow/small.ts': short(),
      'src/flow/wanted.ts': short(),
      'src/flow/index.ts': short(),
      'src/flow/long.ts': `import '../flow/small.js'\nimport './wanted.js'\n${'export const a = 1\n'.repeat(30)}`,
      'src/client/long.ts': `import '../flow/wanted.js'\n${'export const a = 1\n'.repeat(30)}`,
      'src/desk/long.ts': `import type { a } from '../flow/wanted.js'\n${'export const a = 1\n'.repeat(30)}`,
      'src/desk/alone.ts': short(
        "import { a } from '../flow/small.js'\nexport const b = await import('../flow/small.js')\n",
      ),
    },
    finds: ['src/flow/small.ts is imported by 2', 'src/desk/alone.ts is imported by 0'],
  },
  {
    sentence: 'who is paid is called payTo, as the field has it, and in no file a payee; codes stay as they are',
    find: (files) =>
      [...files].flatMap(([path, text]) =>
        text
          .split('\n')
          .map((line, index) => ({
            at: `${path}:${index + 1}`,
            said: /\w*payee\w*/i.exec(line.replace(OLD_CODES, '')),
          }))
          .flatMap(({ at, said }) => (said === null ? [] : [`${at} ${said[0]}`])),
      ),
    example: {
      'src/flow/authorize.ts': "const payeeOf = 1\n// The payee's address.\nconst code = 'PAYEE_CHANGED'",
      'schemes/evm/terms.ts': "const code = 'PAYEE_CHANGED_AGAIN'",
    },
    finds: [
      'src/flow/authorize.ts:1 payeeOf',
      'src/flow/authorize.ts:2 payee',
      'schemes/evm/terms.ts:1 PAYEE_CHANGED_AGAIN',
    ],
  },
  {
    sentence: `what an offer says is written once: no second type has more than ${MAX_FACTS} of ${FACTS.join(', ')}`,
    find: (files) =>
      [...walk(files)]
        .filter(({ path }) => path !== 'src/wire/requirements.ts')
        .flatMap(({ at, node }) => {
          const said = factsOf(node)
          return said.length > MAX_FACTS ? [`${at} ${said.join(', ')}`] : []
        }),
    example: {
      'src/wire/requirements.ts':
        'export type PaymentRequirements = { scheme: string; network: string; asset: string; payTo: string; amount: string }',
      'src/ledger/row.ts':
        'type Row = { id: string } & { scheme: string; network: string; asset: string; payTo: string }',
      'src/desk/list.ts':
        'interface Entry { network: string; asset: string; payTo: string; amount: string; payer: string }',
      'src/flow/asked.ts':
        "type Asked = Pick<Terms, 'scheme' | 'network' | 'asset' | 'payTo' | 'amount'> & { asset: string; payTo: string }",
      'schemes/evm/token.ts': 'type Token = { network: string; asset: string; amount: bigint }',
    },
    finds: ['src/ledger/row.ts:1 scheme, network, asset, payTo', 'src/desk/list.ts:1 network, asset, payTo, amount'],
  },
]

/** Facts of an offer that a type declares as members of its own. */
function factsOf(node: ts.Node): string[] {
  if (!ts.isTypeLiteralNode(node) && !ts.isInterfaceDeclaration(node)) return []
  return node.members.flatMap(({ name }) => {
    const text = name !== undefined && (ts.isIdentifier(name) || ts.isStringLiteral(name)) ? name.text : ''
    return FACTS.includes(text) ? [text] : []
  })
}

function countBy(names: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  return counts
}

function countLines(text: string): number {
  return text.trimEnd().split('\n').length
}
