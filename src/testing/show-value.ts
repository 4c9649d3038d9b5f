/** Writes a value as it stands in code, on one line: what a failed comparison shows. */
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
