import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const page = readFileSync('docs/errors.md', 'utf8')
const anchors = new Set([...page.matchAll(/^### ([A-Z][A-Z_]+)$/gm)].map(([, code]) => code))

/** Every code in the sources: members of a union of codes, and codes given to an error where it is made. */
function collectCodes(): Set<string> {
  const codes = new Set<string>()
  for (const folder of ['src', 'schemes']) {
    for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      if (!file.endsWith('.ts')) continue
      const source = readFileSync(join(folder, file), 'utf8')
      for (const [union] of source.matchAll(/type \w*(?:Error|Warning)Code =[^\n]*(?:\n {2}\|[^\n]*)*/g)) {
        for (const [, code] of union.matchAll(/'([A-Z][A-Z_]+)'/g)) codes.add(code ?? '')
      }
      for (const [, code] of source.matchAll(/code: '([A-Z][A-Z_]+)'/g)) codes.add(code ?? '')
    }
  }
  return codes
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
