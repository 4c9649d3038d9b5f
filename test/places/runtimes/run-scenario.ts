import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { z } from 'zod'
import { listen } from '../../support/chain/listen.js'
import { startChromium } from '../../support/start-chromium.js'
import { bundleScenario } from './bundle-scenario.js'
import type { Way } from './runtimes.js'
import { type Compatibility, startWorkerd } from './start-workerd.js'

const run = promisify(execFile)

const Facts = z.record(z.string(), z.unknown())
const Names = z.record(z.string(), z.array(z.string()))

/** What a runtime tells of one run. */
const Told = z.object({
  /** As the runtime itself says. */
  version: z.string(),
  /** By situation. */
  situations: z.record(z.string(), Facts),
  /** The names that each entry exports to `import`. */
  imported: Names,
  /** The same by `require`, where there is one. */
  required: Names.optional(),
  /** The types of Node's globals. */
  globals: z.record(z.string(), z.string()),
})

export type Told = z.infer<typeof Told>

/** One run of the scenario. */
export type Run = {
  readonly way: Way
  /** The runtime's own; of a browser the machine's is taken. */
  readonly program: string | undefined
  /** Where the scenario is. */
  readonly folder: string
  /** The seller's address. */
  readonly seller: string
  /** In their order. */
  readonly situations: readonly string[]
}

/** Lets a runtime go through the situations, and returns what it tells. */
export async function runScenario({ way, program = '', folder, seller, situations }: Run): Promise<Told> {
  if (way.kind === 'browser') return tellInPage(folder, seller, situations)
  if (way.kind === 'workerd') return tellInWorker(program, folder, way, seller, situations)
  const script = join(folder, 'on-the-command-line.js')
  const args = [...way.before, script, seller, way.hasRequire ? 'require' : 'import', ...situations]
  const { stdout } = await run(program, args, { cwd: folder, timeout: 60_000 })
  return Told.parse(JSON.parse(stdout))
}

type Ask = (name: string) => Promise<unknown>

async function tellInWorker(
  program: string,
  folder: string,
  compatibility: Compatibility,
  seller: string,
  situations: readonly string[],
): Promise<Told> {
  const worker = await startWorkerd(program, await bundleScenario(folder, 'workerd'), compatibility)
  try {
    const { stdout } = await run(program, ['--version'])
    return await tell(stdout.trim().replace('workerd ', ''), situations, async (situation) => {
      const body = JSON.stringify({ situation, seller })
      const response = await fetch(worker.url, { method: 'POST', body, signal: AbortSignal.timeout(60_000) })
      const text = await response.text()
      if (!response.ok) throw new Error(`${situation}: ${text}`)
      return JSON.parse(text)
    })
  } finally {
    await worker.stop()
  }
}

async function tellInPage(folder: string, seller: string, situations: readonly string[]): Promise<Told> {
  const bundle = await readFile(await bundleScenario(folder, 'browser'), 'utf8')
  const pages = createServer((request, response) => {
    const isScript = request.url === '/scenario.js'
    response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html')
    response.end(isScript ? bundle : '<script type="module" src="/scenario.js"></script>')
  })
  const browser = await startChromium()
  try {
    const { url } = await listen(pages)
    const page = await browser.newPage()
    await page.goto(url)
    return await tell(browser.version(), situations, (situation) =>
      page.evaluate(([name, url]) => Reflect.get(globalThis, 'showSituation')(name, url), [situation, seller]),
    )
  } finally {
    await browser.close()
    pages.close()
    pages.closeAllConnections()
  }
}

async function tell(version: string, names: readonly string[], ask: Ask): Promise<Told> {
  const situations: Record<string, unknown> = {}
  for (const name of names) situations[name] = await ask(name)
  return Told.parse({ version, situations, imported: await ask('entries'), globals: await ask('globals') })
}
