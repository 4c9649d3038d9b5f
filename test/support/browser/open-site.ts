import { onTestFinished } from 'vitest'
import type { Listening } from '../chain/listen.js'
import { bundle } from './bundle.js'
import { startSite } from './start-site.js'

let script: Promise<string> | undefined

/** Starts, for one test, a site whose pages have `test/places/browser/page/library.ts`. */
export async function openSite(): Promise<Listening> {
  script ??= bundle('test/places/browser/page/library.ts')
  const site = await startSite(await script)
  onTestFinished(() => site.stop())
  return site
}
