import type { PaymentEvent } from '../../../payment/event.js'
import type { Cap, Value } from '../../../payment/ledger.js'
import type { Claimant } from '../../../payment/purchase.js'
import { showValue } from '../../value.js'
import type { DraftChange } from '../draft.js'

/** One thing that is done to a ledger. `handle` says through which of its handles; `which` is a place in the list. */
export type Step =
  | { readonly do: 'reserve'; readonly handle: number; readonly change: DraftChange; readonly caps: readonly Cap[] }
  /** Through the handle that has the payment under way, where one has. Nothing happens where there is no payment in that place. */
  | { readonly do: 'note'; readonly handle: number; readonly which: number; readonly event: PaymentEvent }
  | { readonly do: 'claim'; readonly handle: number; readonly asked: Partial<Claimant> }
  | {
      readonly do: 'put'
      readonly handle: number
      readonly kind: string
      readonly value: Value | undefined
      /** Expects what is there, or something else. */
      readonly isRight: boolean
    }
  /** The handle is gone without being closed, and another takes its place. */
  | { readonly do: 'crash'; readonly handle: number }
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
