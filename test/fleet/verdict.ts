import type { Outcome } from './run.js'

/** What a run came to, in numbers that can be compared. */
export type Books = {
  /** Payments that the seller cashed. */
  readonly cashed: number
  /** Cashed beyond what there was money for. */
  readonly over: number
  /** What the ledger counts: by its running sum, and by its list. */
  readonly counted: number
  readonly listed: number
  /** Cashed, and the ledger doesn't count it. */
  readonly uncounted: number
  /** Counted, and the seller never cashed it. */
  readonly unspent: number
  /** Purchases that were cashed more than once. */
  readonly twice: number
}

/** Compares what the seller has with what the ledger counts. */
export function toBooks({ scenario, cashed, counted }: Outcome): Books {
  const nonces = new Set(counted.flatMap((one) => one.nonces))
  return {
    cashed: cashed.size,
    over: Math.max(0, cashed.size - scenario.affordable),
    counted: counted.reduce((sum, one) => sum + one.sum, 0),
    listed: nonces.size,
    uncounted: [...cashed.keys()].filter((nonce) => !nonces.has(nonce)).length,
    unspent: [...nonces].filter((nonce) => !cashed.has(nonce)).length,
    twice: cashed.size - new Set(cashed.values()).size,
  }
}

/** Lists what isn't exact, one sentence each. */
export function findFaults(outcome: Outcome): readonly string[] {
  const { scenario, asked, paid, endless, happened } = outcome
  const books = toBooks(outcome)
  const due = Math.min(asked, scenario.affordable)
  const faults: readonly (readonly [boolean, string])[] = [
    [books.cashed !== due, `${books.cashed} payments were cashed, and there was money for ${due}.`],
    [paid !== books.cashed, `${paid} purchases were paid for, and ${books.cashed} payments cashed.`],
    [
      books.counted !== books.cashed,
      `The ledger's sum counts ${books.counted} payments, and ${books.cashed} were cashed.`,
    ],
    [books.listed !== books.counted, `The ledger lists ${books.listed} payments, and its sum counts ${books.counted}.`],
    [books.uncounted > 0, `${books.uncounted} payments were cashed that the ledger doesn't count.`],
    [books.unspent > 0, `${books.unspent} payments are counted that were never cashed.`],
    [books.twice > 0, `${books.twice} payments were for a purchase that was paid for already.`],
    [endless > 0, `${endless} calls never ended.`],
    [outcome.ended > 0, `${outcome.ended} processes ended though no one killed them.`],
    [outcome.errors.has('CIRCUIT_OPEN'), 'The ledger’s failures were blamed on the seller (CIRCUIT_OPEN).'],
  ]
  const missed = scenario.incidents.length - [...happened.values()].reduce((sum, times) => sum + times, 0)
  return [
    ...faults.flatMap(([isSo, sentence]) => (isSo ? [sentence] : [])),
    ...(missed > 0 ? [`${missed} of the incidents didn't happen, so this run shows less than it should.`] : []),
  ]
}
