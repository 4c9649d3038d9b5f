import type { Ledger } from '../payment/ledger.js'

/** The steps of a ledger that are slowed down. */
const STEPS: ReadonlySet<PropertyKey> = new Set(['reserve', 'note', 'claim', 'spent', 'get', 'put'])

/**
 * Makes each step of a ledger take a while: half of the time before the step is done, half before its reply, as with a database over a
 * network. Races show on it, so run the contract and your own tests on it.
 *
 * @example
 * ```ts
 * import { createMemoryLedger } from 'pay402/ledger'
 *
 * const ledger = createSlowLedger(createMemoryLedger(), { milliseconds: 2 })
 * await ledger.get('proposal', 'a') //=> undefined
 * ```
 *
 * @param ledger - Does the steps. Its other members stay as they are.
 * @param options - How long a step takes.
 * @returns The same ledger, slowed down.
 */
export function createSlowLedger<L extends Ledger>(
  ledger: L,
  { milliseconds = 8, wait = waitByTimer }: createSlowLedger.Options = {},
): L {
  const half = () => wait(milliseconds / 2)

  async function* list(filter: Parameters<Ledger['list']>[0]) {
    await half()
    yield* ledger.list(filter)
    await half()
  }

  return new Proxy(ledger, {
    get(target, name) {
      if (name === 'list') return list
      const member: unknown = Reflect.get(target, name)
      if (typeof member !== 'function') return member
      if (!STEPS.has(name)) return member.bind(target)
      return async (...given: unknown[]) => {
        await half()
        const reply: unknown = await Reflect.apply(member, target, given)
        await half()
        return reply
      }
    },
  })
}

export declare namespace createSlowLedger {
  /** How slow the ledger is. */
  type Options = {
    /** How long each step takes, in milliseconds. @default 8 */
    milliseconds?: number | undefined
    /** Waits. @default the platform's timer */
    wait?: ((milliseconds: number) => Promise<void>) | undefined
  }
}

function waitByTimer(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}
