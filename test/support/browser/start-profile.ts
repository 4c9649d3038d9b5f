import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { type BrowserContext, chromium } from 'playwright-core'
import { CHROMIUM, SWITCHES } from '../start-chromium.js'

/** A browser whose profile is a folder, as a person's is. */
export type Profile = {
  readonly context: BrowserContext
  /** Ends the browser at once, as a crash or `kill -9` does: nothing gets to tidy up. */
  kill(): Promise<void>
}

/** Starts a browser on a folder that outlives it. */
export async function startProfile(folder: string): Promise<Profile> {
  const args = [...SWITCHES, '--headless', '--remote-debugging-port=0', `--user-data-dir=${folder}`, 'about:blank']
  const browser = spawn(CHROMIUM, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  const exited = once(browser, 'exit')
  const kill = async () => {
    browser.kill('SIGKILL')
    await exited
  }
  try {
    const connected = await chromium.connectOverCDP(await readAddress(browser.stderr))
    const [context] = connected.contexts()
    if (context === undefined) throw new Error('the browser has no profile')
    return { context, kill }
  } catch (error) {
    await kill()
    throw error
  }
}

async function readAddress(output: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface({ input: output })) {
    const address = /^DevTools listening on (ws:\S+)$/.exec(line)?.[1]
    if (address === undefined) continue
    output.resume()
    return address
  }
  throw new Error('the browser ended before it could be reached')
}
