import type { Cap, Charge, Delivery, NewRecord, State } from '../../../flow/ports.js'
import { showValue } from '../../show-value.js'

/** One thing that is done to a ledger. `handle` says through which of its handles. */
export type Step =
  | {
      readonly do: 'reserve'
      readonly handle: number
      readonly change: Partial<NewRecord>
      readonly caps: readonly Cap[]
    }
  | {
      readonly do: 'move'
      readonly handle: number
      /** Its place in the list; nothing happens where there is none. */
      readonly which: number
      readonly to: State
      readonly delivery: Delivery
      readonly charges: readonly Charge[] | undefined
    }
  | { readonly do: 'claim'; readonly handle: number; readonly purchase: string }
  | { readonly do: 'wait'; readonly seconds: number }

/** What is done to a ledger, and the caps that are asked about after each step. */
export type History = { readonly steps: readonly Step[]; readonly watched: readonly Cap[] }

/** Writes a history down for a message, a fact a line. */
export function showHistory({ steps, watched }: History): Readonly<Record<string, string>> {
  const lines = steps.map((step, index) => [`step ${index + 1}`, showStep(step)])
  return Object.fromEntries([...lines, ...watched.map((cap, index) => [`asked ${index + 1}`, showCap(cap)])])
}

function showStep({ do: name, ...details }: Step): string {
  if ('caps' in details) return `${name} ${showValue(details.change)} under [${details.caps.map(showCap).join(', ')}]`
  return `${name} ${showValue(details)}`
}

function showCap({ name: _, ...cap }: Cap): string {
  return showValue(cap)
}
