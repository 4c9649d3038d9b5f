import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const page = readFileSync('docs/errors.md', 'utf8')
const anchors = new Set([...page.matchAll(/^### ([A-Z][A-Z_]+)$/gm)].map(([, code]) => code))

/** Every code in the sources: members of a union of codes, and codes given to an error where it is made. */
function collectCodes(): Set<string> {
  const files = ['src', 'schemes'].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file)),
  )
  return new Set(files.filter((file) => file.endsWith('.ts')).flatMap((file) => codesOf(readFileSync(file, 'utf8'))))
}

function codesOf(source: string): string[] {
  const unions = [...source.matchAll(/type \w*(?:Error|Warning)Code =[^\n]*(?:\n {2}\|[^\n]*)*/g)].map(
    ([union]) => union,
  )
  const members = unions.flatMap((union) => [...union.matchAll(/'([A-Z][A-Z_]+)'/g)])
  const given = [...source.matchAll(/code: '([A-Z][A-Z_]+)'/g)]
  return [...members, ...given].map(([, code]) => code ?? '')
}

it('docs/errors.md: has a place for every code', () => {
  expect([...collectCodes()].filter((code) => !anchors.has(code))).toEqual([])
})

it('docs/errors.md: has no place without a code', () => {
  const codes = collectCodes()
  expect(codes.size).toBeGreaterThan(50)
  expect([...anchors].filter((code) => code !== undefined && !codes.has(code))).toEqual([])
})

it('docs/errors.md: names each code once', () => {
  const all = [...page.matchAll(/^### ([A-Z][A-Z_]+)$/gm)].map(([, code]) => code)
  expect(all).toEqual([...anchors])
})
