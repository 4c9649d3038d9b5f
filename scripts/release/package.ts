import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, normalize } from 'node:path'

/** What is published, and what it depends on. */
type Manifest = {
  readonly name: string
  readonly version: string
  readonly license: string
  readonly dependencies: Readonly<Record<string, string>>
  readonly exports: unknown
}

type Locked = { readonly dependencies?: Readonly<Record<string, string>> }

/**
 * Packs the package as npm would, and lets npm go through a publication without one.
 *
 * @returns How many files it has.
 * @throws When a file that `exports` names isn't packed, or npm refuses.
 */
export function rehearsePublication(root: string): number {
  const [packed]: [{ files: { path: string }[] }] = JSON.parse(npm(root, ['pack', '--dry-run', '--json', '--silent']))
  const paths = packed.files.map(({ path }) => path)
  const lacking = listFiles(readManifest(root).exports).filter((file) => !paths.includes(normalize(file)))
  if (lacking.length > 0) throw new Error(`The package lacks what it exports: ${lacking.join(', ')}. Was it built?`)
  // It asks the registry which versions there are, and goes on where none responds: once is enough.
  npm(root, ['publish', '--dry-run', '--silent', '--fetch-retries=0'])
  return paths.length
}

/**
 * Lists what the package brings along, by `npm sbom`, which takes a lock file, or a tree that is whole. Neither is here: so it is given a lock
 * file of what the package depends on, from npm's own note on what it installed.
 *
 * @param modules - A folder `node_modules` that npm filled.
 * @returns A bill of materials, as CycloneDX has it.
 */
export function createSbom(root: string, modules: string): string {
  const { name, version, license, dependencies } = readManifest(root)
  const note = join(modules, '.package-lock.json')
  if (!existsSync(note)) throw new Error('`npm install` has not been run: npm has no note of what it installed.')
  const installed: Record<string, Locked> = JSON.parse(readFileSync(note, 'utf8')).packages
  const own = { name, version, license, dependencies }
  const packages = { '': own, ...collect(installed, dependencies) }
  const outer = mkdtempSync(join(tmpdir(), 'pay402-sbom-'))
  // npm calls what it lists by the name of the folder.
  const folder = join(outer, name)
  try {
    mkdirSync(folder)
    writeFileSync(join(folder, 'package.json'), JSON.stringify(own))
    writeFileSync(join(folder, 'package-lock.json'), JSON.stringify({ name, version, lockfileVersion: 3, packages }))
    return npm(folder, ['sbom', '--package-lock-only', '--sbom-format', 'cyclonedx', '--sbom-type', 'library'])
  } finally {
    rmSync(outer, { recursive: true })
  }
}

/** What is installed of some dependencies, and of theirs. */
function collect(installed: Readonly<Record<string, Locked>>, names: object): Record<string, Locked> {
  const found: Record<string, Locked> = {}
  const open = Object.keys(names)
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const path = `node_modules/${name}`
    const one = installed[path]
    if (one === undefined) throw new Error(`${name} isn't installed: run \`npm install\`.`)
    if (found[path] !== undefined) continue
    found[path] = one
    open.push(...Object.keys(one.dependencies ?? {}))
  }
  return found
}

function readManifest(root: string): Manifest {
  return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
}

function listFiles(exported: unknown): string[] {
  if (typeof exported === 'string') return [exported]
  return Object.values(exported ?? {}).flatMap(listFiles)
}

function npm(cwd: string, args: readonly string[]): string {
  return execFileSync('npm', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
}
