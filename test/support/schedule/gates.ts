import { setImmediate } from 'node:timers/promises'

/** What goes wrong at a step: its process dies before or after it, or the step is done and its reply lost. */
export type Fault = 'crash before' | 'crash after' | 'lose the reply'

/** A step that a call waits to take. */
type Gate = { readonly call: number; readonly step: string; pass(fault: Fault | undefined): void }

/** The steps of all calls, which are taken one at a time, in an order that a test chooses. */
export type Gates = {
  /** Waits until the step is to be taken. */
  arrive(call: number, step: string): Promise<Fault | undefined>
  /** Forgets the calls of a process that died. */
  abandon(call: number): void
  /** Those who wait, by call; asked once nothing else moves. */
  settle(isMoving: () => number): Promise<readonly Gate[]>
}

/** Turns of the event loop in which a call reaches its next step, also where it loads a part first. */
const MOST_TURNS = 100_000

/** Creates gates at which nobody waits. */
export function createGates(): Gates {
  let waiting: Gate[] = []
  return {
    arrive: (call, step) =>
      new Promise((pass) => {
        const gate: Gate = {
          call,
          step,
          pass(fault) {
            waiting = waiting.filter((one) => one !== gate)
            pass(fault)
          },
        }
        waiting.push(gate)
      }),
    abandon(call) {
      waiting = waiting.filter((gate) => gate.call !== call)
    },
    async settle(isMoving) {
      for (let turns = 0; turns < MOST_TURNS && waiting.length < isMoving(); turns++) await setImmediate()
      if (waiting.length < isMoving()) throw new Error('a call neither waits nor ends')
      return waiting.toSorted((one, other) => one.call - other.call)
    },
  }
}
