/** When each payment of a model counts from, as its clock is turned. */
export type Hands = {
  /** A step that writes looks at the clock. */
  look(clockSeconds: number): void
  /** When each payment counts from, oldest first, if the clock says this now. */
  froms(clockSeconds: number): readonly number[]
  /** Takes in a payment that is reserved now; returns its time. */
  add(clockSeconds: number): number
}

/** The clock fell: what counted from when before that, by how much, and until when it was seen to go on since. */
type Fallen = { readonly before: readonly number[]; readonly bySeconds: number; seenSeconds: number }

type State = { readonly froms: readonly number[]; readonly falls: readonly Fallen[] }

const HOUR = 3600

/**
 * Creates the hands of a model without payments.
 *
 * They say the rule once more, as plainly as it can be done: each time that the clock falls, payments of the future are dated anew; each time
 * that it's right again, that is undone.
 */
export function createHands(): Hands {
  let state: State = { froms: [], falls: [] }
  return {
    look(clockSeconds) {
      state = turn(state, clockSeconds)
    },
    froms: (clockSeconds) => turn(state, clockSeconds).froms,
    add(clockSeconds) {
      const atSeconds = Math.max(clockSeconds, state.froms.at(-1) ?? 0)
      state = { ...state, froms: [...state.froms, atSeconds] }
      return atSeconds
    },
  }
}

function turn({ froms, falls }: State, clockSeconds: number): State {
  let counted = froms
  const open = falls.map((fall) => ({ ...fall }))
  let lastSeconds = Math.max(froms.at(-1) ?? 0, open.at(-1)?.seenSeconds ?? 0)
  for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
    const { before, bySeconds } = top
    if (clockSeconds - lastSeconds < bySeconds - 3 * HOUR) {
      if (clockSeconds - lastSeconds >= 600) top.seenSeconds = clockSeconds
      break
    }
    counted = counted.map((from, place) => before[place] ?? from + bySeconds)
    lastSeconds += bySeconds
    open.pop()
  }
  const bySeconds = (counted.at(-1) ?? 0) - clockSeconds
  if (bySeconds > 3 * HOUR) {
    open.push({ before: counted, bySeconds, seenSeconds: clockSeconds })
    counted = counted.map((from) => Math.min(from, clockSeconds))
  }
  return { froms: counted, falls: open }
}
