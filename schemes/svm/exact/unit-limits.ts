import { RANDOM_TOO_SHORT } from '../../../src/errors/catalogue/configuration.js'
import { fail } from '../../../src/errors/fail.js'
import type { RandomBytes } from '../../../src/payment/random.js'
import { createBoundedMap } from '../bounded-map.js'
import { BLOCKHASH_FULL } from '../errors.js'
import type { Transfer } from './transfer-message.js'

/** Source: `@x402/svm` 2.27.0, `DEFAULT_COMPUTE_UNIT_LIMIT`: a transfer and a memo of 32 bytes. */
const UNIT_LIMIT = 20_000
const USUAL_MEMO_BYTES = 32

/** Source: SPL Memo documentation, "Compute limits": a memo of 566 bytes takes 200,000 units. */
const UNITS_PER_BYTE = 360

/** How far above it a limit may be. Facilitators need no ceiling, and one that has one leaves room for the guards of wallets. */
const SPREAD = 8_192

/** The limit for one payment with a memo that others may have too. */
export type UnitLimits = (transfer: Transfer, random: RandomBytes) => number

/** What a payment may compute, whatever else varies it. */
export function unitLimitFor(memo: Uint8Array): number {
  return UNIT_LIMIT + Math.max(0, memo.length - USUAL_MEMO_BYTES) * UNITS_PER_BYTE
}

/**
 * Creates the choice of compute unit limits, so that two payments that are the same to the last byte but for it, with the seller's own
 * memo and one blockhash, are two transactions: the chain takes each transaction once.
 *
 * The first is random, since other processes may pay with the same key; none is given twice.
 */
export function createUnitLimits(): UnitLimits {
  const given = createBoundedMap<Set<number>>()
  return (transfer, random) => {
    const key = toKey(transfer)
    const taken = given.get(key) ?? new Set()
    given.set(key, taken)
    if (taken.size >= SPREAD) throw fail(BLOCKHASH_FULL, { words: { count: SPREAD } })
    const [high = 0, low = 0] = drawBytes(random, 2)
    let offset = ((high << 8) | low) % SPREAD
    while (taken.has(offset)) offset = (offset + 1) % SPREAD
    taken.add(offset)
    return unitLimitFor(transfer.memo) + offset
  }
}

function toKey({ blockhash, feePayer, mint, destination, amount, memo }: Transfer): string {
  return [blockhash, feePayer, mint, destination, amount, new TextDecoder().decode(memo)].join('/')
}

/**
 * Draws random bytes, exactly as many as are asked for: fewer would repeat.
 *
 * @throws {@link ConfigurationError} `INVALID_OPTION` when the source gives another number.
 */
export function drawBytes(random: RandomBytes, length: number): Uint8Array {
  const bytes = random(length)
  if (bytes.length === length) return bytes
  throw fail(RANDOM_TOO_SHORT, { money: 'untouched', words: { length } })
}
