import { resolve } from 'node:path'
import { defineConfig } from 'vitest/config'
import { entries } from './tsup.config.js'

/** `pay402` and `pay402/…` mean the sources, everywhere but in the packaging tests, which load what npm would install. */
const alias = Object.entries(entries).map(([name, source]) => ({
  find: new RegExp(`^pay402${name === 'index' ? '' : `/${name}`}$`),
  replacement: resolve(source),
}))

const tests = (folder: string) => [`test/${folder}/**/*.test.ts`]
const chain = [...tests('places/chain'), ...tests('places/quickstarts'), ...tests('promises/crash')]
const docs = tests('places/docs')
const packaging = tests('places/packaging')
const runtimes = tests('places/runtimes')
const browser = tests('places/browser')
const engines = tests('places/engines')
const setupFiles = ['test/support/fix-seeds.ts']
/** Ends what hangs, and nothing else: no test depends on how fast a machine is. */
const patience = { testTimeout: 60_000, hookTimeout: 120_000 }

export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      {
        resolve: { alias },
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: [...chain, ...docs, ...packaging, ...runtimes, ...browser, ...engines],
          setupFiles,
          pool: 'threads',
          // Files share what they load, since loading took as long as the tests: no test may depend on what another one left.
          isolate: false,
          ...patience,
        },
      },
      {
        resolve: { alias },
        test: {
          name: 'chain',
          include: chain,
          setupFiles,
          // Processes, since they start chains and end them with the process. Files share what they load, as the units do.
          pool: 'forks',
          isolate: false,
          ...patience,
        },
      },
      {
        resolve: { alias },
        test: {
          name: 'browser',
          include: browser,
          setupFiles,
          // A process each, since they start browsers and end them with the process.
          pool: 'forks',
          ...patience,
        },
      },
      {
        resolve: { alias },
        // A process each, since they start databases and end them with the process.
        test: { name: 'engines', include: engines, setupFiles, pool: 'forks', ...patience },
      },
      {
        test: {
          name: 'types',
          include: [],
          typecheck: {
            enabled: true,
            only: true,
            include: ['test/unit/types/**/*.test-d.ts'],
            // The rest of the program is held by `npm run types`.
            tsconfig: 'test/unit/types/tsconfig.json',
            ignoreSourceErrors: true,
          },
        },
      },
      {
        test: {
          name: 'packaging',
          include: packaging,
          globalSetup: 'test/places/packaging/install-package.ts',
          pool: 'forks',
          ...patience,
        },
      },
      {
        resolve: { alias },
        test: {
          name: 'runtimes',
          include: runtimes,
          globalSetup: 'test/places/runtimes/setup.ts',
          pool: 'forks',
          ...patience,
        },
      },
      {
        resolve: { alias },
        test: { name: 'docs', include: docs, setupFiles, pool: 'threads', ...patience },
      },
    ],
  },
})
