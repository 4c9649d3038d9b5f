import { createMemoryLedger } from '../../../src/ledger/book/memory-ledger.js'
import { isRefusal } from '../../../src/payment/ledger.js'
import type { Approach, AskedTerms, Assessment, Limits } from '../../../src/payment/limits.js'
import type { Draft } from '../../../src/payment/payment.js'
import { readAll } from '../../../src/testing/ledger/bench.js'
import { createManualClock } from '../../../src/testing/manual-clock.js'
import { usdc } from './offers.js'

/** Limits and a real ledger, as the corridor puts them together. */
export function createTill() {
  const clock = createManualClock()
  const ledger = createMemoryLedger({ clock })
  const approaches: Approach[] = []
  let purchases = 0

  /** Assesses and reserves; says what refused, or that it's reserved. */
  async function reserve(limits: Limits, terms: AskedTerms) {
    const assessment = limits.assess(terms)
    if ('refusal' in assessment) return { refused: assessment.refusal.because, hint: assessment.refusal.hint }
    const reserved = await ledger.reserve(toDraft(terms, assessment, `purchase ${purchases++}`), assessment.caps)
    if (isRefusal(reserved)) {
      if (reserved.by !== 'cap') throw new Error(`refused by ${reserved.by}`)
      return { refused: reserved.cap.name, hint: reserved.cap.hint }
    }
    for (const watch of assessment.watches ?? [])
      for (const cap of watch.caps) approaches.push(...watch.approaches(cap, await ledger.spent(cap)))
    return { id: reserved.id }
  }

  return {
    clock,
    ledger,
    reserve,
    /** How near limits came, in order. */
    approaches,
    /** Pays so many cents in USDC: what refuses it, or `undefined`. */
    async pay(limits: Limits, cents: number, change: Partial<AskedTerms> = {}): Promise<string | undefined> {
      return (await reserve(limits, usdc(BigInt(cents) * 10_000n, change))).refused
    },
    records: () => readAll(ledger),
  }
}

type Assessed = Exclude<Assessment, { readonly refusal: unknown }>

/** A payment of its own purchase. */
function toDraft(asked: AskedTerms, { charges, notation, tags = asked.tags }: Assessed, purchase: string): Draft {
  const { network, asset, payTo, amount, host, resource: own } = asked
  const resource = `GET https://${host}/`
  const call = { purchase, coarse: purchase, isKeyed: false, origin: `https://${host}`, method: 'GET' }
  return {
    call: { ...call, host, resource, asked: own, tags },
    terms: { scheme: 'exact', network, asset, payTo, amount, maxTimeoutSeconds: 60, extra: {} },
    notation,
    payer: '0x3',
    exposure: amount,
    charges,
    by: { payers: ['0x3'], nowSeconds: 0, buysOver: false },
    isPinned: false,
  }
}
