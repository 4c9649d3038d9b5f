import { HOST_OUT_OF_REACH } from '../../errors/catalogue/reach.js'
import { fail } from '../../errors/fail.js'
import type { MaybePromise } from '../../payment/digest.js'
import type { Limits } from '../../payment/limits.js'
import { isLocal, toHost } from '../../wire/host.js'
import { toDisplayUrl } from '../../wire/resource-url.js'
import { assertPublicHost } from './public-host.js'
import type { Reach } from './reach.js'

/**
 * Asserts that an address may be asked: limits that list hosts allow those, wherever they are; limits that list none allow any public address, and
 * any server without an address of the web: whoever runs this process started it, and named it.
 *
 * @returns Whether the host is listed, by all of them.
 * @throws {@link LimitError} `HOST_OUT_OF_REACH`; the money is untouched.
 */
export function assertWithinReach(url: URL, reach: Reach): MaybePromise<boolean> {
  // They lead to no host.
  if (url.protocol === 'data:' || url.protocol === 'blob:') return true
  const host = toHost(url)
  const isWeb = url.protocol === 'https:' || url.protocol === 'http:'
  if (!(isWeb || isLocal(url)) || !reach.every((one) => one.allowsHost?.(host) !== false)) {
    const facts = { host, resource: isWeb ? toDisplayUrl(url) : undefined }
    throw fail(HOST_OUT_OF_REACH, { words: { host: host || url.protocol }, facts })
  }
  return isLocal(url) || reach.every(listsHosts) || assertPublicHost(url)
}

/** Limits that would allow a host which is unknown have no list of hosts. */
function listsHosts(limits: Limits): boolean {
  return limits.allowsHost?.('') === false
}
