import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { listMissing, readOwner } from './owner.js'
import { createSbom, rehearsePublication } from './package.js'
import { RELEASED_FILES, type Texts, writeTexts } from './texts.js'

/** What is released, and how. */
export type Release = {
  /** The root of the repository. */
  readonly root: string
  readonly version: string
  /** The command that must pass first, for a shell. */
  readonly checks: string
  /** Does everything in a clone, which is removed, and changes nothing here. */
  readonly isRehearsal: boolean
  /** Such as `2026-01-31`. */
  readonly date: string
  /** Is told a line for each step. */
  readonly tell: (line: string) => void
}

/** Where the bill of materials is put. */
const SBOM = '.cache/release/sbom.cdx.json'

/**
 * Does everything up to publishing. What it writes is kept only if nothing is missing.
 *
 * @returns What is missing, in sentences; none when it is ready to be published.
 * @throws When it can't begin or a step fails; then no file is changed.
 */
export function release(given: Release): string[] {
  const { root, isRehearsal, tell } = given
  const hindrances = listHindrances(given)
  if (!isRehearsal && hindrances.length > 0) throw new Error(hindrances.join('\n'))
  const place = isRehearsal ? clone(root) : root
  try {
    const missing = [...hindrances, ...prepare({ ...given, root: place }, join(root, 'node_modules'))]
    for (const line of missing) tell(`missing: ${line}`)
    if (missing.length === 0) for (const line of toNext(given)) tell(line)
    return missing
  } finally {
    if (isRehearsal) rmSync(place, { recursive: true, force: true, maxRetries: 3 })
  }
}

/** Runs the checks, writes, packs and lists; takes back what it wrote unless all is there. */
function prepare({ root, version, checks, date, isRehearsal, tell }: Release, modules: string): string[] {
  tell(`checks: ${checks}`)
  const { status } = spawnSync(checks, { cwd: root, shell: true, stdio: 'inherit' })
  if (status !== 0) throw new Error('The checks failed. Nothing was changed.')

  const owner = readOwner(readFileSync(join(root, 'owner.json'), 'utf8'))
  const missing = listMissing(owner)
  const before = readTexts(root)
  const after = writeTexts(before, version, date, owner)
  let isKept = false
  try {
    putTexts(root, after)
    tell(`written: ${RELEASED_FILES.join(', ')}`)
    tell(`npm publish --dry-run: ${rehearsePublication(root)} files`)
    const ownModules = join(root, 'node_modules')
    const sbom = createSbom(root, existsSync(ownModules) ? ownModules : modules)
    mkdirSync(join(root, '.cache/release'), { recursive: true })
    writeFileSync(join(root, SBOM), sbom)
    tell(
      `bill of materials: ${JSON.parse(sbom).components.length} package(s) that come along${isRehearsal ? '' : `, in ${SBOM}`}`,
    )
    isKept = missing.length === 0
  } finally {
    if (!isKept) putTexts(root, before)
  }
  return missing
}

function listHindrances({ root, version }: Release): string[] {
  const current: string = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version
  if (!/^\d+\.\d+\.\d+$/.test(version))
    throw new Error(`"${version}" is no version: it must be three numbers, such as 0.1.0.`)
  if (compare(version, current) < 0) throw new Error(`${version} is before ${current}, which package.json has.`)
  if (git(root, 'tag', '--list', `v${version}`) !== '') throw new Error(`v${version} is tagged: it has been released.`)
  const branch = git(root, 'branch', '--show-current')
  return [
    ...(branch === 'main' ? [] : [`A release is made on main, and this is ${branch === '' ? 'no branch' : branch}.`]),
    ...(git(root, 'status', '--porcelain') === '' ? [] : ['The tree has changes that are not committed.']),
  ]
}

/** Which of two versions is the later one: positive if the first is. */
function compare(one: string, other: string): number {
  const numbers = other.split('.').map(Number)
  return (
    one
      .split('.')
      .map((part, at) => Number(part) - (numbers[at] ?? 0))
      .find((difference) => difference !== 0) ?? 0
  )
}

function toNext({ version, isRehearsal }: Release): string[] {
  if (isRehearsal) return [`Rehearsed: ${version} can be released. Nothing was changed.`]
  return [
    `Ready: ${version} can be published. What comes next is yours:`,
    '  git diff',
    `  git commit --all --message 'Released ${version}'`,
    `  git tag v${version}`,
    `  git push origin main v${version}`,
    '  npm publish',
    `Attach ${SBOM} to the release. docs/getting-started.md says how to install from a clone: change that once it is published.`,
  ]
}

function clone(root: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'pay402-release-'))
  git(root, 'clone', '--quiet', '--no-hardlinks', root, folder)
  return folder
}

function readTexts(root: string): Texts {
  const read = (file: string) => readFileSync(join(root, file), 'utf8')
  return {
    'package.json': read('package.json'),
    'CHANGELOG.md': read('CHANGELOG.md'),
    'README.md': read('README.md'),
    'SECURITY.md': read('SECURITY.md'),
    'docs/getting-started.md': read('docs/getting-started.md'),
  }
}

function putTexts(root: string, texts: Texts): void {
  for (const file of RELEASED_FILES) writeFileSync(join(root, file), texts[file])
}

function git(cwd: string, ...args: string[]): string {
  return execFileSync('git', args, { cwd, encoding: 'utf8' }).trim()
}
