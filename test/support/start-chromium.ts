import { type Browser, chromium } from 'playwright-core'

/** Starts a real, headless Chromium: Debian's, or the one that `CHROMIUM` names. It ends with `browser.close()`. */
export function startChromium(): Promise<Browser> {
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
    ],
  })
}
