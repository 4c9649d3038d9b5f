/**
 * The name of a limit: its option, without the `limits.` before it.
 *
 * @param where - The option, such as `limits.perHost.perDay`.
 */
export function toName(where: string): string {
  return where.replace(/^limits\./, '')
}

/** What the caller of a refused payment can do: something about an option, or nothing. */
export function toHint(verb: 'Raise' | 'Name it in' | 'Add it to', where: string): string {
  return `${verb} \`${where}\`, or catch LimitError to skip this resource.`
}
