import { LEDGER_TOO_BUSY } from '../../errors/catalogue/desk.js'
import { fail } from '../../errors/fail.js'
import { isSameJson } from '../../wire/json.js'
import type { Ledger, Value } from '../ledger.js'

/** A place in the register of a ledger. */
export type Place = { readonly kind: string; readonly key: string }

/** How many times a change is tried: each time that it fails, somebody else's was written. */
const MAX_TRIES = 1000

/**
 * Changes a value of the register, no matter who else changes it at the same time: what came between is read, and the change made once more.
 *
 * @param change - Is shown what is there, and returns what is to be there. The same says that nothing changes.
 * @throws {@link LimitError} `LEDGER_UNAVAILABLE` when others never let it through; and what the ledger throws. Nothing was signed.
 */
export async function changeValue(
  ledger: Pick<Ledger, 'get' | 'put'>,
  { kind, key }: Place,
  change: (value: Value | undefined) => Value | undefined,
): Promise<void> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const before = await ledger.get(kind, key)
    const after = change(before)
    if (isSameJson(before, after) || (await ledger.put(kind, key, after, before))) return
  }
  throw fail(LEDGER_TOO_BUSY)
}
