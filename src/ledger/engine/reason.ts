/** Why a database couldn't be asked. */
export type Reason = {
  /** The end of "The ledger's database can't be used: …". */
  readonly because: string
  /** What can be done about it. @default that nothing is paid meanwhile */
  readonly hint?: string | undefined
}

/** Longest that is quoted of what a database or its client says. */
const MAX_LENGTH = 160

/**
 * What a database or its client says, as one short sentence: the first line, without the command that some quote, and without what looks like a password or a key.
 *
 * @param thrown - What a step rejected with.
 * @returns `undefined` where it says nothing.
 */
export function toSentence(thrown: unknown): string | undefined {
  const text = thrown instanceof Error ? thrown.message || codeOf(thrown) : thrown
  if (typeof text !== 'string') return undefined
  const [line = ''] = text.split(/[\n{[]|, with args|,? ?command was/i)
  const safe = line.replace(/\/\/[^@\s]*@/g, '//…@').replace(/[\w+/=-]{32,}/g, '…')
  return safe.slice(0, MAX_LENGTH).trim().replace(/\.$/, '') || undefined
}

/** That a database says no, in its own words. */
export function toRefused(sentence: string | undefined, hint?: string): Reason {
  return { because: withSentence('it refused a step', sentence), hint }
}

/** That a database can't be reached, in the words of its client. A mistake in the caller's own function isn't the database's. */
export function toUnreached(thrown: unknown, option: string): Reason {
  const sentence = toSentence(thrown)
  if (!isMistake(thrown)) return { because: withSentence('it could not be reached', sentence) }
  const hint = `Nothing is paid until \`${option}\` works. It is a function of yours, so look at it first.`
  return { because: withSentence(`\`${option}\` threw`, sentence), hint }
}

function withSentence(because: string, sentence: string | undefined): string {
  return sentence === undefined ? because : `${because} (${sentence})`
}

/** `fetch` rejects with a `TypeError`, too, where there is no network. */
function isMistake(thrown: unknown): boolean {
  if (thrown instanceof ReferenceError) return true
  return thrown instanceof TypeError && thrown.cause === undefined && !/fetch/i.test(thrown.message)
}

function codeOf(error: Error): unknown {
  return Reflect.get(error, 'code')
}
