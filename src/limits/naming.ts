/**
 * The name of a limit: its option, without the `limits.` before it.
 *
 * @param where - The option, such as `limits.perHost.perDay`.
 */
export function toName(where: string): string {
  return where.replace(/^limits\./, '')
}
