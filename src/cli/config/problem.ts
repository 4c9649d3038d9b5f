/** Why a command can't run, and where that is written. Never holds a value of a configuration: it may be a key. */
export type Problem = {
  /** The line of the configuration file, counted from 1; `undefined` where no line is to blame. */
  readonly line?: number | undefined
  /** The option, such as `limits.perDay`. */
  readonly option?: string | undefined
  /** What is wrong, and what is allowed. */
  readonly text: string
}

/** What was asked for, or why it can't be had. */
export type Outcome<Value> = { readonly value: Value } | { readonly problems: readonly Problem[] }

/**
 * Writes problems for a person, one a line.
 *
 * @param file - The configuration file as it was named.
 * @param problems - At least one.
 */
export function writeProblems(file: string, problems: readonly Problem[]): string {
  const lines = problems.map(({ line, option, text }) => {
    const place = [line === undefined ? [] : [`line ${line}`], option === undefined ? [] : [option]].flat().join(', ')
    return `  ${place === '' ? '' : `${place}: `}${text}\n`
  })
  return `${file} can't be used:\n${lines.join('')}`
}

/** Longest name of an option that is repeated, in characters: longer ones are no names, and may be secrets. */
const MAX_NAME = 32

/**
 * Says that an option is unknown, and which one may have been meant.
 *
 * @param name - As it was written.
 * @param known - What may be written there.
 * @param home - The option that it belongs in, where it is known at another place.
 */
export function refuseUnknown(name: string, known: readonly string[], home?: string): string {
  if (home !== undefined) return `no such option here; write it in "${home}": { … }`
  const meant = findMeant(name, known)
  return meant === undefined
    ? `no such option; known here: ${known.join(', ')}`
    : `no such option; did you mean "${meant}"?`
}

/** The name of an option as a message may have it. */
export function toOptionName(path: readonly PropertyKey[]): string {
  return path
    .map((part, index) => {
      if (typeof part === 'number') return `[${part}]`
      const name = String(part)
      const shown = /^[\w$:*.-]+$/.test(name) && name.length <= MAX_NAME ? name : '(a name that is not shown)'
      return index === 0 ? shown : `.${shown}`
    })
    .join('')
}

/** The known name that is fewest edits away, if that is near enough to be a slip of the hand. */
export function findMeant(name: string, known: readonly string[]): string | undefined {
  const near = known
    .map((candidate) => ({ candidate, edits: countEdits(name.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ candidate, edits }) => edits <= Math.max(1, Math.floor(candidate.length / 3)))
    .sort((one, other) => one.edits - other.edits)
  return near[0]?.candidate
}

/** How many letters to add, drop or change: the distance of Levenshtein, row by row. */
function countEdits(from: string, to: string): number {
  if (from.length > MAX_NAME) return Number.POSITIVE_INFINITY
  let above = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (const [index, letter] of [...from].entries()) {
    const row = [index + 1]
    for (let at = 1; at <= to.length; at++) {
      const changed = (above[at - 1] ?? 0) + (letter === to[at - 1] ? 0 : 1)
      row.push(Math.min(changed, (above[at] ?? 0) + 1, (row[at - 1] ?? 0) + 1))
    }
    above = row
  }
  return above[to.length] ?? 0
}
