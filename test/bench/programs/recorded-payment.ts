import { randomBytes } from 'node:crypto'
import { ExactEvmScheme } from 'pay402/evm'
import { wrapFetchWithPayment, x402Client } from 'pay402/fetch'
import { createMemoryLedger, type Ledger } from 'pay402/ledger'
import { stubbedSigner } from '../../support/counts/buyers.js'
import { createSeller } from '../../support/counts/seller.js'

/** Does to a ledger what a client does for one payment that is over, with names, numbers and strings of its own. */
export type PaymentSteps = (ledger: Ledger) => Promise<void>

type Reserved = Parameters<Ledger['reserve']>
type Noted = Parameters<Ledger['note']>

/** What every payment has of its own, and shares with no other. */
const UNIQUE = ['purchase', 'coarse', 'nonce', 'transaction'] as const

/**
 * Records what a client does to its ledger for one payment, and makes others of it: a ledger alone is measured with what it really gets.
 *
 * @returns Makes a payment that isn't in any ledger yet. What is made ahead isn't measured.
 */
export async function recordPayment(): Promise<() => PaymentSteps> {
  const reserved: Reserved[] = []
  const noted: Noted[] = []
  const ledger = createMemoryLedger()
  const recording: Ledger = {
    guarantee: ledger.guarantee,
    claim: (claimant) => ledger.claim(claimant),
    list: (filter) => ledger.list(filter),
    spent: (cap) => ledger.spent(cap),
    reserve(...step) {
      reserved.push(step)
      return ledger.reserve(...step)
    },
    note(...step) {
      noted.push(step)
      return ledger.note(...step)
    },
    get: (...step) => ledger.get(...step),
    put: (...step) => ledger.put(...step),
  }
  const limits = { perPayment: '$1', perDay: '$1000000' }
  const client = new x402Client({ limits, ledger: recording })
  client.register('eip155:*', new ExactEvmScheme(stubbedSigner))
  const response = await wrapFetchWithPayment(createSeller(), client)('https://api.example.com/paid')
  await response.text()
  const [reservation] = reserved
  if (reservation === undefined || reserved.length > 1) throw new Error('a payment is reserved once')
  return () => toPayment(reservation, noted)
}

function toPayment([draft, caps]: Reserved, noted: readonly Noted[]): PaymentSteps {
  // Strings that were read for one payment are its own; a clone has its own, too.
  const own = structuredClone({ draft, events: noted.map(([, event]) => event) })
  const ownDraft = { ...own.draft, call: withUniqueStrings(own.draft.call) }
  const ownEvents = own.events.map(withUniqueStrings)
  return async (ledger) => {
    const reserved = await ledger.reserve(ownDraft, caps)
    if (!('id' in reserved)) throw new Error(`refused by ${reserved.by}`)
    for (const event of ownEvents) await ledger.note(reserved.id, event)
  }
}

function withUniqueStrings<Fields extends object>(fields: Fields): Fields {
  const own = UNIQUE.flatMap((name) => {
    const value: unknown = Reflect.get(fields, name)
    return typeof value === 'string' ? [[name, randomBytes(Math.ceil(value.length / 2)).toString('hex')]] : []
  })
  return { ...fields, ...Object.fromEntries(own) }
}
