import { PLATFORM_LACKS } from './catalogue/configuration.js'
import { fail } from './fail.js'

/** What pay402 asks of a platform beside the language, and how to see that it is there. */
const NEEDED: Readonly<Record<string, () => unknown>> = {
  AbortController: () => AbortController,
  TextDecoder: () => TextDecoder,
  TextEncoder: () => TextEncoder,
  // React Native has one that throws at most of its members.
  URL: () => new URL('https://a.example:8443/b?c').port === '8443',
  atob: () => atob,
  btoa: () => btoa,
}

/**
 * Asserts that the platform has what a payment needs, so that a phone's is told by name what to add, and nothing fails halfway.
 *
 * @param isRandom - Whether the caller brings random bytes.
 * @throws {@link ConfigurationError} `PLATFORM_LACKS`; nothing was asked or signed.
 */
export function assertPlatform(isRandom: boolean): void {
  const needed = Object.entries(NEEDED)
  if (!isRandom) needed.push(['crypto.getRandomValues', () => Reflect.get(crypto, 'getRandomValues')])
  const missing = needed.filter(([, read]) => !isThere(read)).map(([name]) => name)
  if (missing.length > 0) throw fail(PLATFORM_LACKS, { words: { missing: missing.join(', ') } })
}

function isThere(read: () => unknown): boolean {
  try {
    return Boolean(read())
  } catch {
    return false
  }
}
