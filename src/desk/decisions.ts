import { assertOptions, invalidOption } from '../errors/options.js'
import { cutLine, toVisibleLine } from '../errors/x402-error.js'
import { toValue } from '../payment/desk/proposal.js'
import { changeValue } from '../payment/desk/register.js'
import type { Ledger, Value } from '../payment/ledger.js'
import { isJsonObject } from '../wire/json.js'

/** Who decides something at a desk, and why. */
export type By = {
  /** A person or a program, as your records name it. Lists, errors and exports show it. */
  readonly by: string
  /** @default none */
  readonly reason?: string | undefined
}

/** Something that was decided at a desk. Decisions are kept for good, in the order in which they were made. */
export type Decision = By & {
  readonly type: 'approved' | 'denied' | 'frozen' | 'thawed' | 'limits'
  /** In seconds since 1970. */
  readonly atSeconds: number
  /** The proposal that was decided. */
  readonly proposal?: string | undefined
  /** The limits that were set. */
  readonly limits?: Value | undefined
}

type Register = Pick<Ledger, 'get' | 'put'>

/** How many decisions there are. Each is a value of its own, by its number. */
const COUNT = { kind: 'decisions', key: 'count' } as const
const KIND = 'decision'

/** Longest name and reason, in characters. Source: a choice of ours: each is a line that a person reads. */
const MAX_BY = 200
const MAX_REASON = 500

/**
 * Reads who decides, and why.
 *
 * @param input - Untrusted.
 * @param where - The verb of the desk, such as `approve`.
 * @throws {@link ConfigurationError} `INVALID_OPTION` when it doesn't say who, `UNKNOWN_OPTION` for what is misspelled; nothing is decided.
 */
export function readBy(input: unknown, where: string): By {
  if (isJsonObject(input)) assertOptions(input, where, ['by', 'reason'])
  const { by, reason } = isJsonObject(input) ? input : NOBODY
  const name = typeof by === 'string' ? toVisibleLine(by).trim() : ''
  if (name === '') throw invalidOption(`${where}.by`, "a text that says who decides, such as 'ann@example.com'")
  if (reason !== undefined && typeof reason !== 'string') throw invalidOption(`${where}.reason`, 'a text')
  const why = reason === undefined ? '' : toVisibleLine(reason).trim()
  return { by: cutLine(name, MAX_BY), ...(why !== '' && { reason: cutLine(why, MAX_REASON) }) }
}

const NOBODY: { readonly by?: unknown; readonly reason?: unknown } = {}

/**
 * Writes a decision down, before it has any effect: nothing holds that no one decided. One that was written down and has no effect, since
 * its process was gone between the two, is made once more by the one who wanted it.
 *
 * @returns Its number, which no other decision has.
 */
export async function writeDecision(decision: Decision, register: Register): Promise<number> {
  for (let number = await readCount(register); ; number++) {
    const isWritten = await register.put(KIND, String(number), toValue(decision), undefined)
    // Also where another desk wrote this one, and hasn't counted it yet.
    await changeValue(register, COUNT, (value) => Math.max(toCount(value), number + 1))
    if (isWritten) return number
  }
}

/**
 * Reads decisions, the newest first.
 *
 * @param limit - How many at most.
 */
export async function listDecisions(limit: number, register: Register): Promise<Decision[]> {
  const decisions: Decision[] = []
  for (let number = (await readCount(register)) - 1; number >= 0 && decisions.length < limit; number--) {
    const value = await register.get(KIND, String(number))
    if (isDecision(value)) decisions.push(value)
  }
  return decisions
}

async function readCount(register: Register): Promise<number> {
  return toCount(await register.get(COUNT.kind, COUNT.key))
}

function toCount(value: Value | undefined): number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : 0
}

function isDecision(value: unknown): value is Decision {
  if (!isJsonObject(value)) return false
  const { type, by, atSeconds } = value
  return typeof type === 'string' && typeof by === 'string' && typeof atSeconds === 'number'
}
