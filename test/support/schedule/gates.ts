import { setImmediate } from 'node:timers/promises'

/** A step that a client waits to take, or whose reply it waits for. */
export type Gate = {
  readonly client: number
  readonly step: string
  /** Lets it be taken, or its reply be lost. */
  pass(isLost: boolean): void
}

/** The steps of all clients, which are taken one at a time, in an order that a test chooses. */
export type Gates = {
  /** Waits until the step is to be taken. Resolves to whether its reply is lost; rejects when a step that a timer waits for is never taken. */
  arrive(client: number, step: string): Promise<boolean>
  /** The steps for which a client waits, in the order in which it came to them. */
  of(client: number): readonly Gate[]
  /** Takes no more steps of a client. */
  close(client: number): void
  /** Waits until nothing moves, as far as can be seen. */
  settle(stillness: () => Stillness): Promise<void>
}

/** Whether all calls wait or have ended; `perhaps` where some may wait for each other, which can't be seen. */
export type Stillness = 'yes' | 'perhaps' | 'no'

/** What is sent to the seller: a timer waits for it, and would hold all that the call knows. */
export const SEND = 'send'

/** Turns of the event loop in which a call reaches its next step, also where it loads a part first. */
const MOST_TURNS = 100_000

/** Turns without a step after which calls that can't be seen are taken to wait for each other. */
const QUIET_TURNS = 40

type Waiting = Gate & { drop(): void }

/** Creates gates at which nobody waits. */
export function createGates(): Gates {
  let waiting: Waiting[] = []
  const closed = new Set<number>()
  let arrivals = 0
  let isSettled = false
  let isLate = false

  return {
    arrive(client, step) {
      if (closed.has(client)) return new Promise(() => undefined)
      arrivals += 1
      isLate ||= isSettled
      return new Promise((resolve, reject) => {
        const gate: Waiting = {
          client,
          step,
          pass(isLost) {
            isSettled = false
            waiting = waiting.filter((one) => one !== gate)
            resolve(isLost)
          },
          drop: () => step.startsWith(SEND) && reject(new Error('its process is gone')),
        }
        waiting.push(gate)
      })
    },
    of: (client) => waiting.filter((gate) => gate.client === client),
    close(client) {
      closed.add(client)
      for (const gate of waiting) if (gate.client === client) gate.drop()
      waiting = waiting.filter((gate) => gate.client !== client)
    },
    async settle(stillness) {
      if (isLate) throw new Error('a call moved on by itself')
      let before = arrivals
      for (let turns = 0, quiet = 0; turns < MOST_TURNS; turns++) {
        const is = stillness()
        quiet = is === 'perhaps' && arrivals === before ? quiet + 1 : 0
        before = arrivals
        isSettled = is === 'yes' || quiet > QUIET_TURNS
        if (isSettled) return
        await setImmediate()
      }
      throw new Error('a call neither waits nor ends')
    },
  }
}
