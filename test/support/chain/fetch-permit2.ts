import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { type Hex, keccak256 } from 'viem'
import { z } from 'zod'

const run = promisify(execFile)
const cacheFolder = join(dirname(fileURLToPath(import.meta.url)), '../../../.cache')

/** The npm package that has the code of Permit2 as it is on Ethereum. It isn't installed, since it brings a hundred others. */
const holder = '@1inch/solidity-utils@6.9.16'

/** Keccak-256 of what that version of the package holds. */
const codeHash = '0x463331fa7a0d5f07488e42c37b461bb56a822145c161a821fbafe7d4e916b546'

const Holder = z.object({ bytecode: z.templateLiteral(['0x', z.string().regex(/^[0-9a-f]+$/)]) })

/**
 * The deployed code of Permit2, from npm the first time and from `.cache/` after that.
 *
 * @throws When npm can't be reached, or what it has is another code.
 */
export async function fetchPermit2(): Promise<Hex> {
  const cacheFile = join(cacheFolder, `permit2-${codeHash.slice(2, 18)}.hex`)
  const cached = await readFile(cacheFile, 'utf8').catch(() => undefined)
  if (cached !== undefined) return assertCode(cached)
  const code = assertCode(await download())
  await mkdir(cacheFolder, { recursive: true })
  // Written aside and renamed: test files run at the same time, and none may read half a file.
  const draft = `${cacheFile}.${randomUUID()}`
  await writeFile(draft, code)
  await rename(draft, cacheFile)
  return code
}

async function download(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'pay402-permit2-'))
  try {
    await run('npm', ['pack', holder, '--silent', '--pack-destination', folder], { cwd: folder, timeout: 60_000 })
    const [archive] = holder.slice(1).split('@')
    const file = `${archive?.replace('/', '-')}-${holder.split('@').at(-1)}.tgz`
    await run('tar', ['xzf', file, 'package/dist/src/permit2.json'], { cwd: folder })
    return Holder.parse(JSON.parse(await readFile(join(folder, 'package/dist/src/permit2.json'), 'utf8'))).bytecode
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function assertCode(code: string): Hex {
  const hex = z.templateLiteral(['0x', z.string()]).parse(code)
  if (keccak256(hex) !== codeHash) throw new Error(`${holder} holds another code than it did`)
  return hex
}
