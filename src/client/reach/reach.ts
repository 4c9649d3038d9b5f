import { invalidOption } from '../../errors/options.js'
import { isPromise, type MaybePromise } from '../../payment/digest.js'
import type { Limits } from '../../payment/limits.js'
import { loadPart } from '../../payment/part.js'

/** Where a client may ask: all of these limits must allow the host. They are those of each restricted client, from the outermost. */
export type Reach = readonly Limits[]

/**
 * Reads how far a restricted client may ask.
 *
 * @param given - `reach` of the options of `restrict`.
 * @param wide - The client that makes it, than which it can't be wider.
 * @param limits - Of the client itself.
 * @returns `undefined` for anywhere.
 * @throws {@link ConfigurationError} `INVALID_OPTION`.
 */
export function readReach(
  given: unknown,
  { reach: outer, isRestricted }: { readonly reach?: Reach | undefined; readonly isRestricted: boolean },
  limits: Limits,
): Reach | undefined {
  const reach = given ?? (isRestricted && outer === undefined ? 'anywhere' : 'hosts')
  if (reach !== 'hosts' && reach !== 'anywhere') throw invalidOption('restrict.reach', "'hosts' or 'anywhere'")
  return reach === 'anywhere' ? outer : [...(outer ?? []), limits]
}

/** Loaded when a bounded client first asks; from then on, what a name alone tells is told at once. */
let part: ((url: URL, reach: Reach) => MaybePromise<boolean>) | undefined

/**
 * Asserts that an address may be asked. Limits that refuse may have been replaced at a desk: a client that asks nothing never pays, and wouldn't
 * learn of it. So they are looked up then, and the next call is held to those that hold now.
 *
 * @param follow - Looks them up.
 * @returns Whether its host is listed: one that isn't may be asked only while all its addresses are public.
 * @throws {@link LimitError} `HOST_OUT_OF_REACH`; the money is untouched.
 */
export function assertReach(url: URL, reach: Reach, follow: () => Promise<unknown>): MaybePromise<boolean> {
  const learn = (error: unknown): never => {
    follow().catch(() => undefined) // a ledger that fails replaces nothing
    throw error
  }
  try {
    const asserting = askReach(url, reach)
    return isPromise(asserting) ? asserting.catch(learn) : asserting
  } catch (error) {
    return learn(error)
  }
}

function askReach(url: URL, reach: Reach): MaybePromise<boolean> {
  return part?.(url, reach) ?? loadThenAssert(url, reach)
}

async function loadThenAssert(url: URL, reach: Reach): Promise<boolean> {
  part = (await loadPart(import('./within-reach.js'))).assertWithinReach
  return part(url, reach)
}
