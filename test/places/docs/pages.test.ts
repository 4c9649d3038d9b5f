import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { describe, expect, it } from 'vitest'
import { root } from './examples.js'

const index = 'docs/README.md'
const guides = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.md'))
  .map((file) => join('docs', file))
const pages = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md', ...guides]

const read = (page: string) => readFileSync(join(root, page), 'utf8')

/** Where a page leads to in the repository: from its own folder, without what is on the web. */
function readLinks(page: string): { link: string; file: string; heading: string }[] {
  return [...read(page).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link = '']) => link)
    .filter((link) => !/^[a-z]+:/.test(link))
    .map((link) => {
      const [path = '', heading = ''] = link.split('#')
      return { link, file: path === '' ? page : normalize(join(dirname(page), path)), heading }
    })
}

/** The anchors that GitHub gives to the headings of a page. */
function readAnchors(page: string): string[] {
  const prose = read(page).replace(/^```.*?^```/gms, '')
  return [...prose.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_\- ]/gu, '')
      .replaceAll(' ', '-'),
  )
}

it(`${index}: lists every page`, () => {
  const listed = readLinks(index).map(({ file }) => file)
  // The reference has an index of its own.
  const pages = guides.filter((page) => page !== index && !/^docs\/reference\/(?!README)/.test(page))
  const missing = pages.filter((page) => !listed.includes(page))
  expect(missing).toEqual([])
})

describe.each(pages)('%s', (page) => {
  it('leads only to files that exist, and to headings that they have', () => {
    const broken = readLinks(page).filter(({ file, heading }) => {
      if (!existsSync(join(root, file))) return true
      return heading !== '' && !readAnchors(file).includes(heading)
    })
    expect(broken.map(({ link }) => link)).toEqual([])
  })
})
