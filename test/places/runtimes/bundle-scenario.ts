import { join } from 'node:path'
import { build } from 'esbuild'

/** Where a bundle is for, and under which conditions packages are read for it. */
const TARGETS = {
  // As wrangler bundles.
  workerd: { script: 'in-a-worker.js', conditions: ['workerd', 'worker', 'browser'] },
  browser: { script: 'in-a-page.js', conditions: ['browser'] },
}

/**
 * Bundles the scenario and the installed package into one module. Fails on anything of Node.
 *
 * @param project - Where the scenario and the package are.
 * @returns The bundle's file.
 */
export async function bundleScenario(project: string, target: keyof typeof TARGETS): Promise<string> {
  const { script, conditions } = TARGETS[target]
  const outfile = join(project, `${target}-bundle.js`)
  await build({
    entryPoints: [join(project, script)],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    conditions,
    logLevel: 'error',
  })
  return outfile
}
