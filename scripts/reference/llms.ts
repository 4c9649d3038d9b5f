import { readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { entries } from '../../tsup.config.js'
import { ABOUT, toPageName, toSpecifier } from './model.js'

/** An item of a list in `docs/README.md`: what its reader wants to do, then the pages. */
const ITEM = /^- (.+?): (\[.*)$/

/** Writes `llms.txt`, as llmstxt.org has it: what README says first, its first program, and a line for each page. */
export function writeLlms(): string {
  const readme = readFileSync('README.md', 'utf8')
  const [, title = '', about = '', promise = '', program = ''] = readIntroduction(readme)
  return `${[
    `# ${title}`,
    `> ${promise}`,
    about,
    `The first program, which runs as it is, without a key, money or a network:\n\n${program}`,
    ...listPages(readFileSync('docs/README.md', 'utf8')),
    ['## Reference', '', ...listEntries()].join('\n'),
  ].join('\n\n')}\n`
}

function readIntroduction(readme: string): RegExpExecArray {
  const found = /^# (.+)\n\n([^>]+?)\n\n> \*\*(.+?)\*\*\n\n(```ts\n[\s\S]*?\n```)/.exec(readme)
  if (found === null) throw new Error('README.md must begin with a title, a paragraph, a promise and a program.')
  return found
}

/** A section for each list, with a line for each page that the list leads to. */
function listPages(index: string): string[] {
  return index.split(/^(?=## )/m).flatMap((section) => {
    const [heading = '', ...lines] = section.trim().split('\n')
    const pages = lines.flatMap(toLines)
    return pages.length === 0 ? [] : [[heading, '', ...pages].join('\n')]
  })
}

function toLines(line: string): string[] {
  const [, purpose = '', links = ''] = ITEM.exec(line) ?? []
  return [...links.matchAll(/\[([^\]]+)\]\(([^)]+)\)/g)].map(
    ([, title = '', link = '']) => `- [${title}](${posix.join('docs', link)}): ${purpose}`,
  )
}

function listEntries(): string[] {
  return Object.keys(entries).map(
    (entry) => `- [${toSpecifier(entry)}](docs/reference/${toPageName(entry)}.md): ${ABOUT[entry] ?? ''}`,
  )
}
