import { HOST_OUT_OF_REACH } from '../../errors/catalogue/limits.js'
import { fail } from '../../errors/fail.js'
import { invalidOption } from '../../errors/options.js'
import type { MaybePromise } from '../../payment/digest.js'
import type { Limits } from '../../payment/limits.js'
import { loadPart } from '../../payment/part.js'
import { toHost } from '../../wire/host.js'
import { toDisplayUrl } from '../../wire/resource-url.js'

/** Where a client may ask: all of these limits must allow the host. */
export type Reach = {
  /** Those of each restricted client, from the outermost. */
  readonly limits: readonly Limits[]
  /**
   * Asserts that an address may be asked.
   *
   * @throws {@link LimitError} `HOST_OUT_OF_REACH`; the money is untouched.
   */
  assert(url: URL): MaybePromise<void>
}

/**
 * Reads how far a restricted client may ask.
 *
 * @param given - `reach` of the options of `restrict`.
 * @param outer - Of the client that makes it, which it can't be wider than.
 * @param limits - Of the client itself.
 * @returns `undefined` for anywhere.
 * @throws {@link ConfigurationError} `INVALID_OPTION`.
 */
export function readReach(
  given: unknown,
  { reach: outer, isRestricted }: { readonly reach?: Reach | undefined; readonly isRestricted: boolean },
  limits: Limits,
): Reach | undefined {
  if (given !== undefined && given !== 'hosts' && given !== 'anywhere') {
    throw invalidOption('restrict.reach', "'hosts' or 'anywhere'")
  }
  const isAnywhere = given === undefined ? isRestricted && outer === undefined : given === 'anywhere'
  return isAnywhere ? outer : boundReach(outer, limits)
}

/** Limits that list hosts allow those, wherever they are; limits that list none allow any public address. */
function boundReach(outer: Reach | undefined, limits: Limits): Reach {
  const all = [...(outer?.limits ?? []), limits]
  const isListed = all.every(listsHosts)
  return {
    limits: all,
    assert(url) {
      // They lead to no host.
      if (url.protocol === 'data:' || url.protocol === 'blob:') return undefined
      const host = toHost(url)
      if (!isWeb(url) || !all.every((one) => one.allowsHost?.(host) !== false)) {
        const facts = { host, resource: isWeb(url) ? toDisplayUrl(url) : undefined }
        throw fail(HOST_OUT_OF_REACH, { words: { host: host || url.protocol }, facts })
      }
      return isListed ? undefined : assertPublic(url)
    },
  }
}

/** Limits that would allow a host which is unknown have no list of hosts. */
function listsHosts(limits: Limits): boolean {
  return limits.allowsHost?.('') === false
}

function isWeb({ protocol }: URL): boolean {
  return protocol === 'https:' || protocol === 'http:'
}

let check: ((url: URL) => MaybePromise<void>) | undefined

/** Loaded when a host is first asked that isn't listed; from then on, what a name alone tells is told at once. */
function assertPublic(url: URL): MaybePromise<void> {
  return check === undefined ? loadThenAssert(url) : check(url)
}

async function loadThenAssert(url: URL): Promise<void> {
  check = (await loadPart(import('./public-host.js'))).assertPublicHost
  await check(url)
}
