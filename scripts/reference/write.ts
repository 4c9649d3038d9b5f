import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { entries } from '../../tsup.config.js'
import { writeErrorsPage } from './errors-page.js'
import { writeLlms } from './llms.js'
import { ABOUT, readModel, toPageName, toSpecifier } from './model.js'

/** Writes every generated page under a folder that stands for the root of the repository; a test compares them with those that are there. */
export async function writeReference(root: string): Promise<string[]> {
  const pages = { ...(await writeApiPages()), 'docs/errors.md': await writeErrorsPage(), 'llms.txt': writeLlms() }
  mkdirSync(join(root, 'docs/reference'), { recursive: true })
  for (const [path, text] of Object.entries(pages)) writeFileSync(join(root, path), text)
  return Object.keys(pages)
}

async function writeApiPages(): Promise<Record<string, string>> {
  const { app, project } = await readModel()
  const folder = mkdtempSync(join(tmpdir(), 'pay402-reference-'))
  try {
    await app.outputs.writeOutput({ name: 'markdown', path: folder }, project)
    const names = Object.keys(entries)
    const pages: Record<string, string> = Object.fromEntries(
      names.map((entry) => {
        const file = `${toPageName(entry)}.md`
        return [file, finish(entry, readFileSync(join(folder, file), 'utf8'))]
      }),
    )
    const mended = Object.entries(pages).map(([file, text]) => [`docs/reference/${file}`, mendLinks(file, text, pages)])
    return { ...Object.fromEntries(mended), 'docs/reference/README.md': writeIndex() }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Gives a page its title, and takes out what only repeats. */
function finish(entry: string, page: string): string {
  const body = page
    .replace(/^# .*\n/, '')
    .replace(/^\*\*\*\n\n/gm, '')
    .replace(/^#+ (?:Overrides|Implementation of|Inherited from)\n\n.*\n\n?/gm, '')
    .replace(/<a id="[^"]*"><\/a> /g, '')
    .trim()
  return `# ${toSpecifier(entry)}\n\n<!-- Made by \`npm run reference\` from the comments of the sources: change it there. -->\n\n${body}\n`
}

/** Leads a link to the type that it names; a link to what has no heading of its own, such as a row of a table, becomes text. */
function mendLinks(file: string, text: string, pages: Readonly<Record<string, string>>): string {
  return text.replace(
    /\[((?:[^[\]]|\\[[\]])+)\]\(([\w-]+\.md)?#([\w-]+)\)/g,
    (_, label: string, page: string | undefined, anchor: string) => {
      const headings = [...(pages[page ?? file] ?? '').matchAll(/^### (.*)$/gm)].map(([, heading = '']) =>
        toAnchor(heading),
      )
      const found = [anchor, anchor.replace(/-\d+$/, '')].find((name) => headings.includes(name))
      return found === undefined ? label : `[${label}](${page ?? ''}#${found})`
    },
  )
}

/** As GitHub makes it of a heading. */
function toAnchor(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}_\- ]/gu, '')
    .replaceAll(' ', '-')
}

function writeIndex(): string {
  const rows = Object.keys(entries).map(
    (entry) => `| [\`${toSpecifier(entry)}\`](${toPageName(entry)}.md) | ${ABOUT[entry] ?? ''} |`,
  )
  return `${[
    '# Reference',
    '<!-- Made by `npm run reference`. -->',
    'Every name that you can import, one page for each entry of the package, with every option, its type and its default. The [pages](../README.md) say what to decide.',
    ['| import from | what it has |', '| --- | --- |', ...rows].join('\n'),
    'Codes of errors and warnings are on a page of their own: [Errors](../errors.md).',
  ].join('\n\n')}\n`
}
