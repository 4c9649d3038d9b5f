/** The first place where two values differ. */
export type Difference = {
  /** Such as `charges[1].amount`; empty where the values themselves differ. */
  readonly at: string
  readonly expected: unknown
  readonly found: unknown
}

/**
 * Compares two values deeply. A member that is `undefined` is the same as none, since a database may drop it.
 *
 * @param found - What is there.
 * @param expected - What should be there.
 * @param extra - Whether objects may have members that weren't expected.
 * @returns Where they differ first, or `undefined` when they don't.
 */
export function findDifference(
  found: unknown,
  expected: unknown,
  extra: 'allowed' | 'refused',
): Difference | undefined {
  return compare(found, expected, extra, '')
}

function compare(found: unknown, expected: unknown, extra: 'allowed' | 'refused', at: string): Difference | undefined {
  if (Object.is(found, expected)) return undefined
  if (!isObject(found) || !isObject(expected) || Array.isArray(found) !== Array.isArray(expected)) {
    return { at, expected, found }
  }
  const isList = Array.isArray(expected)
  if (isList && Array.isArray(found) && found.length !== expected.length) return { at, expected, found }
  const keys = new Set([...Object.keys(expected), ...(isList || extra === 'refused' ? Object.keys(found) : [])])
  for (const key of keys) {
    const place = isList ? `${at}[${key}]` : at === '' ? key : `${at}.${key}`
    const difference = compare(Reflect.get(found, key), Reflect.get(expected, key), extra, place)
    if (difference !== undefined) return difference
  }
  return undefined
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

/** Writes a value as code, on one line, for the message of a failed comparison. */
export function showValue(value: unknown): string {
  if (typeof value === 'bigint') return `${value}n`
  if (value instanceof Error) return `${value.name}: ${value.message.split('\n', 1)[0]}`
  if (Array.isArray(value)) return `[${value.map(showValue).join(', ')}]`
  if (typeof value === 'object' && value !== null) return showMembers(value)
  return typeof value === 'string' ? JSON.stringify(value) : String(value)
}

function showMembers(value: object): string {
  const members = Object.entries(value).filter(([, member]) => member !== undefined)
  return members.length === 0
    ? '{}'
    : `{ ${members.map(([key, member]) => `${key}: ${showValue(member)}`).join(', ')} }`
}
