import type { Browser, BrowserContext } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, onTestFinished } from 'vitest'
import { startChromium } from '../start-chromium.js'

/**
 * Starts a browser for the tests of a file, and makes an empty profile for each.
 *
 * @param args - Switches of the browser's command line.
 * @returns The profile of the test that runs.
 */
export function useProfile(...args: readonly string[]): () => BrowserContext {
  let browser: Browser | undefined
  let profile: BrowserContext | undefined
  beforeAll(async () => {
    browser = await startChromium(...args)
  })
  afterAll(() => browser?.close())
  beforeEach(async () => {
    const made = await browser?.newContext()
    onTestFinished(() => made?.close())
    profile = made
  })
  return () => {
    if (profile === undefined) throw new Error('no test runs')
    return profile
  }
}
