import {
  findNodeAtLocation,
  getNodeValue,
  type Node,
  type ParseError,
  parseTree,
  printParseErrorCode,
} from 'jsonc-parser'
import type { Outcome, Problem } from './problem.js'
import { toOptionName } from './problem.js'

/** A configuration file that is JSON with comments. */
export type Document = {
  readonly value: unknown
  /** The line of an option, or of the nearest one around it that is written down; counted from 1. */
  lineOf(path: readonly PropertyKey[]): number
}

/** Far more than any configuration needs. */
const MAX_CHARACTERS = 1_000_000

/** What a slip in JSON is called. Source: the codes of `printParseErrorCode` in jsonc-parser 3.3. */
const SLIPS: Readonly<Record<string, string>> = {
  CloseBraceExpected: 'a "}" is missing',
  CloseBracketExpected: 'a "]" is missing',
  ColonExpected: 'a ":" is missing between an option and its value',
  CommaExpected: 'a "," is missing before this line or in it',
  EndOfFileExpected: 'something follows after the last "}"',
  InvalidCharacter: 'a character here must be written with a backslash',
  InvalidCommentToken: 'this comment never begins',
  InvalidEscapeCharacter: 'a backslash here comes before a letter that needs none',
  InvalidNumberFormat: "this isn't a number",
  InvalidSymbol: 'a text needs double quotes: "like this"',
  InvalidUnicode: 'this "\\u" needs four hexadecimal digits',
  PropertyNameExpected: 'the name of an option is missing, in double quotes',
  UnexpectedEndOfComment: 'this comment never ends',
  UnexpectedEndOfNumber: 'this number ends too early',
  UnexpectedEndOfString: 'this text has no double quote at its end',
  ValueExpected: 'a value is missing',
}

/**
 * Reads JSON with comments and trailing commas, and remembers where each option is written.
 *
 * @param text - The whole file.
 * @returns The document; or what is wrong with it, with an option that is written twice, since only one of the two would hold.
 */
export function readDocument(text: string): Outcome<Document> {
  if (text.length > MAX_CHARACTERS) return { problems: [{ text: 'it is too long for a configuration' }] }
  const lines = toLines(text)
  const errors: ParseError[] = []
  const tree = parseTree(text.replace(/^\uFEFF/, ' '), errors, { allowTrailingComma: true })
  const [slip] = errors
  if (slip !== undefined) {
    const name = printParseErrorCode(slip.error)
    return { problems: [{ line: lines(slip.offset), text: SLIPS[name] ?? "this isn't JSON" }] }
  }
  if (tree?.type !== 'object') return { problems: [{ line: 1, text: 'it must hold one object: { … }' }] }
  const problems = findRepeated(tree, [], lines)
  if (problems.length > 0) return { problems }
  return {
    value: {
      value: getNodeValue(tree),
      lineOf: (path) => lines(findNearest(tree, path).offset),
    },
  }
}

/** Turns a position into a line. */
function toLines(text: string): (offset: number) => number {
  return (offset) => text.slice(0, offset).split('\n').length
}

function findNearest(tree: Node, path: readonly PropertyKey[]): Node {
  for (let length = path.length; length > 0; length--) {
    const node = findNodeAtLocation(tree, path.slice(0, length).map(toSegment))
    if (node !== undefined) return node.parent?.type === 'property' ? node.parent : node
  }
  return tree
}

function toSegment(part: PropertyKey): string | number {
  return typeof part === 'number' ? part : String(part)
}

/** Options that are written twice in one object, and the one name that no object can hold. */
function findRepeated(node: Node, path: readonly PropertyKey[], lines: (offset: number) => number): Problem[] {
  const seen = new Set<string>()
  return (node.children ?? []).flatMap((child, index) => {
    if (child.type !== 'property') return findRepeated(child, [...path, index], lines)
    const [key, value] = child.children ?? []
    const name = String(key?.value)
    const at = { line: lines(child.offset), option: toOptionName([...path, name]) }
    if (name === '__proto__') return [{ ...at, text: 'no such option' }]
    if (seen.has(name)) return [{ ...at, text: 'written twice; leave one' }]
    seen.add(name)
    return value === undefined ? [] : findRepeated(value, [...path, name], lines)
  })
}
