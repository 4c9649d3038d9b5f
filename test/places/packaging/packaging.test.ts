import { execFile } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, normalize, resolve } from 'node:path'
import { promisify } from 'node:util'
import ts from 'typescript'
import { describe, expect, inject, it } from 'vitest'
import { entries } from '../../../tsup.config.js'

const run = promisify(execFile)
const consumer = inject('consumer')
const installed = join(consumer, 'node_modules/pay402')
const names = Object.keys(entries)
/** The library of a door: an optional peer, which its entry and no other may name. */
const doorOf: Readonly<Record<string, string>> = { agents: 'zod', axios: 'axios', ky: 'ky' }
const toSpecifier = (entry: string) => (entry === 'index' ? 'pay402' : `pay402/${entry}`)
const specifiers = names.map(toSpecifier)
const pairs = specifiers.flatMap((first, index) => specifiers.slice(index).map((second) => [first, second] as const))

/** Parts that no payment needs: what is asked before or later, by a call that shares what another one buys, or once `resume-found`, which has it, was loaded. */
const OFF_THE_WAY = [
  'asked-allowance',
  'axios-job',
  'cancellation',
  'diagnosis',
  'found-payment',
  'holdings',
  'job',
  'joined-limits',
  'known-assets',
  'known-tokens',
  'payments',
  'presented',
  'quote',
  'quoting',
  'quoting-adapter',
  'receipt',
  'receipt-check',
  'reconciliation',
  'sent-approval',
  'spending',
]

describe.each([
  ['import', 'import'],
  ['require', 'require'],
  ['import', 'require'],
  ['require', 'import'],
])('%s, then %s', (firstMode, secondMode) => {
  it.concurrent.each(pairs)('%s and %s load together and know the errors of each other', async (first, second) => {
    await run(process.execPath, ['load-pair.mjs', firstMode, first, secondMode, second], { cwd: consumer })
  })
})

describe('a client of one copy behind the door of another', () => {
  it.each([
    ['import', 'require'],
    ['require', 'import'],
  ])('client by %s, door by %s: pays once', async (clientMode, doorMode) => {
    await run(process.execPath, ['pay-across-copies.mjs', clientMode, doorMode], { cwd: consumer })
  })
})

describe('a part that can’t be loaded', () => {
  const parts = listParts(join(installed, 'dist'))

  it('is on the way of a payment, unless it is named here', () => {
    expect(OFF_THE_WAY.filter((name) => !parts.includes(name))).toEqual([])
  })

  it.each(parts.filter((name) => !OFF_THE_WAY.includes(name)))(
    '%s: a call that needs it reserves and signs nothing, and pays once when it is there again',
    async (part) => {
      const { stdout } = await run(process.execPath, ['pay-without-a-part.mjs', part], { cwd: consumer })
      expect(JSON.parse(stdout)).not.toEqual([])
    },
  )
})

describe('what is decoded', () => {
  it('remembers a header, also in what was built: its offers are the same frozen objects', async () => {
    await run(process.execPath, ['decode-twice.mjs'], { cwd: consumer })
  })
})

describe("README's first program", () => {
  it('runs as pasted from what is published, and says what it bought and for how much', async () => {
    const [, program = ''] = /```ts\n(.*?)```/s.exec(readFileSync(join(installed, 'README.md'), 'utf8')) ?? []
    const script = join(consumer, 'buy.mjs')
    writeFileSync(script, program)
    const { stdout } = await run(process.execPath, [script], { cwd: consumer, env: {} })
    expect(stdout).toBe('sunny for $0.01\n')
  })

  it('is on the first screen: 25 lines to its end, and what it needs', () => {
    const text = readFileSync(join(installed, 'README.md'), 'utf8')
    const end = text.indexOf('```\n', text.indexOf('```ts'))
    expect(text.slice(0, end).split('\n').length).toBeLessThanOrEqual(25)
  })
})

describe('the contract of ledgers', () => {
  it("runs under Node's own runner, and holds the ledger in memory to it", async () => {
    const { stdout } = await run(process.execPath, ['--test', '--test-reporter=tap', 'hold-to-contract.mjs'], {
      cwd: consumer,
    })
    expect(stdout).toMatch(/^# fail 0$/m)
    expect(Number(/^# pass (\d+)$/m.exec(stdout)?.[1])).toBeGreaterThan(200)
  })
})

describe('a small app', () => {
  it('is tested with msw and the kit, from what is published', async () => {
    const { stdout } = await run(process.execPath, ['--test', '--test-reporter=tap', 'small-app.test.mjs'], {
      cwd: consumer,
    })
    expect(stdout).toMatch(/^# pass 4$/m)
    expect(stdout).toMatch(/^# fail 0$/m)
  })
})

describe('what an entry loads', () => {
  it.each(names)('%s: nothing but hashes as ES modules, nothing at all as CommonJS', (name) => {
    const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8'))
    // The ledger in a file is for Node alone, and a door may load the library that it is a door of. The kit for tests loads viem on demand, if it is there.
    const isOwn = (specifier: string) =>
      (name === 'ledger/file' && specifier.startsWith('node:')) ||
      (name === 'testing' && specifier === 'viem') ||
      specifier === doorOf[name]
    const loaded = readPackagesOf(join(installed, 'dist', `${name}.js`)).filter((one) => !isOwn(one))
    expect(
      loaded.filter((specifier) => !Object.keys(dependencies).some((own) => specifier.startsWith(`${own}/`))),
    ).toEqual([])
    expect(readPackagesOf(join(installed, 'dist', `${name}.cjs`)).filter((one) => !isOwn(one))).toEqual([])
  })

  it.each(names)('%s: its types name no package but that of its door', (name) => {
    const isForeign = (specifier: string) => specifier !== doorOf[name]
    expect(readPackagesOf(join(installed, 'dist', `${name}.d.ts`)).filter(isForeign)).toEqual([])
    expect(readPackagesOf(join(installed, 'dist', `${name}.d.cts`)).filter(isForeign)).toEqual([])
  })
})

describe('the types', () => {
  it.each([
    ['node10', ts.ModuleKind.CommonJS, ts.ModuleResolutionKind.Node10, 'ts'],
    ['node16 from CommonJS', ts.ModuleKind.Node16, ts.ModuleResolutionKind.Node16, 'cts'],
    ['node16 from an ES module', ts.ModuleKind.Node16, ts.ModuleResolutionKind.Node16, 'mts'],
    ['a bundler', ts.ModuleKind.ESNext, ts.ModuleResolutionKind.Bundler, 'ts'],
  ])('resolve and check under %s, libraries included', (_, module, moduleResolution, extension) => {
    const file = join(consumer, `consumer.${extension}`)
    const text = specifiers
      .map((specifier, index) => `import * as entry${index} from '${specifier}'; entry${index}`)
      .join('\n')
    const compilerOptions = {
      module,
      moduleResolution,
      target: ts.ScriptTarget.ES2022,
      strict: true,
      // zod's own types need it under node10; `tsc --init` sets it.
      esModuleInterop: true,
      noEmit: true,
      types: [],
    }
    const host = ts.createCompilerHost(compilerOptions)
    const { getSourceFile, fileExists } = host
    host.fileExists = (path) => path === file || fileExists(path)
    host.getSourceFile = (path, options, ...rest) =>
      path === file ? ts.createSourceFile(path, text, options) : getSourceFile(path, options, ...rest)
    const diagnostics = ts.getPreEmitDiagnostics(ts.createProgram([file], compilerOptions, host))
    expect(ts.formatDiagnostics(diagnostics, { ...host, getCurrentDirectory: () => consumer })).toBe('')
  })
})

describe('what is published', () => {
  it('is the build, the pages, and the papers of the package', () => {
    const meant =
      /^(dist\/[\w/-]+\.(js|cjs|d\.ts|d\.cts)(\.map)?|dist\/(cli\/)?third-party-licenses\.txt|docs\/.+\.md|[A-Z]+\.md|LICENSE|docs\/examples\/.+|llms\.txt|package\.json)$/
    expect(inject('published').filter((path) => !meant.test(path))).toEqual([])
  })

  it('has what its pages link to', () => {
    const published = inject('published')
    const pages = published.filter((path) => path.endsWith('.md'))
    const broken = pages.flatMap((page) => {
      const text = readFileSync(join(installed, page), 'utf8').replace(/^```.*?^```/gms, '')
      const links = [...text.matchAll(/\]\(([^)\s#]+)(?:#[^)\s]*)?\)/g)].map(([, link = '']) => link)
      return links
        .filter((link) => !/^[a-z]+:/.test(link))
        .map((link) => ({ page, link, path: normalize(join(dirname(page), link)) }))
        .filter(
          ({ path }) => !published.some((file) => file === path || file.startsWith(`${path.replace(/\/$/, '')}/`)),
        )
    })
    expect(pages.length).toBeGreaterThan(20)
    expect(broken).toEqual([])
  })

  it('has the place that the message of an error names', async () => {
    const program =
      "import { x402Client } from 'pay402'; try { new x402Client({ limit: '$1' }) } catch (error) { console.log(error.message) }"
    const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', program], { cwd: consumer })
    const [, file = '', code = ''] = /Docs: (\S+)#(\w+)\s*$/.exec(stdout) ?? []
    expect(readFileSync(join(consumer, file), 'utf8')).toContain(`\n### ${code.toUpperCase()}\n`)
  })
})

describe('what is measured', () => {
  it('is every entry by itself', async () => {
    const { default: limits }: { default: { path?: string }[] } = await import(resolve('.size-limit.js'))
    const measured = limits.flatMap(({ path }) => path ?? [])
    expect(measured.sort()).toEqual(names.map((name) => `dist/${name}.js`).sort())
  })
})

/** Names of what the build of the library loads on demand; the program has its parts in itself. */
function listParts(dist: string): string[] {
  const files = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.endsWith('.js') && !name.startsWith('cli'),
  )
  const names = files.flatMap((name) =>
    [...readFileSync(join(dist, name), 'utf8').matchAll(/\bimport\(['"][./]+(.+?)-[A-Z0-9]{8}\.js['"]\)/g)].map(
      ([, part = '']) => part,
    ),
  )
  return [...new Set(names)].sort()
}

/** Packages that a file of the build reaches, through all chunks. */
function readPackagesOf(file: string, seen = new Set<string>()): string[] {
  if (seen.has(file)) return []
  seen.add(file)
  const { importedFiles } = ts.preProcessFile(readFileSync(file, 'utf8'), true, true)
  return importedFiles.flatMap(({ fileName }) => {
    if (!fileName.startsWith('.')) return [fileName]
    const path = join(dirname(file), fileName)
    // A declaration names the JavaScript beside the next declaration.
    return readPackagesOf(file.includes('.d.') ? path.replace(/\.(c?)js$/, '.d.$1ts') : path, seen)
  })
}
