import { createHash, randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'

const here = dirname(fileURLToPath(import.meta.url))
const cacheFolder = join(here, '../../../.cache')
/** Every contract that is deployed, and the file that holds it. */
const sources = {
  TestUsd: 'TestUsd.sol',
  BridgedUsd: 'TestUsd.sol',
  Multicall: 'Multicall.sol',
  SmartAccount: 'SmartAccount.sol',
  SmartAccountFactory: 'SmartAccount.sol',
  PlainToken: 'PlainToken.sol',
  Relay: 'Relay.sol',
  X402ExactProxy: 'X402Proxies.sol',
  X402UptoProxy: 'X402Proxies.sol',
}
type ContractName = keyof typeof sources
const sourceFiles = [...new Set(Object.values(sources))]
const openZeppelin = '@openzeppelin/contracts'

/** Where an npm package lives, wherever the installer hoisted it. */
const folderOf = (name: string): string => dirname(createRequire(import.meta.url).resolve(`${name}/package.json`))

const Hex = z.templateLiteral(['0x', z.string().regex(/^[0-9a-f]+$/)])
const CompiledContracts = z.record(z.enum(Object.keys(sources) as ContractName[]), Hex)
const CompilerOutput = z.object({
  errors: z.array(z.object({ severity: z.string(), formattedMessage: z.string() })).optional(),
  contracts: z
    .record(
      z.string(),
      z.record(z.string(), z.object({ evm: z.object({ bytecode: z.object({ object: z.string() }) }) })),
    )
    .optional(),
})

/** Bytecode that deploys each contract of this folder. */
export type CompiledContracts = z.infer<typeof CompiledContracts>

/**
 * Compiles the contracts of this folder with solc, in this process.
 *
 * solc takes seconds, so the result is kept in `.cache/` under the hash of all that decides it: the sources, the
 * settings, and the versions of solc and OpenZeppelin.
 *
 * @returns The bytecode that deploys each contract.
 * @throws When solc reports an error; the message is solc's own.
 */
export async function compileContracts(): Promise<CompiledContracts> {
  const input = {
    language: 'Solidity',
    sources: Object.fromEntries(sourceFiles.map((file) => [file, { content: readFileSync(join(here, file), 'utf8') }])),
    settings: {
      evmVersion: 'cancun',
      optimizer: { enabled: true, runs: 200 },
      outputSelection: { '*': { '*': ['evm.bytecode.object'] } },
    },
  }
  const versions = await Promise.all(
    ['solc', openZeppelin].map((name) => readFile(join(folderOf(name), 'package.json'), 'utf8')),
  )
  const key = createHash('sha256')
    .update(JSON.stringify([input, versions]))
    .digest('hex')
    .slice(0, 16)
  const cacheFile = join(cacheFolder, `contracts-${key}.json`)

  const cached = await readFile(cacheFile, 'utf8').catch(() => undefined)
  if (cached !== undefined) return CompiledContracts.parse(JSON.parse(cached))

  const compiled = await runSolc(JSON.stringify(input))
  await mkdir(cacheFolder, { recursive: true })
  // Written aside and renamed: test files run at the same time, and none may read half a file.
  const draft = `${cacheFile}.${randomUUID()}`
  await writeFile(draft, JSON.stringify(compiled))
  await rename(draft, cacheFile)
  return compiled
}

async function runSolc(input: string): Promise<CompiledContracts> {
  const solc = await loadSolc()
  const output = CompilerOutput.parse(JSON.parse(String(solc.compile(input, { import: readImport }))))
  const failures = output.errors?.filter((error) => error.severity === 'error') ?? []
  if (failures.length > 0) throw new Error(failures.map((failure) => failure.formattedMessage).join('\n'))
  const compiled = Object.entries(sources).map(([name, file]) => [
    name,
    `0x${output.contracts?.[file]?.[name]?.evm.bytecode.object}`,
  ])
  return CompiledContracts.parse(Object.fromEntries(compiled))
}

/** Loads solc without the `unhandledRejection` listener it leaves on the process, which would change how tests fail. */
async function loadSolc() {
  const before = process.listeners('unhandledRejection')
  const { default: solc } = await import('solc')
  for (const listener of process.listeners('unhandledRejection')) {
    if (!before.includes(listener)) process.removeListener('unhandledRejection', listener)
  }
  return solc
}

/** solc resolves relative imports itself, so every path that reaches us begins with the package's name. */
function readImport(path: string): { contents: string } | { error: string } {
  if (!path.startsWith(`${openZeppelin}/`)) return { error: `only ${openZeppelin} may be imported, not ${path}` }
  return { contents: readFileSync(join(folderOf(openZeppelin), path.slice(openZeppelin.length)), 'utf8') }
}
