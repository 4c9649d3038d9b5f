import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { listMissing, readOwner } from '../../../scripts/release/owner.js'
import { RELEASED_FILES } from '../../../scripts/release/texts.js'

/** In place of the checks, which take minutes: what the other packaging tests built. */
const BUILT = `cp -r '${resolve('dist')}' dist`
const OWNER = {
  repository: 'https://git.example/pay402.git',
  homepage: 'https://pay402.example',
  bugs: 'https://git.example/pay402/issues',
  advisories: 'https://git.example/pay402/advisories/new',
}
const MISSING = ['repository', 'homepage', 'bugs', 'advisories']

let root = ''

/** Each starts npm several times. */
const patience = { timeout: 300_000 }

describe('npm run release', patience, () => {
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'pay402-clone-'))
    execFileSync('git', ['clone', '--quiet', '--no-hardlinks', resolve('.'), root])
    git('checkout', '--quiet', '-B', 'main')
    // What git tidies in the background would still write while the clone is removed.
    git('config', 'gc.auto', '0')
    git('config', 'maintenance.auto', 'false')
    git('config', 'user.name', 'A test')
    git('config', 'user.email', 'test@pay402.example')
    // What is released is what is here, committed or not.
    for (const file of [...RELEASED_FILES, 'llms.txt', 'owner.json']) cpSync(file, join(root, file))
    // Just after a release nothing is unreleased.
    const [before = '', after = ''] = read('CHANGELOG.md').split('## [Unreleased]\n')
    writeFileSync(
      join(root, 'CHANGELOG.md'),
      `${before}## [Unreleased]\n\n### Added\n\n- What a test released.\n${after}`,
    )
    // A link isn't the folder that .gitignore names.
    writeFileSync(join(root, '.git/info/exclude'), 'node_modules\n')
    symlinkSync(resolve('node_modules'), join(root, 'node_modules'), 'dir')
    writeFileSync(join(root, 'owner.json'), JSON.stringify(Object.fromEntries(MISSING.map((name) => [name, null]))))
    commit()
  })
  afterEach(() => rmSync(root, { recursive: true }))

  it('names each address that the owner has not given, does all else, and keeps no change', () => {
    const { status, told } = release('9.0.0')
    expect(status).toBe(1)
    for (const name of MISSING) expect(told).toContain(`missing: owner.json lacks "${name}"`)
    expect(told).toMatch(/npm publish --dry-run: \d{3} files/)
    expect(told).toMatch(/bill of materials: 1 package/)
    expect(told).not.toContain('npm publish\n')
    expect(git('status', '--porcelain')).toBe('')
  })

  it('writes the version, the date and the addresses where they belong, and lists what comes next', () => {
    giveOwner()
    const head = git('rev-parse', 'HEAD')
    const { status, told } = release('9.0.0')
    expect(told).toContain('Ready: 9.0.0 can be published.')
    expect(status).toBe(0)
    const { homepage, repository, bugs, advisories } = OWNER
    const manifest = JSON.parse(read('package.json'))
    expect(manifest).toMatchObject({
      version: '9.0.0',
      homepage,
      bugs: { url: bugs },
      repository: { url: `git+${repository}` },
    })
    expect(read('CHANGELOG.md')).toMatch(/^## \[Unreleased\]\n\n## \[9\.0\.0\] - \d{4}-\d\d-\d\d\n/m)
    expect(read('README.md')).toContain('Version 9.0.0. It runs')
    expect(read('docs/getting-started.md')).toContain('pay402-9.0.0.tgz')
    expect(read('SECURITY.md')).toContain(`Write a private advisory at <${advisories}>, not an issue.`)
    // It commits, tags and publishes nothing.
    expect([git('rev-parse', 'HEAD'), git('tag')]).toEqual([head, ''])
    for (const step of ['git commit', 'git tag v9.0.0', 'npm publish']) expect(told).toContain(`\n  ${step}`)
    const changed = git('diff', '--name-only').split('\n')
    expect(changed.sort()).toEqual([...RELEASED_FILES].sort())
  })

  it('lists in CycloneDX what the package brings along, with its version', () => {
    giveOwner()
    release('9.0.0')
    const sbom = JSON.parse(read('.cache/release/sbom.cdx.json'))
    expect(sbom.bomFormat).toBe('CycloneDX')
    expect(sbom.metadata.component).toMatchObject({ name: 'pay402', version: '9.0.0' })
    const { dependencies } = JSON.parse(read('package.json'))
    const listed = sbom.components.map(({ name, version }: { name: string; version: string }) => [name, version])
    expect(listed).toEqual(Object.entries(dependencies))
  })

  it('writes a version once, and releases nothing twice', () => {
    giveOwner()
    release('9.0.0')
    commit()
    expect(release('9.0.0').told).toContain('nothing under "Unreleased"')
    git('tag', 'v9.0.0')
    expect(release('9.0.0').told).toContain('v9.0.0 is tagged')
    expect(release('8.0.0').told).toContain('8.0.0 is before 9.0.0')
  })

  it('--rehearse does the same in a clone, and changes nothing', () => {
    giveOwner()
    const { status, told } = release('9.0.0', '--rehearse')
    expect(told).toContain('Rehearsed: 9.0.0 can be released.')
    expect(told).toMatch(/npm publish --dry-run: \d{3} files/)
    expect(status).toBe(0)
    expect(git('status', '--porcelain', '--ignored', '--', '.', ':!node_modules')).toBe('')
  })

  it('--rehearse goes through all of it on another branch, and says that a release is made on main', () => {
    git('checkout', '--quiet', '-b', 'work')
    const { status, told } = release('9.0.0', '--rehearse')
    expect(status).toBe(1)
    expect(told).toContain('missing: A release is made on main, and this is work.')
    expect(told).toMatch(/npm publish --dry-run: \d{3} files/)
  })

  it.each([
    ['off main', () => git('checkout', '--quiet', '-b', 'work'), '9.0.0', BUILT, 'A release is made on main'],
    ['with changes', () => writeFileSync(join(root, 'new.txt'), ''), '9.0.0', BUILT, 'changes that are not committed'],
    ['of what is no version', () => undefined, '9.0', BUILT, '"9.0" is no version'],
    ['whose checks fail', () => undefined, '9.0.0', 'exit 3', 'The checks failed'],
    ['that was not built', () => undefined, '9.0.0', 'true', 'Was it built?'],
  ])('refuses a release %s, and changes nothing', (_what, prepare, version, checks, words) => {
    giveOwner()
    prepare()
    const before = git('status', '--porcelain')
    const { status, told } = release(version, '--checks', checks)
    expect(told).toContain(words)
    expect(status).toBe(1)
    expect(git('status', '--porcelain')).toBe(before)
  })
})

describe('owner.json', () => {
  it('is asked for what is missing, place by place', () => {
    expect(listMissing(readOwner('{}'))).toHaveLength(MISSING.length)
    expect(listMissing(readOwner(JSON.stringify(OWNER)))).toEqual([])
  })

  it.each([
    ['{ "repository": "github:me/pay402" }', '"repository" must be null, or begin with https://'],
    ['{ "bugs": 7 }', '"bugs" must be null'],
    ['{ "advisory": "https://git.example" }', 'has "advisory"'],
  ])('%s is refused', (text, words) => {
    expect(() => readOwner(text)).toThrow(words)
  })

  it('has every address that package.json has: nothing was made up', () => {
    const owner = readOwner(readFileSync('owner.json', 'utf8'))
    const { repository, homepage, bugs } = JSON.parse(readFileSync('package.json', 'utf8'))
    const written = { repository: repository?.url.replace(/^git\+/, ''), homepage, bugs: bugs?.url }
    const given = Object.entries(written).filter(([, address]) => address !== undefined)
    expect(owner).toMatchObject(Object.fromEntries(given))
  })
})

function release(version: string, ...more: string[]): { status: number | null; told: string } {
  const checks = more.includes('--checks') ? [] : ['--checks', BUILT]
  const own = ['--tsconfig', resolve('test/tsconfig.json'), resolve('scripts/release/main.ts')]
  const args = [resolve('node_modules/tsx/dist/cli.mjs'), ...own, version, ...checks, ...more]
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' })
  return { status, told: `${stdout}${stderr}` }
}

function giveOwner(): void {
  writeFileSync(join(root, 'owner.json'), JSON.stringify(OWNER))
  commit()
}

function commit(): void {
  git('add', '--all')
  git('commit', '--quiet', '--allow-empty', '--message', 'What is released')
}

function read(file: string): string {
  return readFileSync(join(root, file), 'utf8')
}

function git(...args: string[]): string {
  return execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim()
}
