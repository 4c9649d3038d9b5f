import { type Browser, chromium } from 'playwright-core'

/** Debian's, or the one that the environment names. */
export const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium'

/** Switches of its command line that every test needs. */
export const SWITCHES: readonly string[] = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/**
 * Starts a real, headless Chromium. It ends with `browser.close()`.
 *
 * @param args - More switches of its command line.
 */
export function startChromium(...args: readonly string[]): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: [...SWITCHES, ...args] })
}
