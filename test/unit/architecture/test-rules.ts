import ts from 'typescript'
import type { Rule } from './rules.js'
import { type SourceFiles, walk } from './source-files.js'

/** What tells how long the machine took, or how much of its memory. */
const MEASURES = /^(memoryUsage|cpuUsage|resourceUsage|hrtime|performance|PerformanceObserver)$/

/** Asks the machine's clock. */
const NOW = /\bDate\.now\(\)|\bnew Date\(\)/

/** What a figure of a machine is called. */
const FIGURES = /elapsed|took|duration|latency|rss|heap|memory|bytesHeld|megabytes|seconds?Passed|milliseconds|Ms\b/i

/** Ways to hold a figure to a bound. */
const BOUNDS = /^(toBeLessThan|toBeLessThanOrEqual|toBeGreaterThan|toBeGreaterThanOrEqual|toBeCloseTo)$/

const COMPARING: ReadonlySet<ts.SyntaxKind> = new Set([
  ts.SyntaxKind.MinusToken,
  ts.SyntaxKind.LessThanToken,
  ts.SyntaxKind.LessThanEqualsToken,
  ts.SyntaxKind.GreaterThanToken,
  ts.SyntaxKind.GreaterThanEqualsToken,
])

/** Programs that tell how long something took: they are no tests. */
const MEASURING = ['test/bench/', 'test/fleet/']

/** What holds for the tests themselves, so that they pass on a machine of any speed and size. */
export const testRules: readonly Rule[] = [
  {
    sentence: 'a test measures neither time nor memory, which are for the bench',
    find: (files) =>
      nodesOf(files, new RegExp(MEASURES.source.slice(1, -1)))
        .filter(({ node }) => ts.isIdentifier(node) && MEASURES.test(node.text))
        .map(({ at, node }) => `${at} ${node.getText()}`),
    example: {
      'test/ledger/fast.test.ts': "import { hrtime } from 'node:process'\nconst held = process.memoryUsage().rss",
      'test/flow/fast.test.ts': 'const start = performance.now()\n// performance',
      'test/bench/bench.ts': 'performance.now()',
      'test/fleet/run.ts': 'performance.now()',
    },
    finds: [
      'test/ledger/fast.test.ts:1 hrtime',
      'test/ledger/fast.test.ts:2 memoryUsage',
      'test/flow/fast.test.ts:1 performance',
    ],
  },
  {
    sentence: "a test takes the machine's clock for what it is, and never compares two of its moments",
    find: (files) =>
      nodesOf(files, NOW)
        .filter(({ node }) => ts.isBinaryExpression(node) && isComparing(node))
        .map(({ at, node }) => `${at} ${node.getText()}`),
    example: {
      'test/flow/fast.test.ts':
        'const start = Date.now()\nconst took = Date.now() - start\nconst end = Date.now()\nif (end > 5 + start) fail()',
      'test/chain/now.test.ts': 'const now = Math.floor(Date.now() / 1000)\ncreateClock(now + 60)\nconst one = 3 - two',
    },
    finds: ['test/flow/fast.test.ts:2 Date.now() - start', 'test/flow/fast.test.ts:4 end > 5 + start'],
  },
  {
    sentence: 'a test holds no figure of time or memory to a bound',
    find: (files) =>
      nodesOf(files, FIGURES)
        .filter(({ node }) => isBounded(node))
        .map(({ at, node }) => `${at} ${node.getText()}`),
    example: {
      'test/ledger/fast.test.ts':
        'expect(run.elapsedMs).toBeLessThan(100)\nexpect(took).not.toBeGreaterThan(5)\nexpect(steps).toBeLessThan(7)\nexpect(pausesMs).toEqual([250])',
    },
    finds: [
      'test/ledger/fast.test.ts:1 expect(run.elapsedMs).toBeLessThan',
      'test/ledger/fast.test.ts:2 expect(took).not.toBeGreaterThan',
    ],
  },
]

/** The nodes of tests whose text speaks of something: walking through all takes seconds. */
function nodesOf(files: SourceFiles, text: RegExp): { at: string; node: ts.Node }[] {
  const isTest = (path: string) => !MEASURING.some((folder) => path.startsWith(folder))
  const meant = [...files].filter(([path, source]) => isTest(path) && text.test(source))
  return [...walk(new Map(meant))]
}

function isComparing({ left, right, operatorToken }: ts.BinaryExpression): boolean {
  return COMPARING.has(operatorToken.kind) && [left, right].some((side) => tellsNow(side))
}

/** Whether a value is of the machine's clock: it asks for it, or names a variable of the file that does. */
function tellsNow(value: ts.Node): boolean {
  if (NOW.test(value.getText())) return true
  const names = value.getText().match(/[\w$]+/g) ?? []
  return names.some((name) => variablesOfNow(value.getSourceFile()).has(name))
}

const variables = new WeakMap<ts.SourceFile, ReadonlySet<string>>()

function variablesOfNow(file: ts.SourceFile): ReadonlySet<string> {
  const known = variables.get(file)
  if (known !== undefined) return known
  const found = file.text.matchAll(/\b(?:const|let) ([\w$]+) = (?:Date\.now\(\)|new Date\(\))\s*$/gm)
  const names = new Set([...found].map(([, name = '']) => name))
  variables.set(file, names)
  return names
}

/** `expect(elapsedMs).toBeLessThan`, however it is negated. */
function isBounded(node: ts.Node): boolean {
  if (!ts.isPropertyAccessExpression(node) || !BOUNDS.test(node.name.text)) return false
  let subject = node.expression
  while (ts.isPropertyAccessExpression(subject)) subject = subject.expression
  return ts.isCallExpression(subject) && subject.arguments.some((argument) => FIGURES.test(argument.getText()))
}
