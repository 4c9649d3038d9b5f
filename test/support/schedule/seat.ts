import type { Clock } from '../../../src/payment/clock.js'
import type { Ledger } from '../../../src/payment/ledger.js'
import type { Payment } from '../../../src/payment/payment.js'
import type { ManualClock } from '../../../src/testing/manual-clock.js'
import { createSlowLedger } from '../../../src/testing/slow-ledger.js'
import type { Gates } from './gates.js'
import { createMemory, type Memory, toText } from './memory.js'

/** A client whose steps are taken when it is told to take them. */
export type Seat = {
  readonly memory: Memory
  /** The ledger as the client has it. */
  readonly ledger: Ledger
  readonly clock: Clock
  /** Takes a step that isn't the ledger's, in its turn. */
  take(step: string, work: () => Response): Promise<Response>
}

/** Sees a step of the ledger that is being done. */
export type Watch = (step: string, given: readonly unknown[], work: () => Promise<unknown>) => Promise<unknown>

type Take = (step: string, given: readonly unknown[], work: () => Promise<unknown>) => Promise<unknown>

/** What comes between a step and its reply, in what a client waits for. */
export const TOLD = ' told '

/** The steps of a ledger; it lists, too. */
const STEPS: ReadonlySet<PropertyKey> = new Set(['reserve', 'note', 'claim', 'spent', 'get', 'put'])

type Place = {
  readonly client: number
  readonly gates: Gates
  /** The ledger of its process. */
  readonly ledger: Ledger
  readonly clock: ManualClock
  /** Whether the reply to a step is a step of its own, as on a ledger whose steps take 8 ms. */
  readonly isSlow: boolean
  readonly watch: Watch
}

/** Seats a client: from here on it takes each of its steps in its turn. */
export function createSeat({ client, gates, ledger, clock, isSlow, watch }: Place): Seat {
  const memory = createMemory()
  /** What is being asked of the ledger, and what it has replied. */
  let asked = ''
  let told: { readonly step: string; readonly reply: string } | undefined

  const performed = intercept(ledger, async (step, given, work) => {
    if (step === 'claim') memory.look()
    try {
      const reply = await watch(step, given, work)
      told = { step, reply: toText(reply) }
      return reply
    } catch (error) {
      memory.see(step, `failed: ${String(error)}`)
      throw error
    }
  })

  function see(step: string, reply: string, isLost: boolean): void {
    memory.see(step, isLost ? 'lost' : reply)
    if (isLost) throw new TypeError('the connection broke before the reply')
  }

  const takeWhole: Take = async (step, _given, work) => {
    const isLost = await gates.arrive(client, step)
    const reply = await work()
    see(step, told?.reply ?? '', isLost)
    return reply
  }

  /** Half of the time that a step takes: before it's done, or before its reply. */
  async function waitHalf(): Promise<void> {
    if (told === undefined) {
      await gates.arrive(client, asked)
      return
    }
    const { step, reply } = told
    told = undefined
    see(step, reply, await gates.arrive(client, `${step}${TOLD}${reply}`))
  }

  const takeHalves: Take = (step, _given, work) => {
    asked = step
    return work()
  }

  return {
    memory,
    ledger: isSlow
      ? intercept(createSlowLedger(performed, { wait: waitHalf }), takeHalves)
      : intercept(performed, takeWhole),
    clock: {
      ...clock,
      async wait() {
        await gates.arrive(client, 'wait')
        memory.see('wait', 'over')
      },
    },
    async take(step, work) {
      const isLost = await gates.arrive(client, step)
      const response = work()
      const reply = String(response.status)
      see(step, reply, isSlow ? await gates.arrive(client, `${step}${TOLD}${reply}`) : isLost)
      return response
    },
  }
}

/** A ledger each of whose steps is handed to `take`. */
function intercept(ledger: Ledger, take: Take): Ledger {
  return new Proxy(ledger, {
    get(target, name) {
      if (name === 'list') return (filter: Parameters<Ledger['list']>[0]) => listBy(take, target, filter)
      const member: unknown = Reflect.get(target, name)
      if (typeof member !== 'function' || !STEPS.has(name)) return member
      return (...given: unknown[]) => {
        const step = name === 'note' ? `note ${Reflect.get(new Object(given[1]), 'type')}` : String(name)
        return take(step, given, () => Reflect.apply(member, target, given))
      }
    },
  })
}

async function* listBy(take: Take, ledger: Ledger, filter: Parameters<Ledger['list']>[0]) {
  const listed = await take('list', [filter], () => listAll(ledger, filter))
  yield* listed as readonly Payment[] // what the work resolved to
}

async function listAll(ledger: Ledger, filter: Parameters<Ledger['list']>[0] = {}) {
  const listed: Payment[] = []
  for await (const payment of ledger.list(filter)) listed.push(payment)
  return listed
}
