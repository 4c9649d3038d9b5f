import type { Payer } from '../../../src/client/payer.js'
import { x402Client } from '../../../src/client/x402-client.js'
import type { Clock } from '../../../src/payment/clock.js'
import type { Ledger } from '../../../src/payment/ledger.js'
import type { Payment } from '../../../src/payment/payment.js'
import type { SchemeNetworkClient } from '../../../src/payment/scheme.js'
import type { ClientEvent } from '../../../src/payment/stream.js'
import { NETWORK } from '../offers.js'
import { createMortalLedger, type MortalLedger } from './create-mortal-ledger.js'
import { ALLOWED } from './create-truth.js'

/** What a world is like. */
export type Nature = {
  /** When the buyers sign again, though what they bought didn't arrive. */
  readonly resign: 'never' | 'when-proven-unspent' | 'when-over'
  /** Whether tokens tell buyers apart. */
  readonly buyers: 'one' | 'many' | undefined
  /** Whether a 410 is what is bought. */
  readonly buys410: boolean
  /** Whether each call asks somebody before it pays. */
  readonly asks: boolean
  /** Whether whoever is asked takes time, in which others go on. */
  readonly ponders: boolean
  /** Whether whoever is asked says yes to paying again what was perhaps paid. */
  readonly agrees: boolean
  /** Whether the chain answers while payments are under way. */
  readonly asksInFlight: boolean
  /** `upto` takes less than was signed, as the chain says; receipts lie. */
  readonly scheme: 'exact' | 'upto'
  /**
   * Who else buys on the same ledger: another client, or a restricted child, which may be one that may pay nothing or nobody. Or both have a
   * lasting name: the same, or one that is above the other's.
   */
  readonly second: 'sibling' | 'child' | 'poor child' | 'barred child' | 'namesake' | 'stranger'
}

/** What a world does for a process. */
export type ProcessWorld = { createScheme(): SchemeNetworkClient; hear(event: ClientEvent): void }

/** One process of the buyers, which can be killed. */
export type Process = {
  readonly ledger: Ledger
  readonly first: x402Client
  /** Both buyers. */
  readonly payers: readonly Payer[]
  /** Whether one of them may neither make nor present a payment. */
  isPoor(buyer: number): boolean
  findRecord(is: (record: Payment) => boolean): Promise<Payment | undefined>
  /** The one after it, on the ledger that it left; with limits that let nothing through, where it `leavesNothing`. */
  crash(leavesNothing: boolean): Process
}

/** Starts the first process, with an empty ledger. */
export function createProcess(nature: Nature, clock: Clock, world: ProcessWorld): Process {
  function open(mortal: MortalLedger, hasNothing: boolean): Process {
    const { ledger } = mortal
    const openClient = () => {
      const client = createClient(nature, clock, ledger, hasNothing).register(NETWORK, world.createScheme())
      client.on('payment', world.hear)
      return client
    }
    const first = openClient()
    return {
      ledger,
      first,
      payers: createPayers(first, nature, openClient),
      isPoor: (buyer) => hasNothing || (buyer === 1 && ['poor child', 'barred child'].includes(nature.second)),
      async findRecord(is) {
        for await (const record of ledger.list({})) if (is(record)) return record
        return undefined
      },
      crash: (leavesNothing) => open(mortal.crash(), leavesNothing),
    }
  }
  return open(createMortalLedger(clock), false)
}

function createClient({ resign, buyers, buys410 }: Nature, clock: Clock, ledger: Ledger, hasNothing: boolean) {
  return new x402Client({
    clock,
    ledger,
    resign,
    buyers,
    circuit: false,
    delivers: buys410 ? [410] : [],
    limits: {
      perPayment: hasNothing ? '$0' : `$0.0${ALLOWED.perPayment}`,
      perDay: `$0.${ALLOWED.perDay}`,
      total: `$0.${ALLOWED.total}`,
      perHour: { payments: ALLOWED.perHourPayments },
    },
  })
}

function createPayers(first: x402Client, nature: Nature, openClient: () => x402Client): readonly Payer[] {
  const { second } = nature
  if (second === 'sibling') return [first, openClient()]
  if (second !== 'namesake' && second !== 'stranger') return [first, createChild(first, nature)]
  const team = openClient().restrict({ reach: 'anywhere', name: 'team' })
  return [
    first.restrict({ reach: 'anywhere', name: 'team/agent' }),
    second === 'namesake' ? team.restrict({ name: 'agent' }) : team,
  ]
}

function createChild(parent: x402Client, { second }: Nature): Payer {
  if (second === 'child') return parent.restrict({ reach: 'anywhere' })
  return parent.restrict({ reach: 'anywhere', ...(second === 'poor child' ? { perPayment: '$0' } : { hosts: [] }) })
}
