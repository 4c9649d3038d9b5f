import { execFile } from 'node:child_process'
import { cp, readFile, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import { beforeAll, describe, expect, inject, it } from 'vitest'
import { z } from 'zod'
import { installPackages } from './install-runtime.js'

/** The engine, what apps are built with, and what React Native and its apps bring along. */
const PACKAGES = [
  'hermes-engine-cli@0.12.0',
  '@babel/core@7.29.13',
  '@react-native/babel-preset@0.79.7',
  'abort-controller@3.0.0',
  'core-js@3.51.0',
  'fast-text-encoding@1.0.6',
  'whatwg-fetch@3.6.20',
]

/** Where the engine's package has the program for this machine. */
const PROGRAMS: Readonly<Record<string, string>> = { linux: 'linux64-bin/hermes', darwin: 'osx-bin/hermes' }

const run = promisify(execFile)
const Built = z.object({ code: z.string() })
const Facts = z.record(z.string(), z.unknown())

let packages: string
let folder: string

beforeAll(async () => {
  packages = await installPackages('hermes-0.12.0', PACKAGES)
  folder = join(inject('project').folder, 'phone')
  await cp(join(import.meta.dirname, 'phone'), folder, { recursive: true })
})

/** Builds an app around the installed package as React Native's own tools do, runs it on the engine, and returns what it tells. */
async function runApp(name: string): Promise<Record<string, unknown>> {
  const bundle = join(folder, `${name}.bundle.js`)
  await build({
    entryPoints: [join(folder, `${name}.js`)],
    outfile: bundle,
    bundle: true,
    format: 'iife',
    platform: 'browser',
    conditions: ['react-native'],
    target: 'es2022',
    nodePaths: [join(packages, 'node_modules')],
    logLevel: 'error',
  })
  const require = createRequire(join(packages, 'package.json'))
  const preset = [
    require.resolve('@react-native/babel-preset'),
    { unstable_transformProfile: 'hermes-stable', enableBabelRuntime: false, disableImportExportTransform: true },
  ]
  const options = { presets: [preset], cwd: packages, babelrc: false, configFile: false, compact: false }
  const { transformSync } = require(require.resolve('@babel/core'))
  const { code } = Built.parse(transformSync(await readFile(bundle, 'utf8'), options))
  await writeFile(bundle, code)
  const program = join(packages, 'node_modules/hermes-engine-cli', PROGRAMS[process.platform] ?? 'win64-bin/hermes.exe')
  const { stdout } = await run(program, ['-w', bundle], { timeout: 60_000 })
  return Facts.parse(JSON.parse(stdout))
}

const PAID = { status: 200, body: 'sunny', money: 'settled', receipt: 'verified', signatures: 1 }

describe('Hermes, as React Native builds for it:', () => {
  it('an app that forgot the polyfills is told by name what the platform lacks', async () => {
    expect(await runApp('bare')).toEqual({
      isOurs: true,
      code: 'PLATFORM_LACKS',
      money: 'untouched',
      said: 'This platform lacks TextDecoder, TextEncoder, URL, atob, btoa, crypto.getRandomValues.',
    })
  })

  it('an app with the polyfills of the page buys, keeps its limits, and presents what was lost', async () => {
    expect(await runApp('app')).toEqual({
      free: { status: 200, body: 'free', signatures: 0 },
      paid: PAID,
      body: PAID,
      lost: PAID,
      protocol1: PAID,
      expensive: { code: 'LIMIT_PER_PAYMENT', money: 'untouched', signatures: 0 },
      joined: ['sunny', 'sunny'],
      aborted: { code: 'ABORTED', money: 'untouched', signatures: 0 },
      byXhr: { code: 'TRANSPORT_MAY_REDIRECT', money: 'untouched' },
      // What a seller writes under a name that such builds use for private fields changes nothing.
      echoed: { amount: '10000', __private_0_json: '"forged"' },
      payments: 6,
      listed: 7,
    })
  })
})
