import { type Document, readDocument } from './document.js'
import { type Outcome, type Problem, refuseUnknown, toOptionName } from './problem.js'
import { type Config, configSchema, PARTS } from './schema.js'

/** The smallest configuration that works, as it is shown to copy. */
export const EXAMPLE = `{
  // Where the key of the wallet is: an environment variable, or a command that prints it. Never the key itself.
  "key": { "env": "PAY402_KEY" },
  "limits": {
    "networks": ["eip155:84532"], // Base Sepolia, play money. "eip155:8453" is Base, with real money.
    "perPayment": "$0.10",
    "perDay": "$1"
  }
}
`

/** A configuration, and where its options are written. */
export type ReadConfig = { readonly config: Config } & Pick<Document, 'lineOf'>

/** What sits in a file and looks like a private key: 32 bytes of hex, a Solana key in base58 or as its 64 numbers. */
const KEY_TEXT = /^\s*((0x)?[0-9a-fA-F]{64}|[1-9A-HJ-NP-Za-km-z]{86,88})\s*$/
const KEY_NUMBERS = 32
/** Options that others take a key by. */
const KEY_NAME = /^(private|secret).?key$|^(mnemonic|seed.?phrase|seed|secret)$/i

const NO_KEYS =
  'a key is never in this file. Take it out, put it in an environment variable or a password manager, and write "key": { "env": "PAY402_KEY" } or "key": { "command": ["op", "read", "op://…"] }'

/**
 * Reads a configuration, and names the line of everything that is wrong with it. No message holds a value: any may be a secret.
 *
 * @param text - The file: JSON, with comments and trailing commas.
 * @returns What it says, or all that is wrong.
 */
export function readConfig(text: string): Outcome<ReadConfig> {
  const document = readDocument(text)
  if ('problems' in document) return document
  const { value, lineOf } = document.value
  const leaks = findKeys(value, [], lineOf)
  if (leaks.length > 0) return { problems: leaks }
  const parsed = configSchema.safeParse(value)
  if (!parsed.success) return { problems: toProblems(parsed.error.issues, document.value) }
  const missing = findMissing(parsed.data, lineOf)
  return missing.length > 0 ? { problems: missing } : { value: { config: parsed.data, lineOf } }
}

/** What is read of an issue of zod. */
type Issue = { readonly code: string; readonly path: readonly PropertyKey[]; readonly message: string }

function toProblems(issues: readonly (Issue & { readonly keys?: unknown })[], { value, lineOf }: Document): Problem[] {
  return issues
    .flatMap(({ code, path, message, keys }) => {
      if (code !== 'unrecognized_keys' || !Array.isArray(keys)) {
        const isThere = code !== 'invalid_key' || path.length > 1
        return [
          {
            line: lineOf(path),
            option: toOptionName(path),
            text: isThere && !has(value, path) ? `missing; it ${message}` : message,
          },
        ]
      }
      return keys.map((key) => {
        const to = [...path, String(key)]
        return {
          line: lineOf(to),
          option: toOptionName(to),
          text: refuseUnknown(String(key), message.split(' '), findHome(to)),
        }
      })
    })
    .sort((one, other) => one.line - other.line)
}

/** The part in which an option belongs that is written at the top, or in the other one. */
function findHome([first, second]: readonly PropertyKey[]): string | undefined {
  if (second !== undefined && first !== 'limits' && first !== 'tools') return undefined
  const name = String(second ?? first)
  return Object.entries(PARTS).find(([part, options]) => part !== first && options.includes(name))?.[0]
}

function has(value: unknown, path: readonly PropertyKey[]): boolean {
  let found = value
  for (const part of path) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, part)) return false
    found = Reflect.get(found, part)
  }
  return true
}

/** A network is signed on with a key of its kind. */
function findMissing({ limits, key, solanaKey }: Config, lineOf: Document['lineOf']): Problem[] {
  const line = lineOf(['limits', 'networks'])
  const needs = (prefix: string) => limits.networks.some((network) => network.startsWith(prefix))
  const missing: Problem[] = []
  if (needs('eip155:') && key === undefined) {
    missing.push({
      line,
      option: 'key',
      text: 'missing; networks that begin with "eip155:" need "key": { "env": "PAY402_KEY" }',
    })
  }
  if (needs('solana:') && solanaKey === undefined) {
    missing.push({
      line,
      option: 'solanaKey',
      text: 'missing; networks that begin with "solana:" need "solanaKey": { "env": "PAY402_SOLANA_KEY" }',
    })
  }
  return missing
}

function findKeys(value: unknown, path: readonly PropertyKey[], lineOf: Document['lineOf']): Problem[] {
  const leak = () => [{ line: lineOf(path), option: toOptionName(path), text: NO_KEYS }]
  if (typeof value === 'string') return KEY_TEXT.test(value) ? leak() : []
  if (typeof value !== 'object' || value === null) return []
  if (Array.isArray(value) && value.length >= KEY_NUMBERS && value.every((one) => typeof one === 'number'))
    return leak()
  return Object.entries(value).flatMap(([name, inner]) => {
    const to = [...path, Array.isArray(value) ? Number(name) : name]
    if (typeof inner === 'string' && (KEY_NAME.test(name) || (/^(solana)?key$/i.test(name) && path.length === 0))) {
      return [{ line: lineOf(to), option: toOptionName(to), text: NO_KEYS }]
    }
    return findKeys(inner, to, lineOf)
  })
}
