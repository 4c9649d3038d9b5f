import type { Owner } from './owner.js'

/** What a release writes, from the texts as they are. */
export type Texts = Readonly<Record<(typeof RELEASED_FILES)[number], string>>

/** Every file that names the version, or an address of the owner's. */
export const RELEASED_FILES = [
  'package.json',
  'CHANGELOG.md',
  'README.md',
  'SECURITY.md',
  'docs/getting-started.md',
] as const

/**
 * Writes the version, the date and the owner's addresses where they belong.
 *
 * @param date - Such as `2026-01-31`.
 * @throws When a text lacks the place, or the changelog says nothing of this version.
 */
export function writeTexts(texts: Texts, version: string, date: string, owner: Owner): Texts {
  return {
    'package.json': writeManifest(texts['package.json'], version, owner),
    'CHANGELOG.md': writeChangelog(texts['CHANGELOG.md'], version, date),
    'README.md': put(
      'README.md',
      texts['README.md'],
      /\bVersion \d[\d.]*\d(?:, not released yet)?\./,
      `Version ${version}.`,
    ),
    'SECURITY.md': writeSecurity(texts['SECURITY.md'], owner),
    'docs/getting-started.md': put(
      'docs/getting-started.md',
      texts['docs/getting-started.md'],
      /\bpay402-\d[\d.]*\d\.tgz/,
      `pay402-${version}.tgz`,
    ),
  }
}

/** The owner's addresses follow the author, where npm's own pages list them. */
function writeManifest(text: string, version: string, { repository, homepage, bugs }: Owner): string {
  const { repository: _repository, homepage: _homepage, bugs: _bugs, ...rest } = JSON.parse(text)
  const given = {
    ...(homepage !== undefined && { homepage }),
    ...(repository !== undefined && { repository: { type: 'git', url: `git+${repository}` } }),
    ...(bugs !== undefined && {
      bugs: bugs.startsWith('mailto:') ? { email: bugs.slice('mailto:'.length) } : { url: bugs },
    }),
  }
  const fields = Object.entries({ ...rest, version }).flatMap((field) =>
    field[0] === 'author' ? [field, ...Object.entries(given)] : [field],
  )
  return `${JSON.stringify(Object.fromEntries(fields), undefined, 2)}\n`
}

function writeChangelog(text: string, version: string, date: string): string {
  const [, entries] = /^## \[Unreleased\]\n([\s\S]*?)(?=^## \[|$(?![\s\S]))/m.exec(text) ?? []
  if (entries === undefined) throw new Error('CHANGELOG.md has no section "## [Unreleased]".')
  if (!/^- /m.test(entries))
    throw new Error('CHANGELOG.md has nothing under "Unreleased": there is nothing to release.')
  if (text.includes(`\n## [${version}]`)) throw new Error(`CHANGELOG.md has a section for ${version} already.`)
  return text.replace('## [Unreleased]\n', `## [Unreleased]\n\n## [${version}] - ${date}\n`)
}

function writeSecurity(text: string, { advisories }: Owner): string {
  if (advisories === undefined) return text
  const sentence = `Write a private advisory at <${advisories}>, not an issue.`
  return put('SECURITY.md', text, /Write a private advisory [^\n]*?, not an issue\./, sentence)
}

function put(file: string, text: string, place: RegExp, words: string): string {
  if (!place.test(text)) throw new Error(`${file} has no place for "${words}".`)
  return text.replace(place, () => words)
}
