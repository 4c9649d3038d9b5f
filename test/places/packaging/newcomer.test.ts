import { execFile, execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import ts from 'typescript'
import { describe, expect, inject, it } from 'vitest'
import { testAccounts } from '../../../src/testing/accounts.js'
import { strictOptions } from '../../support/strict-options.js'

/** What a newcomer does with nothing but what is published: the pages are read from there, too. */

const run = promisify(execFile)
const consumer = inject('consumer')
const readPage = (page: string) => readFileSync(join(consumer, 'node_modules/pay402', page), 'utf8')

describe("getting started's program", () => {
  const program = readProgram()
  const key = testAccounts.evm.privateKey

  it.each([
    ['is missing', undefined],
    ['is empty', ''],
    ['lacks its 0x', key.slice(2)],
    ['lacks a digit', key.slice(0, -1)],
    ['is an address', testAccounts.evm.address],
    ['has a line break at its end', `${key}\n`],
  ])('says so when the key %s, and lets viem see nothing of it', async (_, wrong) => {
    const env = wrong === undefined ? {} : { PRIVATE_KEY: wrong }
    const failed = await run(process.execPath, [writeScript('buy-without.mjs', program)], { cwd: consumer, env }).then(
      () => undefined,
      (error: { code: number; stderr: string }) => error,
    )
    expect(failed?.code).toBe(1)
    expect(failed?.stderr).toContain('Error: Set PRIVATE_KEY to a private key: 0x and 64 hex digits.')
    expect(failed?.stderr).not.toMatch(/viem|noble/)
  })

  it('type-checks under --strict, and with a key buys and says for how much', async () => {
    expect(compile({ 'buy.mts': program })).toBe('')
    // Stands in for the made-up seller of the page; it recovers who signed.
    const shop = `import { createSeller } from 'pay402/testing'
      const routes = { '/weather': { price: '$0.01', answer: { temperature: 21 } } }
      const seller = createSeller({ url: 'https://api.example.com', routes })
      globalThis.fetch = seller.fetch
      process.on('exit', () => console.log(...seller.payments.map((payment) => payment.signature)))`
    const preload = writeFile('shop.mjs', shop)
    const script = writeScript('buy-with.mjs', program)
    const { stdout } = await run(process.execPath, ['--import', preload, script], {
      cwd: consumer,
      env: { PRIVATE_KEY: key },
    })
    expect(stdout).toBe('{"temperature":21} for $0.01\nvalid\n')
  })
})

describe('an official example, moved by the line of the migration page', () => {
  const [, line = ''] = /sed -i\.bak -E '(s[^\n]*)' src/.exec(readPage('docs/migrating-from-x402.md')) ?? []
  const folder = resolve('test/places/quickstarts/programs')
  const official = readFileSync(join(folder, 'basic-fetch.ts'), 'utf8')
  const moved = execFileSync('sed', ['-E', line], { input: official, encoding: 'utf8' })

  it('imports nothing but pay402, and type-checks under --strict', () => {
    const imported = ts.preProcessFile(moved).importedFiles.map(({ fileName }) => fileName)
    expect(imported.sort()).toEqual(['./world.js', 'pay402/evm', 'pay402/evm', 'pay402/fetch', 'pay402/svm'])
    const world = readFileSync(join(folder, 'world.ts'), 'utf8')
    expect(compile({ 'moved.ts': moved, 'world.ts': world })).toBe('')
  })

  it('does what it did before', async () => {
    const driver = `import { createSeller, testAccounts } from 'pay402/testing'
      import { toClientSvmSigner } from 'pay402/svm'
      import { privateKeyToAccount } from 'viem/accounts'
      const { run } = await import(process.argv[2])
      const seller = createSeller({ answer: { temperature: 21 } })
      const account = privateKeyToAccount(testAccounts.evm.privateKey)
      const solana = await toClientSvmSigner(testAccounts.solana.secretKey)
      const told = await run({ fetch: seller.fetch, url: 'https://seller.example/weather', account, solana })
      const payments = seller.payments.map(({ state, signature, taken }) => [state, signature, String(taken)])
      console.log(JSON.stringify({ told, payments }))`
    const script = writeFile('drive.mjs', driver)
    const drive = async (name: string, text: string): Promise<unknown> => {
      const { stdout } = await run(process.execPath, [script, writeScript(name, text)], { cwd: consumer })
      return JSON.parse(stdout)
    }
    const before = await drive('before.mjs', official)
    expect(before).toEqual({
      told: { body: { temperature: 21 }, payer: testAccounts.evm.address },
      payments: [['settled', 'valid', '10000']],
    })
    expect(await drive('after.mjs', moved)).toEqual(before)
  })
})

/** `buy.ts`, as the page says to put it together: the code under "A client", and under "The first purchase". */
function readProgram(): string {
  const page = readPage('docs/getting-started.md')
  const parts = ['A client', 'The first purchase'].map((heading) => {
    const [, code] = new RegExp(`^## ${heading}\\n.*?^\`\`\`ts\\n(.*?)^\`\`\``, 'ms').exec(page) ?? []
    if (code === undefined) throw new Error(`Getting started has no code under "${heading}"`)
    return code
  })
  return parts.join('\n')
}

function writeFile(name: string, text: string): string {
  const path = join(consumer, name)
  writeFileSync(path, text)
  return path
}

/** Writes what Node runs of a program in TypeScript. */
function writeScript(name: string, text: string): string {
  const options: ts.CompilerOptions = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 }
  return writeFile(name, ts.transpileModule(text, { compilerOptions: options }).outputText)
}

/** Type-checks files of the consumer's. Returns what the compiler says. */
function compile(texts: Readonly<Record<string, string>>): string {
  const files = Object.entries(texts).map(([name, text]) => writeFile(name, text))
  const options: ts.CompilerOptions = {
    ...strictOptions,
    types: ['node'],
    typeRoots: [resolve('node_modules/@types')],
  }
  const diagnostics = ts.getPreEmitDiagnostics(ts.createProgram(files, options))
  return ts.formatDiagnostics(diagnostics, {
    getCanonicalFileName: (name) => name,
    getCurrentDirectory: () => consumer,
    getNewLine: () => '\n',
  })
}
