import { createDealWriter, type DealWriter } from '../codec/deals.js'

/** What the lines of a file have named, so that those after them needn't say it in full. */
export type Dictionary = {
  readonly deals: DealWriter
  /** Whether no line has told yet who a process is; from then on one has. */
  isNew(process: string): boolean
  /** Forgets all but these processes, for when the lines that follow must be readable without those before. */
  reset(processes: Iterable<string>): void
}

/** Creates what an empty file has named: nothing. */
export function createDictionary(): Dictionary {
  const deals = createDealWriter()
  const known = new Set<string>()
  return {
    deals,
    isNew(process) {
      const isNew = !known.has(process)
      known.add(process)
      return isNew
    },
    reset(processes) {
      deals.reset()
      known.clear()
      for (const process of processes) known.add(process)
    },
  }
}
