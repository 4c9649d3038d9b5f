import type * as z from 'zod/mini'
import type { Decoded } from './json.js'

/**
 * Reads `value` by `schema`; what doesn't fit becomes one short sentence.
 *
 * The sentence is made from the issue's path and code: zod's own text is long, and quotes what the seller wrote.
 *
 * @param schema - What the value must be.
 * @param value - Untrusted.
 * @param rules - What a field must be, by its name, for the fields with a rule of ours.
 */
export function readBySchema<T>(
  schema: z.ZodMiniType<T>,
  value: unknown,
  rules: Readonly<Record<string, string>> = {},
): Decoded<T> {
  const result = schema.safeParse(value, { reportInput: true })
  if (result.success) return { value: result.data }
  const { issues } = result.error
  const missing = issues.filter(({ input }) => input === undefined).map(({ path }) => path.join('.') || 'it')
  if (missing.length > 0) return { problem: `${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} missing` }
  const path = issues[0]?.path ?? []
  const rule = rules[String(path.at(-1))]
  return { problem: `${path.join('.') || 'it'} ${rule === undefined ? 'has the wrong type or length' : `must be ${rule}`}` }
}
