import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { root } from './examples.js'

/** What a reader reads in one sitting, code included, as `wc -w` counts. */
const MOST_OF_ONE = 1_500

/** What all of it may come to, without what is fenced. */
const MOST_OF_ALL = 25_200

/** Pages that a program writes. */
const isGenerated = (page: string) =>
  page === 'docs/errors.md' || page === 'docs/runtimes.md' || page.startsWith('docs/reference/')

const pages = [
  'README.md',
  'SECURITY.md',
  'CONTRIBUTING.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => join('docs', file)),
].filter((page) => !isGenerated(page))

const read = (page: string) => readFileSync(join(root, page), 'utf8')

/** Counts as `wc -w` does: what stands between white space. */
function countWords(text: string): number {
  return text.split(/\s+/).filter((word) => word !== '').length
}

/** A page without its fenced blocks, however long their fences are. */
function withoutBlocks(text: string): string {
  return text.replace(/^[ \t]*(`{3,})[^`\n]*\n[\s\S]*?^[ \t]*\1[ \t]*$/gm, '')
}

it('finds the pages that are written by hand, and no other', () => {
  expect(pages).toEqual(expect.arrayContaining(['README.md', 'docs/README.md', 'docs/guides/testing.md']))
  expect(pages.filter((page) => /errors\.md|runtimes\.md|reference/.test(page))).toEqual([])
})

it('counts words with and without what is fenced', () => {
  const text = '# Two words\n\n```ts\nconst a = 1\n```\n\n````md\n```ts\nb\n```\n````\n\nand | four | more\n'
  expect([countWords(text), countWords(withoutBlocks(text))]).toEqual([19, 8])
})

it(`no page has more than ${MOST_OF_ONE} words`, () => {
  const counted = pages.map((page) => ({ page, words: countWords(read(page)) }))
  const over = counted.filter(({ words }) => words > MOST_OF_ONE).map(({ page, words }) => `${page}: ${words}`)
  expect(over).toEqual([])
})

it(`all pages together have no more than ${MOST_OF_ALL} words outside of blocks`, () => {
  const counted = pages.map((page) => ({ page, words: countWords(withoutBlocks(read(page))) }))
  const sum = counted.reduce((total, { words }) => total + words, 0)
  // Which pages to cut, where it is too much.
  const longest = counted.sort((a, b) => b.words - a.words).map(({ page, words }) => `${page}: ${words}`)
  expect(sum, `all pages have ${sum} words\n${longest.join('\n')}`).toBeLessThanOrEqual(MOST_OF_ALL)
})
