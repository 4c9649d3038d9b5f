import type { Clock } from '../../../src/clock.js'
import type {
  Cap,
  Charge,
  Facts,
  Filter,
  Ledger,
  LedgerRecord,
  NewRecord,
  Presentation,
  State,
} from '../../../src/flow/ports.js'
import { readRequirements } from '../../../src/protocol/requirements.js'
import type { RandomBytes } from '../../../src/random.js'
import { createManualClock, type ManualClock } from '../../support/manual-clock.js'

/** What a ledger may be given, so that a test turns its clock. */
export type LedgerPorts = { clock: Clock; random: RandomBytes }

/** Makes an empty ledger on these ports. */
export type CreateLedger<L extends Ledger = Ledger> = (ports: LedgerPorts) => Promise<L>

/** An empty ledger, and short ways to what the tests say. */
export type Bench<L extends Ledger = Ledger> = {
  readonly ledger: L
  readonly clock: ManualClock
  /** Reserves, which must succeed. */
  reserve(change?: Partial<NewRecord>, caps?: readonly Cap[]): Promise<string>
  /** Reserves a payment and moves it to a state. */
  pay(state: State, change?: Partial<NewRecord>, facts?: Facts): Promise<string>
  find(id: string): Promise<LedgerRecord>
}

/** How each state is reached. */
const WAYS: Readonly<Record<State, readonly State[]>> = {
  reserved: [],
  signed: ['signed'],
  sent: ['sent'],
  settled: ['sent', 'settled'],
  released: ['released'],
}

export async function createBench<L extends Ledger>(create: CreateLedger<L>): Promise<Bench<L>> {
  const clock = createManualClock()
  const ledger = await create({ clock, random: createCounter() })

  async function reserve(change: Partial<NewRecord> = {}, caps: readonly Cap[] = []): Promise<string> {
    const reservation = await ledger.reserve(createRecord(change), caps)
    if ('id' in reservation) return reservation.id
    throw new Error(`refused by ${reservation.refusedBy.name}`)
  }

  return {
    ledger,
    clock,
    reserve,
    async pay(state, change, facts = {}) {
      const id = await reserve(change)
      let from: State = 'reserved'
      for (const to of WAYS[state]) {
        await ledger.move(id, [from], to, to === state ? facts : {})
        from = to
      }
      return id
    },
    async find(id) {
      const record = (await readAll(ledger)).find((one) => one.id === id)
      if (record) return record
      throw new Error(`no record ${id}`)
    },
  }
}

/** All that a ledger lists. */
export async function readAll(ledger: Ledger, filter: Filter = {}): Promise<readonly LedgerRecord[]> {
  const records: LedgerRecord[] = []
  for await (const record of ledger.list(filter)) records.push(record)
  return records
}

/** A dollar, as charges count it. */
export const DOLLAR = 10n ** 18n

/** What a payment of so many dollars is charged. */
export function dollars(amount: number): readonly Charge[] {
  return [
    { unit: 'payments/all', amount: 1n },
    { unit: 'usd', amount: BigInt(amount) * DOLLAR },
  ]
}

/** A cap of so many dollars, for ever and on all payments. */
export function capOf(amount: number, change: Partial<Cap> = {}): Cap {
  return { name: 'total', unit: 'usd', scope: {}, windowSeconds: undefined, amount: BigInt(amount) * DOLLAR, ...change }
}

/** A payment of one dollar. */
export function createRecord(change: Partial<NewRecord> = {}): NewRecord {
  return {
    purchase: 'weather',
    origin: 'https://api.example.com',
    host: 'api.example.com',
    method: 'GET',
    resource: 'https://api.example.com/weather',
    payer: '0xAb5801a7D398351b8bE11C439e05C5B3259aeC9B',
    scheme: 'exact',
    network: 'eip155:8453',
    asset: '0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913',
    payee: '0x209693Bc6afc0C5328bA36FaF03C514EF312287C',
    amount: 1_000_000n,
    symbol: 'USDC',
    decimals: 6,
    tags: [],
    charges: dollars(1),
    ...change,
  }
}

/** A signed payment, as it is presented. */
export function createPresentation(): Presentation {
  const entry = {
    scheme: 'exact',
    network: 'eip155:8453',
    amount: '1000000',
    asset: '0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913',
    payTo: '0x209693Bc6afc0C5328bA36FaF03C514EF312287C',
    maxTimeoutSeconds: 60,
    extra: { name: 'USD Coin', version: '2' },
  }
  const requirements = readRequirements(entry, 2)
  if ('problem' in requirements) throw new Error(requirements.problem)
  return {
    headers: { 'PAYMENT-SIGNATURE': 'abc' },
    payload: { x402Version: 2, payload: { nonce: '0x1' }, accepted: entry },
    requirements: requirements.value,
    entry,
  }
}

/** Bytes that never repeat, and are the same in every run. */
export function createCounter(): RandomBytes {
  let drawn = 0
  return (length) => {
    drawn += 1
    const bytes = new Uint8Array(length)
    new DataView(bytes.buffer).setUint32(length - 4, drawn)
    return bytes
  }
}
