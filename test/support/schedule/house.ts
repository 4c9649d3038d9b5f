import type { Ledger } from '../../../src/payment/ledger.js'
import type { Payment } from '../../../src/payment/payment.js'
import { mayStandInTheWay } from '../../../src/payment/purchase.js'
import { systemRandomBytes } from '../../../src/payment/random.js'
import type { ManualClock } from '../../../src/testing/manual-clock.js'
import {
  crashTableLedger,
  createTable,
  createTableLedger,
  type Parts,
  type TableLedger,
} from '../ledger/table-ledger.js'
import { createGates, type Gates } from './gates.js'

/** Two processes on one ledger, whose calls take their steps when they are told to. */
export type House = {
  readonly gates: Gates
  /** What the ledger holds now. */
  rows(): readonly Payment[]
  /** What was reserved though another payment of the purchase was in its way. */
  readonly reservedBeside: readonly string[]
  isAlive(call: number): boolean
  /** Takes a step of a call when it's its turn, with whatever goes wrong at it. */
  take<Reply>(call: number, step: string, work: () => Promise<Reply>): Promise<Reply>
  /** The ledger as one call has it, which takes each step in its turn. */
  ledgerOf(call: number): Ledger
  /** Ends all processes, and opens the ledger in a new one. */
  startAgain(): Ledger
}

/** The steps of a ledger that change it. */
const STEPS: ReadonlySet<PropertyKey> = new Set(['reserve', 'note', 'claim'])

type Process = { ledger: TableLedger; isDead: boolean }

/**
 * Creates both processes.
 *
 * @param places - The process of each call.
 * @param broken - What is wrong with the ledger, to see that a story finds it.
 */
export function createHouse(places: readonly (0 | 1)[], clock: ManualClock, broken: Partial<Parts> = {}): House {
  const ports = { clock, random: systemRandomBytes }
  const table = createTable()
  const gates = createGates()
  const open = (): Process => ({ ledger: createTableLedger(table, ports, broken), isDead: false })
  const processes = [open(), open()] as const
  const reservedBeside: string[] = []
  const processOf = (call: number) => processes[places[call] ?? 0]

  function crash(process: Process): void {
    process.isDead = true
    process.ledger = crashTableLedger(process.ledger, ports, broken)
    for (const call of places.keys()) if (processOf(call) === process) gates.abandon(call)
  }

  function die(process: Process): Promise<never> {
    crash(process)
    return new Promise(() => undefined)
  }

  async function take<Reply>(call: number, step: string, work: () => Promise<Reply>): Promise<Reply> {
    const process = processOf(call)
    const fault = await gates.arrive(call, step)
    if (fault === 'crash before') return die(process)
    const reply = await work()
    if (fault === 'crash after') return die(process)
    if (fault === 'lose the reply') throw new TypeError('the connection broke before the reply')
    return reply
  }

  async function watch(name: PropertyKey, work: () => Promise<unknown>): Promise<unknown> {
    const beside = table.contents.rows.filter(mayStandInTheWay)
    const reply = await work()
    const isReserved = name === 'reserve' && !('by' in new Object(reply))
    if (isReserved && beside.length > 0)
      reservedBeside.push(`a payment was reserved beside ${beside.length} in its way`)
    return reply
  }

  return {
    gates,
    rows: () => table.contents.rows,
    reservedBeside,
    isAlive: (call) => !processOf(call).isDead,
    take,
    ledgerOf: (call) =>
      new Proxy<Ledger>(processOf(call).ledger, {
        get(target, name) {
          const member: unknown = Reflect.get(target, name)
          if (typeof member !== 'function') return member
          if (!STEPS.has(name)) return member.bind(target)
          return (...given: unknown[]) => {
            const step = name === 'note' ? `note ${Reflect.get(new Object(given[1]), 'type')}` : String(name)
            return take(call, step, () => watch(name, () => Reflect.apply(member, target, given)))
          }
        },
      }),
    startAgain() {
      for (const process of processes) if (!process.isDead) crash(process)
      return createTableLedger(table, ports, broken)
    },
  }
}
