import { type Browser, chromium } from 'playwright-core'

/**
 * Starts a real, headless Chromium: Debian's, or the one that `CHROMIUM` names. It ends with `browser.close()`.
 *
 * @param args - Switches of its command line, beside those that every test needs.
 */
export function startChromium(...args: readonly string[]): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      ...args,
    ],
  })
}
