import type { Counts } from './counters.js'
import { compilePrograms } from './programs.js'

/** What one warmed-up paid call does, of whose client. */
export type PaidCallCounts = Readonly<Record<'ours' | 'official' | 'floor', Counts>>

/**
 * Counts in a process of its own what one paid call does.
 *
 * @param folder - Where to compile, inside `.cache`.
 */
export async function readPaidCallCounts(folder: string): Promise<PaidCallCounts> {
  const { counted } = await compilePrograms({ counted: new URL('./counted-calls.ts', import.meta.url) }, folder)
  return counted.run()
}
