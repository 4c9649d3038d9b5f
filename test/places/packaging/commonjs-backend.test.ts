import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import ts from 'typescript'
import { expect, inject, it, onTestFinished } from 'vitest'
import { askToPay, createOffer, createRequired, deliver } from '../../support/offers.js'
import { startSeller } from '../../support/start-seller.js'

const run = promisify(execFile)
const source = resolve('docs/examples/commonjs')
const project = join(inject('consumer'), 'backend')

it('the example of a CommonJS backend compiles as older projects do, and buys from a real seller', async () => {
  const seller = await startSeller((request, response) => {
    const isDear = request.path.includes('dear')
    if (request.payment !== undefined) return deliver(response, request, JSON.stringify({ for: request.path }))
    askToPay(response, createRequired([createOffer(isDear ? { amount: '200000' } : {})]))
  })
  onTestFinished(() => seller.stop())
  expect(await compile()).toEqual([])
  const { stdout } = await run(process.execPath, [join(project, 'dist/main.js'), 'order-1', 'dear'], {
    env: { REPORTS_URL: seller.url, WALLET_PRIVATE_KEY: `0x${'11'.repeat(32)}` },
  })
  expect(JSON.parse(stdout)).toEqual([
    { report: { for: '/report?order=order-1' }, transaction: expect.stringMatching(/^0x/) },
    { refused: 'LIMIT_PER_PAYMENT', money: 'untouched' },
  ])
  expect(seller.authorizations().size).toBe(1)
})

it('the example of a backend says at once what its environment lacks', async () => {
  expect(await compile()).toEqual([])
  await expect(run(process.execPath, [join(project, 'dist/main.js')], { env: {} })).rejects.toThrow(
    'WALLET_PRIVATE_KEY is not set',
  )
})

/** Compiles the example in the consumer's project, to CommonJS with the resolution of TypeScript before 4.7. */
async function compile(): Promise<string[]> {
  await mkdir(join(project, 'src'), { recursive: true })
  const files = readdirSync(source).map((name) => join(project, 'src', name))
  for (const file of files) await writeFile(file, readFileSync(join(source, file.slice(join(project, 'src').length))))
  const options: ts.CompilerOptions = {
    module: ts.ModuleKind.CommonJS,
    moduleResolution: ts.ModuleResolutionKind.Node10,
    target: ts.ScriptTarget.ES2022,
    esModuleInterop: true,
    strict: true,
    skipLibCheck: true,
    types: ['node'],
    typeRoots: [resolve('node_modules/@types')],
    outDir: join(project, 'dist'),
    rootDir: join(project, 'src'),
  }
  const program = ts.createProgram(files, options)
  program.emit()
  return ts.getPreEmitDiagnostics(program).map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '))
}
